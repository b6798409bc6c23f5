#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""`ccasim boot` from outside. The host's code is a few instructions that do what a table says.

usage: boot.py CCASIM
"""

import json
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

sys.dont_write_bytecode = True
from common import CCASIM, check, expect, read, run, tap  # pylint: disable=wrong-import-position

BASE = 0x88000000
NVM = 0x82800000
NVM_SIZE = 0x10000
AT = f"@{BASE:#x}"

# The table begins with the address of the console, whose CR.UARTEN and CR.TXE are set; then operations, from `loop` on.
CODE = bytes.fromhex("".join(struct.pack("<I", int(w, 16)).hex() for w in """
    10000514 f8408693 52806029 b9003269 a8c15a95 f10006bf 540001a0 f1000abf 54000200 f1000ebf
    54000260 f10012bf 54000280 f10016bf 540002a0 f1001abf 540002e0 d503207f 17fffff2 a8c10680
    a8c10e82 a8c11684 d4000003 17ffffed f8408697 b9000277 f10006d6 54ffffa1 17ffffe8 f8408697
    f90002d7 17ffffe5 394002d7 b9000277 17ffffe2 92400c17 9100c2f7 b9000277 17ffffde 14000000
    """.split()))
WFI_AT = 17 * 4
SMC_AT = 22 * 4
SPIN_AT = 39 * 4

RMI_VERSION, DELEGATE, UNDELEGATE = 0xC4000150, 0xC4000151, 0xC4000152
DATA_CREATE, REALM_CREATE = 0xC4000153, 0xC4000158
SYSTEM_OFF, SYSTEM_RESET, AFFINITY_INFO = 0x84000008, 0x84000009, 0xC4000004
PAGE = 0x88800000


def words(*numbers):
    return b"".join(struct.pack("<Q", n) for n in numbers)


def smc(*args):
    return words(1, 0, *args, *[0] * (6 - len(args)))


def text(s):
    return words(2, len(s), *s.encode())


def store(address, value):
    return words(3, address, value)


def show(address):
    """One byte of memory goes to the console."""
    return words(4, address)


RESULT = words(5, 0)  # x0[3:0] as a digit
SPIN = words(6, 0)
WFI = words(0, 0)


def host(*ops, console=0x1C0B0000):
    return CODE + words(console) + b"".join(ops) + WFI


CALLS = (smc(RMI_VERSION, 0x10000), smc(DELEGATE, PAGE), smc(DELEGATE, PAGE), smc(UNDELEGATE, PAGE))
HELLO = host(text("Hello\n\rtests passed: 7\n\r"), *CALLS, text("bye"))
FOREVER = host(text("round and round\n"), SPIN)


def write(top, name, data):
    with open(os.path.join(top, name), "wb") as f:
        f.write(data)


def boot(top, code, *args):
    return expect(code, "boot", *args, cwd=top)


def booted(top, program, *args, code=0):
    """Report of the program, as JSON."""
    write(top, "program.bin", program)
    return json.loads(boot(top, code, "--json", "--image", "program.bin" + AT, *args)[0])


# --- the report ----------------------------------------------------------------------------------

def test_report(top):
    out, err = boot(top, 0, "--image", "hello.bin" + AT)
    check(err == "", err)
    lines = out.splitlines()
    check(lines[:4] == ["| Hello", "| tests passed: 7", "| bye", ""], out)
    check(f"          PE 0 at {BASE + WFI_AT:#x}: wfi" in lines, out)
    for line in (r"ended     wfi: .*", r"time      0\.00\d+ s of virtual time, \d+ instructions, 0 resets",
                 r"calls     4 of the RMI, 0 other SMCs", r"  GRANULE_DELEGATE +1 +1 +- +- +- +-",
                 r"  GRANULE_UNDELEGATE +1 +- +- +- +- +-", r"checked   [1-9]\d* predicates evaluated",
                 r"covered   1 of \d+ conditions decided a call, 3 of \d+ successes seen, .*",
                 r"console   27 bytes in 3 lines", "findings  none"):
        check(any(re.fullmatch(line, s) for s in lines), line, out)
    check(lines[-1] == "ok: ended by wfi, 0 findings", out)


def test_json(top):
    out, err = boot(top, 0, "--json", "--image", "hello.bin" + AT)
    check("| Hello\n" in err, "the console goes to stderr", err)
    j = json.loads(out)
    check(j["end"] == "wfi" and j["exit_code"] == 0 and j["resets"] == 0, j)
    check(j["at"] == {"pe": 0, "pc": f"{BASE + WFI_AT:#x}", "instruction": "wfi"}, j["at"])
    check(j["rmi_calls"] == 4 and j["findings"] == [] and j["predicates"] > 0, j)
    delegate = next(c for c in j["commands"] if c["command"] == "RMI_GRANULE_DELEGATE")
    check(delegate == {"command": "RMI_GRANULE_DELEGATE", "calls": 2,
                       "results": {"RMI_SUCCESS": 1, "RMI_ERROR_INPUT": 1}}, delegate)
    check(j["covered"]["granule_delegate.gran_state"] == 1, j["covered"])
    check(j["coverage"]["conditions"]["seen"] == 1, j["coverage"])


def test_ends(top):
    out = booted(top, host(smc(SYSTEM_OFF)))
    check(out["end"] == "off" and "SYSTEM_OFF" in out["why"] and out["other_smcs"] == 1, out)
    out = booted(top, host(smc(SYSTEM_RESET)), code=1)
    check(out["end"] == "resets" and out["resets"] == 64, out)
    out, _ = boot(top, 1, "--image", "program.bin" + AT)
    check(re.search(r"64 resets: at 0\.0+\d* s by .*SYSTEM_RESET", out), out)
    check(out.endswith("FAIL: ended by resets, 0 findings\n"), out)


def test_same_bytes(top):
    def files():
        boot(top, 0, "--image", "hello.bin" + AT, "--uart", "u", "--trace", "t", "--nvm", "n")
        bytes_of = [read(os.path.join(top, f)) for f in "utn"]
        os.remove(os.path.join(top, "n"))
        return [*bytes_of, boot(top, 0, "--json", "--image", "hello.bin" + AT),
                boot(top, 0, "--image", "hello.bin" + AT)]
    check(files() == files(), "two processes differ")


# --- the console ---------------------------------------------------------------------------------

def test_console(top):
    every = b"Hello\n\rtests passed: 7\n\rbye"
    out, err = boot(top, 0, "--image", "hello.bin" + AT, "--uart", "-")
    check(out.encode() == every.replace(b"\r", b"\n") or out.encode() == every, out)
    done = subprocess.run([CCASIM, "boot", "--image", "hello.bin" + AT, "--uart", "-"], cwd=top,
                          capture_output=True, check=False)
    check(done.stdout == every, "the bytes as they are", done.stdout)
    check("findings  none" in err, "the report goes to stderr", err)
    out, _ = boot(top, 0, "--image", "hello.bin" + AT, "--uart", "console")
    check(read(os.path.join(top, "console")) == every and "Hello" not in out, out)
    boot(top, 2, "--image", "hello.bin" + AT, "--uart", "no/such/folder")
    boot(top, 2, "--json", "--image", "hello.bin" + AT, "--uart", "-")


def test_console_does_not_touch_the_terminal(top):
    write(top, "red.bin", host(text("\033[31mred\a\n")))
    out, _ = boot(top, 0, "--image", "red.bin" + AT)
    check("| \\x1b[31mred\\x07\n" in out, out)


def test_expect_uart(top):
    good = ["--expect-uart", "^tests passed: [0-9]+$", "--expect-uart", "Hel+o", "--expect-uart", "^bye$"]
    out, _ = boot(top, 0, "--image", "hello.bin" + AT, *good)
    check(out.endswith("ok: ended by wfi, 0 findings, 3 of 3 expressions matched\n"), out)
    out, _ = boot(top, 1, "--image", "hello.bin" + AT, *good, "--expect-uart", "^Hello.+")
    check("  no line matches `^Hello.+`\n" in out and "FAIL: " in out.splitlines()[-1], out)
    j = booted(top, HELLO, "--expect-uart", "bye", "--expect-uart", "no", code=1)
    check(j["uart"]["expected"] == [{"regex": "bye", "matched": True}, {"regex": "no", "matched": False}], j)
    check(j["exit_code"] == 1, j)
    _, err = boot(top, 2, "--image", "hello.bin" + AT, "--expect-uart", "(")
    check("--expect-uart `(`" in err, err)


# --- what is loaded ------------------------------------------------------------------------------

def test_images(top):
    write(top, "empty", b"")
    for code, told, *args in (
            (2, "which image"), (2, "no/such", "--image", "no/such" + AT), (2, "takes FILE@ADDR", "--image", "hello.bin"),
            (2, "takes FILE@ADDR", "--image", AT), (2, "`0x` is no address", "--image", "hello.bin@0x"),
            (2, "`zz` is no address", "--image", "hello.bin@zz"), (2, "`-1` is no address", "--image", "hello.bin@-1"),
            (2, "is no address", "--image", "hello.bin@0x1" + 16 * "0"), (2, "--image FILE@ADDR", "hello.bin"),
            (3, "empty: the file is empty", "--image", "empty" + AT),
            (3, "hello.bin@0x100: 0x", "--image", "hello.bin@0x100"),
            (3, "are not in RAM, which is 0x80000000..0x", "--image", "hello.bin@0x7fffffff"),
            (3, "are not in RAM", "--image", "hello.bin@0xfbffffff"),
            (3, "are not in RAM", "--image", "hello.bin@0xffff_ffff_ffff_fff0"),
            (3, "overlap the platform's NVM", "--image", f"hello.bin@{NVM + NVM_SIZE - 1:#x}"),
            (3, f"forever.bin@{BASE + 8:#x}: overlaps hello.bin{AT}", "--image", "hello.bin" + AT, "--image",
             f"forever.bin@{BASE + 8:#x}")):
        _, err = boot(top, code, *args)
        check(told in err and err.startswith("ccasim boot: "), args, err)
    # Its decimal name, and a second image that the first reads.
    write(top, "star", b"*")
    write(top, "reader.bin", host(show(0x88100000)))
    out, _ = boot(top, 0, "--image", f"reader.bin@{BASE}", "--image", "star@0x8810_0000")
    check("| *\n" in out, out)


def elf(program, paddr=BASE, vaddr=BASE, entry=None, machine=183, kind=2, wide=2, order=1, memsz=0,
        offset=0x1000):
    """One segment, and the symbols `begin` at its start and `halt` at the WFI."""
    order_mark = "<" if order == 1 else ">"
    names = b"\0begin\0halt\0$x\0"
    symbol = "IBBHQQ"
    symbols = bytes(24) + b"".join(struct.pack(order_mark + symbol, *s) for s in (
        (1, 0x12, 0, 1, vaddr, 0x20), (7, 0x10, 0, 1, vaddr + WFI_AT, 8), (12, 0, 0, 1, vaddr, 0)))
    tables = 0x1000 + len(program)
    header = b"\x7fELF" + bytes([wide, order, 1]) + bytes(9) + struct.pack(
        order_mark + "HHIQQQIHHHHHH", kind, machine, 1, vaddr if entry is None else entry, 64,
        tables + len(symbols) + len(names), 0, 64, 56, 1, 64, 3, 0)
    segment = struct.pack(order_mark + "IIQQQQQQ", 1, 7, offset, vaddr, paddr, len(program),
                          memsz or len(program), 0x1000)
    section = lambda *f: struct.pack(order_mark + "IIQQQQIIQQ", *f)
    sections = section(*[0] * 10) + section(0, 2, 0, 0, tables, len(symbols), 2, 1, 8, 24) + \
        section(0, 3, 0, 0, tables + len(symbols), len(names), 0, 0, 1, 0)
    return (header + segment).ljust(0x1000, b"\0") + program + symbols + names + sections


def test_elf(top):
    write(top, "hello.elf", elf(HELLO))
    out, _ = boot(top, 0, "--elf", "hello.elf")
    check("| Hello\n" in out and f"PE 0 at {BASE + WFI_AT:#x} <halt>: wfi\n" in out, out)
    # Linked to another address than it is loaded at; the entry is where the code is.
    write(top, "hello.elf", elf(HELLO, vaddr=0xFFFF000000000000))
    out, _ = boot(top, 0, "--elf", "hello.elf")
    check("| Hello\n" in out and "<" not in out, out)
    # What a segment has no bytes for is zero.
    write(top, "bss.elf", elf(host(show(BASE + 0x2000), text("!")), memsz=0x3000))
    out, _ = boot(top, 0, "--elf", "bss.elf", "--uart", "-")
    check(out == "\0!", out)
    j = json.loads(boot(top, 0, "--json", "--elf", "bss.elf")[0])
    check(j["at"]["symbol"] == "halt", j["at"])


def test_elf_that_cannot_be(top):
    write(top, "words.elf", b"no ELF file")
    write(top, "short.elf", elf(HELLO, offset=0x100000))
    write(top, "high.elf", elf(HELLO, paddr=0x1000))
    for name, options, told in (("x86.elf", {"machine": 62}, "not for little-endian AArch64"),
                                ("big.elf", {"order": 2}, "not for little-endian AArch64"),
                                ("narrow.elf", {"wide": 1}, "not a 64-bit ELF file"),
                                ("object.elf", {"kind": 1}, "relocatable"),
                                ("shared.elf", {"kind": 3}, "position-independent"),
                                ("core.elf", {"kind": 4}, "not an executable"),
                                ("words.elf", None, "not a 64-bit ELF file"),
                                ("short.elf", None, "segment 0 lies outside of the file"),
                                ("high.elf", None, "high.elf, segment 0: 0x")):
        if options:
            write(top, name, elf(HELLO, **options))
        _, err = boot(top, 3, "--elf", name)
        check(err.startswith(f"ccasim boot: {name}") and told in err, name, err)
    boot(top, 2, "--elf", "no/such/file")
    write(top, "hello.elf", elf(HELLO))
    _, err = boot(top, 3, "--elf", "hello.elf", "--image", "hello.bin" + AT)
    check("hello.elf, segment 0" in err and "hello.bin" + AT in err, err)


def test_entry(top):
    write(top, "late.bin", bytes(64) + HELLO)
    out, _ = boot(top, 0, "--image", "late.bin" + AT, "--entry", f"{BASE + 64:#x}")
    check("| Hello\n" in out, out)
    write(top, "hello.elf", elf(HELLO))
    out, _ = boot(top, 0, "--elf", "hello.elf", "--image", "forever.bin@0x88100000")
    check("| Hello\n" in out, "that of the ELF file", out)
    for entry in ("x", "0x10", f"{BASE + 2:#x}", "0x1C0B0000"):
        _, err = boot(top, 2, "--image", "hello.bin" + AT, "--entry", entry)
        check("entry" in err, err)


# --- the machine ---------------------------------------------------------------------------------

def test_platform(top):
    out, _ = expect(0, "list", "platforms", cwd=top)
    check(out.startswith("fvp  (default)\n") and out.splitlines()[-1] == "2 platforms", out)
    check(re.search(r"^    0x1c0b0000\.\.0x1c0bffff  .*PL011, INTID \d+$", out, re.M), out)
    listed = json.loads(expect(0, "list", "--json", "platforms", cwd=top)[0])
    check([p["name"] for p in listed] == ["fvp", "small"], listed)
    for p in listed:
        bases = [int(r["base"], 16) for r in p["map"]]
        check(bases == sorted(bases) and p["pes"] > 0 and p["frequency"] > 0, p)
    write(top, "small.bin", host(text("small"), console=0x09000000))
    out, _ = boot(top, 0, "--platform", "small", "--image", "small.bin@0x40000000")
    check("| small\n" in out, out)
    _, err = boot(top, 3, "--platform", "small", "--image", "hello.bin" + AT)
    check("on small" in err, err)
    _, err = boot(top, 2, "--platform", "fpv", "--image", "hello.bin" + AT)
    check("did you mean `fvp`" in err, err)


def test_pes(top):
    ask = host(smc(AFFINITY_INFO, 0x100), RESULT, text("\n"))
    write(top, "ask.bin", ask)
    out, _ = boot(top, 0, "--image", "ask.bin" + AT, "--pe", "2")
    check("| 1\n" in out, "PE 1 is off", out)
    out, _ = boot(top, 0, "--image", "ask.bin" + AT, "--pe", "1")
    check("| >\n" in out, "there is no PE 1: INVALID_PARAMETERS", out)
    for n in ("0", "9", "x", ""):
        boot(top, 2, "--image", "ask.bin" + AT, "--pe", n)


def test_nvm(top):
    """A program that shows a byte and leaves another one there: the second run shows what the first one left."""
    nvm = os.path.join(top, "nvm")
    write(top, "next.bin", host(show(NVM), text("\n"), store(NVM, ord("2")), store(NVM + NVM_SIZE - 8, 1)))
    out = subprocess.run([CCASIM, "boot", "--image", "next.bin" + AT, "--nvm", "nvm", "--uart", "-"], cwd=top,
                         capture_output=True, check=False).stdout
    check(out == b"\xff\n", "all ones at first", out)
    left = read(nvm)
    check(left == words(ord("2")) + (NVM_SIZE - 16) * b"\xff" + words(1), "what the program left")
    out, _ = boot(top, 0, "--image", "next.bin" + AT, "--nvm", "nvm")
    check("| 2\n" in out, out)
    check(sorted(os.listdir(top)) == sorted(["forever.bin", "hello.bin", "next.bin", "nvm"]), os.listdir(top))
    for size in (0, 100, NVM_SIZE - 1, NVM_SIZE + 1, 3 * NVM_SIZE):
        write(top, "nvm", bytes(size))
        _, err = boot(top, 3, "--image", "next.bin" + AT, "--nvm", "nvm")
        check(err.startswith("ccasim boot: nvm: ") and f"has {NVM_SIZE:#x}" in err, err)
        check(len(read(nvm)) == size, "it is not touched")
    boot(top, 2, "--image", "next.bin" + AT, "--nvm", "no/such/folder")


def test_nvm_over_a_reset(top):
    """The first life marks the NVM; the second sees the mark, and that the image is there again as it was."""
    count = host(show(NVM), show(BASE + len(CODE) + 8), store(NVM, ord("A")), store(BASE + len(CODE) + 8, 0x35),
                 smc(SYSTEM_RESET))
    j = booted(top, count, "--uart", "console", "--nvm", "nvm", code=1)
    first = b"\xff\x04"
    check(read(os.path.join(top, "console")) == first + 64 * b"A\x04", read(os.path.join(top, "console")))
    check(j["resets"] == 64, j)
    check(read(os.path.join(top, "nvm"))[:8] == words(ord("A")), "written at the end")


def test_timeout(top):
    for limit, ticks in (("2ms", 200000), ("30us", 3000), ("1s", 100000000), ("5000", 5000), ("5_000 ticks", 5000)):
        j = json.loads(boot(top, 4, "--json", "--image", "forever.bin" + AT, "--timeout", limit)[0])
        check(j["end"] == "timeout" and ticks <= j["ticks"] <= ticks + 1000, limit, j)
    out, _ = boot(top, 4, "--image", "forever.bin" + AT, "--timeout", "1ms")
    check(f"PE 0 at {BASE + SPIN_AT:#x}: b " in out, out)
    for limit in ("", "s", "1h", "-1s", "1.5s", "0x", "99999999999999999999s"):
        _, err = boot(top, 2, "--image", "forever.bin" + AT, "--timeout", limit)
        check("--timeout" in err, err)


def test_interrupted(top):
    """SIGINT, SIGTERM: what there is to say is said, and the NVM is written."""
    write(top, "mark.bin", host(store(NVM, 7), text("now\n"), SPIN))
    for number in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen([CCASIM, "boot", "--image", "mark.bin" + AT, "--nvm", "nvm", "--timeout", "0"], cwd=top,
                              stdout=subprocess.PIPE, text=True) as p:
            check(p.stdout.readline() == "| now\n", "it shows each line when it is there")
            p.send_signal(number)
            rest = p.stdout.read()
            check(p.wait() == 130, p.returncode, rest)
        check("ended     interrupted" in rest and "FAIL: ended by interrupted" in rest, rest)
        check(read(os.path.join(top, "nvm"))[:8] == words(7), "the NVM is written")


def test_reader_goes_away(top):
    write(top, "talk.bin", host(store(NVM, 9), *[text("so much to say\n")] * 20000, SPIN))
    done = subprocess.run(f"{CCASIM} boot --image talk.bin{AT} --nvm nvm --timeout 0 | head -1", shell=True, cwd=top,
                          capture_output=True, text=True, check=False, timeout=60)
    check(done.stdout == "| so much to say\n", done)
    check(read(os.path.join(top, "nvm"))[:8] == words(9), "the NVM is written")


# --- checks and traces ---------------------------------------------------------------------------

def bug():
    """A planted bug in GRANULE_DELEGATE; None: this build has none."""
    bugs = json.loads(expect(0, "list", "bugs", "--json")[0])
    return next((b["name"] for b in bugs if b["claim"] == "gpt-writer"), None)


def test_finding(top):
    if bug() is None:
        return "no planted bugs in this build"
    args = ["--image", "hello.bin" + AT, "--break", bug()]
    out, _ = boot(top, 1, *args)
    story = out[out.index("FAIL PE 0"):].splitlines()
    check(story[0] == f"FAIL PE 0 at {BASE + SMC_AT:#x}: smc #0", out)
    check(re.fullmatch(r"     call 2, at 0\.\d+ s: RMI_GRANULE_DELEGATE\(addr=0x88800000\)", story[1]), out)
    check(story[2] == "     returned RMI_SUCCESS", out)
    check(story[3] == "     no failure condition is true: the call must succeed", out)
    check(story[4] == "       addr     = 0x88800000: NS PAS, UNDELEGATED, refcount 0", out)
    check(story[5].startswith("     finding gpt-writer "), out)
    check("findings  1" in story and story[-1] == "FAIL: ended by wfi, 1 findings", out)
    finding = json.loads(boot(top, 1, "--json", *args)[0])["findings"][0]
    check(finding["rule"] == "gpt-writer" and finding["pe"] == 0 and finding["pc"] == f"{BASE + SMC_AT:#x}" and
          finding["instruction"] == "smc #0" and finding["number"] == 2 and finding["in"][:2] ==
          [f"{DELEGATE:#x}", f"{PAGE:#x}"] and finding["conditions"] == [] and
          finding["call"] == "RMI_GRANULE_DELEGATE(addr=0x88800000)", finding)
    out, _ = boot(top, 0, *args, "--check", "none")
    check("--check none" in out, out)
    boot(top, 1, *args, "--check", "full")
    return None


def test_junit(top):
    boot(top, 0, "--junit", "good.xml", "--image", "hello.bin" + AT)
    root = ElementTree.parse(os.path.join(top, "good.xml")).getroot()
    check(root.get("tests") == "1" and root.get("failures") == "0" and root.find("testsuite/testcase").get("name") == "hello.bin" + AT,
          root.attrib)
    boot(top, 4, "--junit", "bad.xml", "--image", "forever.bin" + AT, "--timeout", "1ms")
    failure = ElementTree.parse(os.path.join(top, "bad.xml")).getroot().find("testsuite/testcase/failure")
    check(failure.get("message").startswith("FAIL: ended by timeout") and failure.get("type") == "timeout" and
          "calls     0 of the RMI" in failure.text, failure.text)
    boot(top, 2, "--junit", "no/folder.xml", "--image", "hello.bin" + AT)


def test_bad_words(top):
    for args in (["--check", "some"], ["--break", "nosuchbug"], ["--nosuch"], ["--trace", "no/such/folder"]):
        _, err = boot(top, 2, "--image", "hello.bin" + AT, *args)
        check("ccasim boot: " in err, args, err)


def realm_create():
    """Parameters that the host writes in pieces, and the call twice."""
    params, rd, rtt = 0x88700000, PAGE + 0x1000, PAGE + 0x2000
    fields = ((0x8, 33), (0x18, 1), (0x20, 1), (0x800, 1), (0x808, rtt), (0x810, 1), (0x818, 1))
    return host(smc(DELEGATE, rd), smc(DELEGATE, rtt), smc(REALM_CREATE, rd, params),
                *[store(params + at, value) for at, value in fields], smc(REALM_CREATE, rd, params), RESULT,
                smc(REALM_CREATE, rd, params), smc(0xC4000159, rd), RESULT, smc(0xC400018D))


def test_trace(top):
    """A trace runs without the host's code, and with the same results."""
    j = booted(top, realm_create(), "--trace", "t")
    create = next(c for c in j["commands"] if c["command"] == "RMI_REALM_CREATE")
    check(create["results"] == {"RMI_SUCCESS": 1, "RMI_ERROR_INPUT": 2}, create)
    trace = read(os.path.join(top, "t")).decode()
    check(trace.startswith("ccasim-trace 1\nscenario program.bin" + AT + "\n"), trace[:200])
    check(len(re.findall(r"^step \d+ .* write addr=0x887\w+ ", trace, re.M)) >= 1, trace)
    calls = re.findall(r"^step \d+ line=0 pe=0 at=0x(\w+) call world=NS .* pc=0x(\w+) ", trace, re.M)
    check(len(calls) == j["rmi_calls"] == 7, trace)
    check(all(int(pc, 16) == BASE + SMC_AT for _, pc in calls), calls)
    check([int(at, 16) for at, _ in calls] == sorted(int(at, 16) for at, _ in calls), calls)
    out, _ = expect(0, "run", "t", cwd=top)
    check(out.splitlines()[-1] == "1 scenario: 1 passed, 0 failed", out)
    expect(0, "run", "--trace", "again", "t", cwd=top)
    again = read(os.path.join(top, "again")).decode()
    check(re.findall(r"^end.*", again, re.M) == re.findall(r"^end.*", trace, re.M), "other results")
    write(top, "t", trace.replace("bytes=21", "bytes=7f", 1).encode())
    out, _ = expect(1, "run", "t", cwd=top)
    check("FAIL t:" in out and "RMI_REALM_CREATE" in out, "other parameters, other results", out)


def test_trace_of_resets(top):
    booted(top, host(smc(DELEGATE, PAGE), smc(SYSTEM_RESET)), "--trace", "t", code=1)
    names = re.findall(r"^scenario (.*)", read(os.path.join(top, "t")).decode(), re.M)
    check(names[0] == "program.bin" + AT and names[1] == names[0] + ", after reset 1" and len(names) == 65, names)
    out, _ = expect(0, "run", "t", cwd=top)
    check(out.splitlines()[-1] == "65 scenarios: 65 passed, 0 failed", out)


def test_trace_of_a_bug(top):
    if bug() is None:
        return "no planted bugs in this build"
    out, _ = boot(top, 1, "--image", "hello.bin" + AT, "--break", bug(), "--trace", "t")
    check("finding gpt-writer" in expect(1, "run", "t", cwd=top)[0], "the trace plants it too")
    command = re.search(r"reproduce: ccasim (.*)", out).group(1).split()
    check(command == ["explain", "--break", bug(), "t:2"], command)
    out, _ = expect(0, *command, cwd=top)
    check("RMI_GRANULE_DELEGATE(addr=0x88800000)" in out and "finding gpt-writer" in out, out)
    return None


def test_what_the_emulator_cannot_translate(top):
    """An exit code and a sentence, where Unicorn ends the process."""
    write(top, "half.bin", (0x0e402c20).to_bytes(4, "little") + b"\0" * 60)
    _, err = boot(top, 70, "--image", "half.bin" + AT, "--timeout", "1ms")
    check("cannot translate" in err, err)


def made():
    top = tempfile.mkdtemp(prefix="ccasim-boot-")
    write(top, "hello.bin", HELLO)
    write(top, "forever.bin", FOREVER)
    return top


def main():
    if "Unicorn: none" not in expect(0, "--version")[0]:
        return tap(globals(), made)
    # A build without the emulator says so.
    top = made()
    code, _, err = run("boot", "--image", "hello.bin" + AT, cwd=top)
    print("TAP version 13\n1..1\n" + ("ok" if code == 2 and "emulated CPU" in err else "not ok") +
          " 1 - without the emulated CPU")
    return 0


sys.exit(main())
