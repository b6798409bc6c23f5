#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""gdb-multiarch at `ccasim boot --gdb`: breakpoints in the host and in a Realm, steps, registers, memory, threads, monitor
commands; and that a run with breakpoints gives what the run without gives. TAP.

usage: debugger.py CCASIM IMAGES
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from remote import Boot, check, done, equal

CCASIM, IMAGES = sys.argv[1:3]
GDB = shutil.which("gdb-multiarch")
HOST = os.path.join(IMAGES, "hypervisor.elf")
REALM = os.path.join(IMAGES, "realm_a.blob")  # an ELF file


# A script of gdb ends at the first error; a command that fails is part of some tests.
TOLERANT = """python
class Tolerant(gdb.Command):
    def __init__(self):
        super().__init__("tolerant", gdb.COMMAND_USER)

    def invoke(self, command, from_tty):
        try:
            gdb.execute(command)
        except gdb.error as e:
            print(e)

Tolerant()
end"""


def debug(boot, commands, image=HOST):
    """What gdb prints, by command: those are numbered in its output."""
    lines = ["set pagination off", "set confirm off", TOLERANT, f"target remote 127.0.0.1:{boot.port}"]
    for i, command in enumerate(commands):
        one = "\n" not in command and not command.startswith("python")
        lines += [f"echo @{i}@\\n", f"tolerant {command}" if one else command]
    with tempfile.NamedTemporaryFile("w", suffix=".gdb") as script:
        script.write("\n".join(lines) + "\n")
        script.flush()
        try:
            out = subprocess.run([GDB, "-batch", "-nx", "-x", script.name, image], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 text=True, timeout=120, check=False).stdout
        except subprocess.TimeoutExpired as e:
            out = e.stdout.decode()
    parts = re.split(r"^@(\d+)@\n", out, flags=re.M)
    return [dict(zip(map(int, parts[1::2]), parts[2::2])).get(i, "(nothing)\n") for i in range(len(commands))]


def session(name, steps, options=(), ends=0):
    """Steps: (command, regular expression of what it prints or None)."""
    boot = Boot(CCASIM, HOST, *options)
    answers = debug(boot, [c for c, _ in steps])
    for (command, wanted), got in zip(steps, answers):
        if wanted is not None:
            check(f"{name}: {command}", [] if re.search(wanted, got) else [got, f"has nothing like {wanted}"])
    code, _, console = boot.end()
    equal(f"{name}: how the run ends", code, ends)
    return console


def check_host():
    session("host", [
        ("info registers pc cpsr", r"pc +0x88000000 .*<_start>\ncpsr.* EL=2 "),
        ("info threads", r"\* 1 .*PE 0: host, EL2h.*_start.*\n +2 .*PE 1: off"),
        ("break realm_build", r"Breakpoint 1 at"),
        ("continue", r"Breakpoint 1, 0x0*88\w+ in realm_build"),
        ("x/i realm_build", r"<realm_build>:\s+stp\s+x29, x30"),
        ("backtrace", r"#1 .* in image_main"),
        ("set var $before = $pc", None),
        ("stepi", r" in realm_b"),
        ("p $pc != $before", r"= 1\n"),
        ("p/x $HCR_EL2 & 0x38", r"= 0x38\n"),
        ("p/x $VBAR_EL2 == (long)&vectors", r"= 0x1\n"),
        ("p $v0.u64[0] + 0 * $fpsr", r"= \d+\n"),
        ("set var $x9 = 0x1234567812345678", None),
        ("p/x $x9", r"= 0x1234567812345678\n"),
        ("set var *(long *)0x90000000 = 0x55aa", None),
        ("x/xg 0x90000000", r"0x90000000:\s+0x00000000000055aa\n"),
        ("x/xw 0x1c090000", r"Cannot access memory"),
        ("finish", r" in \w+"),
        ("delete", None),
        ("detach", r"detached"),
    ])


def check_realm():
    console = session("Realm", [
        (f"add-symbol-file {REALM} -o 0", r"add symbol table"),
        ("monitor only realm", r"stop in: realm"),
        ("hbreak realm_main", r"Hardware assisted breakpoint 1 at"),
        ("continue", r"hit Breakpoint 1, 0x0*\w+ in realm_main"),
        ("info threads", r"\* \d .*Realm 0x\w+, REC 0x\w+, EL1h"),
        ("p $pc == (long)&realm_main", r"= 1\n"),
        ("x/i $pc", r"<realm_main>:\s+stp\s+x29, x30"),
        ("stepi", r"in realm_main"),
        ("p (long)$pc - (long)&realm_main", r"= 4\n"),
        ("p (long)$sp & 15", r"= 0\n"),
        ("info registers cpsr", r"EL=1 "),
        ("monitor realms", r"Realm 0x\w+: ACTIVE, s2sz"),
        ("monitor phys on", r"physical"),
        ("x/i 0x88000000", r"mov\s+x19, x0"),
        ("monitor phys off", r"virtual"),
        ("x/xg 0x88000000", r"Cannot access memory"),
        ("monitor only host", r"stop in: host"),
        ("stepi", r"0x0*88\w+ in "),
        ("info threads", r"\* \d .*host, EL2h"),
        ("stepi 20", r"0x0*88\w+ in "),
        ("monitor only both", r"stop in: both"),
        ("delete", None),
        ("continue", r"exited normally"),
    ])
    check("Realm: the run was the one without a debugger", "PASS" in console)


def check_calls():
    """Steps over an SMC: with what is in it, or without."""
    enter = r"""
python
def smc_of_rec_enter():
    '''To the SMC of the next REC_ENTER.'''
    while True:
        gdb.execute("continue", to_string=True)
        if int(gdb.parse_and_eval("(unsigned long)$x0")) == 0xc400015c:
            return
end
"""
    smc = subprocess.run(["aarch64-linux-gnu-objdump", "-d", "--disassemble=smc_call", HOST], capture_output=True, text=True,
                         check=True).stdout
    at = int(re.search(r"^\s*([0-9a-f]+):.*\bsmc\b", smc, re.M)[1], 16)
    session("SMC", [
        (enter, None),
        ("monitor only host", r"host"),
        (f"break *{at:#x}", r"Breakpoint 1"),
        ("python smc_of_rec_enter()", None),
        ("stepi", r"in smc_call"),
        (f"p $pc == {at + 4:#x}", r"= 1\n"),
        ("stepi", r"in smc_call"),
        (f"p $pc == {at + 8:#x}", r"= 1\n"),
        ("monitor only realm", r"realm"),
        ("stepi", r"0x0*[0-9a-f]{1,5} in "),
        ("info threads", r"\* \d .*Realm 0x"),
        ("stepi", r"0x0*[0-9a-f]{1,5} in "),
        ("monitor only both", r"both"),
        ("python smc_of_rec_enter()", None),
        ("stepi", r"in smc_call"),
        ("stepi", r"0x0*[0-9a-f]{1,5} in "),
        ("info threads", r"\* \d .*Realm 0x"),
        ("kill", r"killed"),
    ], ends=130)


def in_realm(*names):
    """Where functions of the Realm's image are, as breakpoints that need no symbols."""
    out = subprocess.run(["aarch64-linux-gnu-nm", REALM], capture_output=True, text=True, check=True).stdout
    return ["*0x" + re.search(rf"^([0-9a-f]+) \w {name}$", out, re.M)[1] for name in names]


def check_same(image, options):
    """Breakpoints that only stop change nothing."""
    with tempfile.TemporaryDirectory() as folder:
        outs = []
        for name in ("without", "with"):
            trace = os.path.join(folder, name)
            if name == "with":
                boot = Boot(CCASIM, image, "--trace", trace, *options)
                stops = [c for where in ("rmi_ok", "on_tick", "from_current", "from_lower", *in_realm("ask_host", "realm_exception"))
                         for c in (f"break {where}", "commands\nsilent\nset $stops = $stops + 1\ncontinue\nend")]
                answers = debug(boot, ["set $stops = 0", *stops, "continue", "p $stops"], image)
                code, out, console = boot.end()
                stopped = int(re.search(r"= (\d+)", answers[-1] + "= 0")[1])
            else:
                uart = os.path.join(folder, "uart")
                r = subprocess.run([CCASIM, "boot", "--elf", image, "--trace", trace, "--uart", uart, *options], capture_output=True,
                                   text=True, check=False)
                with open(uart, encoding="utf-8") as f:
                    code, out, console = r.returncode, r.stdout, f.read()
            with open(trace, encoding="utf-8") as f:
                outs.append((code, out.replace(trace, ""), console, f.read()))
        check(f"{os.path.basename(image)} {' '.join(options)}: stopped {stopped} times",
              stopped > 100 or ["too seldom to say anything", *answers[-3:]])
        for i, what in enumerate(("exit code", "report", "console", "trace")):
            check(f"{os.path.basename(image)} {' '.join(options)}: the same {what}",
                  [] if outs[0][i] == outs[1][i] else [outs[0][i][:2000], "but with breakpoints", outs[1][i][:2000]] if i < 3
                  else ["it differs"])


def main():
    if not GDB:
        print("1..0 # SKIP no gdb-multiarch")
        return 0
    check_host()
    check_realm()
    check_calls()
    check_same(HOST, [])
    check_same(os.path.join(IMAGES, "hypervisor_vhe_16k.elf"), ["--pe", "2"])
    return done()


if __name__ == "__main__":
    sys.exit(main())
