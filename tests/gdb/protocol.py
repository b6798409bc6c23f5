#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The remote serial protocol of `ccasim boot --gdb`, packet by packet, and what no debugger would send. TAP.

usage: protocol.py CCASIM IMAGES
"""
import os
import random
import re
import socket
import struct
import subprocess
import sys
from xml.etree import ElementTree

from remote import Boot, Remote, check, done, equal

CCASIM, IMAGES = sys.argv[1:3]
HYPERVISOR, SPIN = (os.path.join(IMAGES, n + ".elf") for n in ("hypervisor", "spin"))
BASE = 0x88000000  # where the images begin
UART = 0x1c090000


def symbol(image, name):
    out = subprocess.run(["aarch64-linux-gnu-nm", image], capture_output=True, text=True, check=True).stdout
    return int(re.search(rf"^([0-9a-f]+) \w {name}$", out, re.M)[1], 16)


def loaded(image, size):
    """The first bytes that the image loads."""
    with open(image, "rb") as f:
        elf = f.read()
    phoff, = struct.unpack_from("<Q", elf, 32)
    offset, = struct.unpack_from("<Q", elf, phoff + 8)
    return elf[offset:offset + size]


def le(value, size=8):
    return value.to_bytes(size, "little").hex()


def number(hexadecimal):
    return int.from_bytes(bytes.fromhex(hexadecimal), "little")


def registers(xml):
    """Names of the target description, in order: their numbers."""
    return [(r.get("name"), int(r.get("bitsize")) // 8) for r in ElementTree.fromstring(xml).iter("reg")]


def description(r):
    xml = ""
    while True:
        part = r.ask(f"qXfer:features:read:target.xml:{len(xml):x},400")
        xml += part[1:]
        if part[0] != "m":
            return xml


def check_handshake(r, boot):
    check("what it can is said", "PacketSize=4000;qXfer:features:read+;vContSupported+" in r.ask("qSupported:swbreak+"))
    equal("it stands before the first instruction, in PE 0", r.ask("?"), "T05thread:1;")
    equal("to leave is not to kill", r.ask("qAttached"), "1")
    equal("the current thread", r.ask("qC"), "QC1")
    threads = r.ask("qfThreadInfo")
    equal("a thread is a PE", (threads, r.ask("qsThreadInfo")), ("m1,2,3,4,5,6,7,8", "l"))
    equal("a PE that is on", bytes.fromhex(r.ask("qThreadExtraInfo,1")).decode(), "PE 0: host, EL2h")
    equal("one that is not", bytes.fromhex(r.ask("qThreadExtraInfo,8")).decode(), "PE 7: off")
    equal("threads that are, and that are not", [r.ask(p) for p in ("T1", "T8", "T9", "T", "Hg9", "Hx1", "Hg8", "Hg1", "Hc-1")],
          ["OK", "OK", "E22", "E22", "E22", "E22", "OK", "OK", "OK"])
    equal("what it does not know has an empty answer", [r.ask(p) for p in ("vMustReplyEmpty", "", "!", "Z2,0,4", "qNo", "Qno", "R0")],
          [""] * 7)
    with open("/proc/net/tcp", encoding="ascii") as f:
        mine = [line.split()[1] for line in f if line.split()[1].endswith(f":{boot.port:04X}") and line.split()[3] == "0A"]
    equal("it listens on this computer alone", mine, [f"0100007F:{boot.port:04X}"])


def check_registers(r):
    regs = registers(description(r))
    index = {name: i for i, (name, _) in enumerate(regs)}
    check("the description has the registers that gdb wants, and the system's",
          {"x0", "x30", "sp", "pc", "cpsr", "v0", "v31", "fpsr", "fpcr", "VBAR_EL1", "SP_EL0", "HCR_EL2", "VTTBR_EL2"} <= set(index))
    equal("no register has two names", len(index), len(regs))
    sizes = [len(r.ask(f"p{i:x}")) // 2 for i in range(len(regs))]
    equal("each has the size that is said", sizes, [s for _, s in regs])
    equal("and behind the last there is none", [r.ask(p) for p in (f"p{len(regs):x}", "p", "pffffffffffffffffff", "p0x")], ["E22"] * 4)
    every = r.ask("g")
    together = "".join(r.ask(f"p{i:x}") for i in range(index["fpcr"] + 1))
    equal("g is the general ones together", every, together)
    equal("PC is the entry", number(r.ask(f"p{index['pc']:x}")), BASE)
    for name, value in (("x7", le(0x0123456789abcdef)), ("v3", le(0x112233445566778899aabbccddeeff00, 16)), ("sp", le(BASE)),
                        ("VBAR_EL1", le(0x8800)), ("VTTBR_EL2", le(5 << 48)), ("fpcr", le(1 << 24, 4))):
        equal(f"{name} can be written", (r.ask(f"P{index[name]:x}={value}"), r.ask(f"p{index[name]:x}")), ("OK", value))
    equal("SP is that of the EL", number(r.ask(f"p{index['SP_EL2']:x}")), BASE)
    equal("G writes what g reads", (r.ask("G" + every), r.ask("g")), ("OK", every))
    wrong = ("G", "G00", "G" + every[:-1] + "x", "G" + every + "00", "P0", "P0=", "P0=0011", f"P{len(regs):x}=00", "P0=001122334455667788",
             "P0=00112233445566zz")
    equal("what is too short, too long or no number is refused", [r.ask(p) for p in wrong], ["E22"] * len(wrong))
    equal("and changed nothing", r.ask("g"), every)
    equal("a part of the description behind its end", r.ask("qXfer:features:read:target.xml:fffff,10"), "l")
    equal("another annex", r.ask("qXfer:features:read:other.xml:0,10"), "E00")


def check_memory(r):
    equal("memory is the image", r.ask(f"m{BASE:x},40"), loaded(HYPERVISOR, 64).hex())
    free = 0x90000000
    equal("memory can be written", (r.ask(f"M{free:x},3:010203"), r.ask(f"m{free:x},4")), ("OK", "01020300"))
    r.put(b"X%x,4:a}\x03}\x5d#" [:-1] % (free + 0xffe) + b"z")
    equal("bytes as they are, over the end of a page", (r.get(), r.ask(f"m{free + 0xffe:x},4")), ("OK", "61237d7a"))
    equal("a device is not touched, nothing is not memory", [r.ask(p) for p in (f"m{UART:x},4", "m10000000000,4", f"M{UART:x},1:41")],
          ["E14"] * 3)
    last = 0x100000000 - 4
    equal("what is not the host's is not seen", r.ask(f"m{last:x},4"), "E14")
    r.monitor("phys on")
    was = r.ask(f"m{last:x},20")
    equal("but by physical address, up to where memory ends", len(was), 8)
    equal("and nothing is written in part", (r.ask(f"M{last:x},8:1111111111111111"), r.ask(f"m{last:x},4")), ("E14", was))
    r.monitor("phys off")
    wrong = ("m", "m1", "m1,", "mx,1", f"m{BASE:x},1x", "M1,1", f"M{free:x},2:01", f"M{free:x},1:0102", f"M{free:x},ffffffffffffffff:00", "X1,1",
             f"X{free:x},2:a", f"M{free:x},1:zz")
    equal("what is malformed is refused", [r.ask(p) for p in wrong], ["E22"] * len(wrong))
    equal("none of it is not wrong", (r.ask(f"m{BASE:x},0"), r.ask(f"X{BASE:x},0:")), ("", "OK"))


def check_running(r):
    start = symbol(HYPERVISOR, "realm_build")
    equal("breakpoints can be set", [r.ask(p) for p in (f"Z0,{start:x},4", f"Z0,{start:x},4", f"Z1,{BASE:x},4", f"z1,{BASE:x},4", "z0,1234,4")],
          ["OK"] * 5)
    equal("but not anywhere", [r.ask(p) for p in (f"Z0,{start + 1:x},4", "Z0", "Z0,", "Z0,1000", "Z0,x,4", "Zx")], ["E22", "", "E22", "E22", "E22", ""])
    equal("how to go on", r.ask("vCont?"), "vCont;c;C;s;S")
    wrong = ("vCont;", "vCont;x", "vCont;s:9", "vCont;s:", "vCont;C", "vContc", "c1000", "sxx", "C", "Cx", "S0")
    got = [r.ask(p) for p in wrong]
    equal("and how not", got, ["E22"] * 5 + [""] + ["E22"] * 5)
    equal("a step is one instruction", (r.ask("vCont;s:1;c"), number(r.ask("p20"))), ("T05thread:1;", BASE + 4))
    equal("by the old packet too", (r.ask("s"), number(r.ask("p20"))), ("T05thread:1;", BASE + 8))
    equal("the breakpoint is met", (r.ask("vCont;c"), number(r.ask("p20"))), ("T05thread:1;", start))
    equal("memory has no trace of it", r.ask(f"m{start:x},4"), loaded(HYPERVISOR, start - BASE + 4)[-4:].hex())
    equal("it goes on behind it", (r.ask("C05"), number(r.ask("p20"))), ("T05thread:1;", start))
    many = [r.ask(f"Z0,{0x1000 + 4 * i:x},4") for i in range(128)]
    equal("there is room for 128", (many.count("OK"), many[-1]), (127, "E28"))
    check("a finding of the debugger is not one of the checks", "no command" in r.monitor("nonsense"))


def check_protocol():
    boot = Boot(CCASIM, HYPERVISOR)
    r = Remote(boot)
    check_handshake(r, boot)
    r.send(b"$?#00")
    equal("a packet with a wrong checksum is asked for again", r.byte(), b"-")
    r.put("?")
    equal("and taken when it is right", (r.byte(), r.get()), (b"+", "T05thread:1;"))
    r.send(b"-")
    equal("what did not arrive is said again", r.get(), "T05thread:1;")
    r.send(b"+noise$$?#3f")
    equal("noise between packets is passed over", r.get(), "T05thread:1;")
    equal("without acknowledgements", (r.ask("QStartNoAckMode"), setattr(r, "ack", False)), ("OK", None))
    check_registers(r)
    check_memory(r)
    check_running(r)
    equal("k ends the run", (r.put("k"), boot.end()[0]), (None, 130))


def check_monitor():
    boot = Boot(CCASIM, HYPERVISOR)
    r = Remote(boot, ack=False)
    check("help names the commands", all(w in r.monitor("help") for w in ("who", "rtt", "realms", "state", "only", "phys")))
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "gdb.md"), encoding="utf-8") as f:
        page = f.read()
    lines = [line for line in r.monitor("help").splitlines() if line.startswith("  ")]
    check("docs/gdb.md shows the help as it is", [line for line in lines if "    " + line not in page] or len(lines) > 5)
    equal("no Realm yet", r.monitor("realms"), "no Realm\n")
    check("who", f"PA 0x{BASE:x} " in r.monitor(f"who 0x{BASE:x}"))
    check("what is asked wrongly is told", ["is no address" in r.monitor("who here"), "takes ADDR" in r.monitor("who"),
                                            "takes no argument" in r.monitor("realms 1"), "not the RD" in r.monitor("rtt 0x1000")] == [True] * 4)
    equal("a command that is no hexadecimal", r.ask("qRcmd,6"), "E22")
    equal("and one that is too long", r.ask("qRcmd," + "41" * 300), "E22")
    r.ask(f"Z0,{symbol(HYPERVISOR, 'realm_destroy'):x},4")
    check("it stops before the first Realm is destroyed", r.ask("c").startswith("T05thread:"))
    realms = re.findall(r"^Realm (0x[0-9a-f]+): \w+, s2sz", r.monitor("realms"), re.M)
    check("a line for each Realm", bool(realms))
    tree = r.monitor(f"rtt {realms[0]}")
    check("one with its tables", f"Realm {realms[0]}:" in tree and "RIM" in tree and "level 3 table" in tree)
    check("who has a table", f"of Realm {realms[0]}" in r.monitor("who " + re.search(r"level 3 table (0x\w+)", tree)[1]))
    check("the state has all of it", all(f"Realm {a}:" in r.monitor("state") for a in realms) and "PE 0: NS world" in r.monitor("state"))
    check("phys", "physical" in r.monitor("phys on") and "virtual" in r.monitor("phys off"))
    check("only", "stop in: realm" in r.monitor("only realm") and "stop in: realm" in r.monitor("only")
          and "stop in: both" in r.monitor("only both"))
    r.close()
    code, report, _ = boot.end()
    check("the debugger is gone: the run goes on to its end, as without", (code, "findings  none" in report) == (0, True))


def check_interrupt():
    """A loop without end, which the debugger stops, leaves, comes back to, and mends."""
    boot = Boot(CCASIM, SPIN, "--timeout", "0")
    r = Remote(boot, ack=False)
    r.put("c")
    equal("Ctrl-C stops it", r.interrupt(), "T02thread:1;")
    spins = number(r.ask("p20"))
    equal("where it spins", r.ask(f"m{spins:x},4"), "00000014")
    r.put("c")
    r.close()
    r = Remote(boot, ack=False)
    equal("another debugger may come", r.ask("?"), "T02thread:1;")
    r.put("c")
    r.interrupt()
    # ldp x29, x30, [sp], #16; ret
    equal("the loop gets another instruction", r.ask(f"M{spins:x},8:fd7bc1a8c0035fd6"), "OK")
    equal("which is what runs then: the image ends", r.ask("c"), "W00")
    check("and with it the run", boot.end()[0] == 0)


def check_no_debugger():
    boot = Boot(CCASIM, SPIN, "--timeout", "0")
    boot.process.send_signal(2)
    equal("Ctrl-C ends the wait for a debugger", boot.end()[0], 130)
    boot = Boot(CCASIM, SPIN, "--timeout", "0")
    r = Remote(boot, ack=False)
    r.ask("?")
    boot.process.send_signal(2)
    equal("and a run that a debugger has stopped", boot.end()[0], 130)
    busy = socket.socket()
    busy.bind(("127.0.0.1", 0))
    busy.listen(1)
    port = busy.getsockname()[1]
    for word, said in ((str(port), "Address already in use"), ("65536", "takes a port"), ("x", "takes a port")):
        out = subprocess.run([CCASIM, "boot", "--elf", SPIN, "--gdb", word], capture_output=True, text=True, check=False)
        equal(f"a port that cannot be: {said}", (out.returncode, said in out.stderr), (2, True))


# --- garbage ---

SEEDS = ["?", "g", "G00", "p20", "P0=0011223344556677", "m88000000,40", "M90000000,4:00112233", "X90000000,2:ab", "Z0,88000000,4",
         "z0,88000000,4", "Z1,88000010,4", "Hg1", "Hc-1", "T1", "qSupported:a+;b-", "qXfer:features:read:target.xml:0,400",
         "qRcmd,68656c70", "qRcmd,77686f203078383030303030303030", "qRcmd,7374617465", "qfThreadInfo", "qsThreadInfo", "qThreadExtraInfo,1", "qC",
         "vCont?", "s", "vCont;s:1", "QStartNoAckMode", "qSymbol::"]
# What ends the run, or lets it go on for long.
ENDS = re.compile(rb"k|D|vKill|[cC]|vCont;([^?]*;)?[cC]")


def mutated(random_, packet):
    data = bytearray(packet.encode())
    for _ in range(random_.randint(0, 4)):
        at = random_.randrange(len(data) + 1)
        kind = random_.randrange(5)
        if kind == 0:
            data[at:at] = bytes(random_.choices(b"0123456789abcdefx,;:=-+}*.#$\x00\xff\x80 ", k=random_.randint(1, 9)))
        elif kind == 1:
            del data[at:at + random_.randint(1, 4)]
        elif kind == 2:
            data[at:at] = bytes(data[:at]) * random_.randint(1, 3)
        elif kind == 3:
            data[at:at + 1] = bytes([random_.randrange(256)])
        else:
            data[at:at] = random_.choice([b"f" * 16, b"0" * 40, b"-1", b"ffffffffffffffff"])
    return bytes(data)


def check_garbage():
    boot = Boot(CCASIM, SPIN, "--timeout", "0")
    r = Remote(boot, ack=False)
    random_ = random.Random(1)
    sent = 0
    for _ in range(4000):
        packet = mutated(random_, random_.choice(SEEDS))
        if ENDS.match(packet) or b"#" in packet or b"$" in packet:
            continue
        r.put(packet)
        while (answer := r.get())[:1] == "O" and answer != "OK":
            pass
        sent += 1
    check("thousands of malformed packets: an answer to each", sent > 2000)
    for _ in range(200):
        r.send(random_.randbytes(random_.randint(1, 300)).replace(b"k", b"").replace(b"D", b"").replace(b"c", b"").replace(b"C", b""))
    r.send(b"$" + b"m" * 100000 + b"#00")
    r.send(b"#00#00")
    r.put("qC")
    answers = [r.get()]
    while not answers[-1].startswith("QC"):
        answers.append(r.get())
    check("bytes that are no packets, and one that has no end: it is still there", bool(answers))
    r.put("vKill;1")
    code, report, _ = boot.end()
    equal("and ends as it is told", (code, "bug" in report, "Sanitizer" in report), (130, False, False))
    for stop in (b"$", b"$m880", b"$m8800,4#", b"$m8800,4#1", b"$X90000000,4:}", b"}"):
        boot = Boot(CCASIM, HYPERVISOR)
        s = socket.create_connection(("127.0.0.1", boot.port))
        s.sendall(stop)
        s.close()
        equal(f"a connection that ends in {stop.decode()}", boot.end()[0], 0)


def main():
    check_protocol()
    check_monitor()
    check_interrupt()
    check_no_debugger()
    check_garbage()
    return done()


if __name__ == "__main__":
    sys.exit(main())
