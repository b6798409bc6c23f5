#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every encoding of a system register is the same to Realm code on the emulated CPU and on the scripted Realm: what is
read, what is undefined, what traps where; at EL1, at EL1 with SIMD&FP on, and at EL0. TAP.

usage: sysregs.py CCASIM SCENARIOS
"""
import os
import subprocess
import sys
import tempfile

CCASIM, SCENARIOS = map(os.path.abspath, sys.argv[1:3])

# An exception at EL1 mixes its syndrome into x20 and steps over the instruction; x9 says that all is done.
SCENARIO = """\
# Accesses to system registers, one after the other
ccasim: 1
use:
  - {{file: setup/image.yaml, with: {{image_pages: 12}}}}
  - setup/active.yaml
code:
  guest: |
    start:
      adr x0, vectors
      msr vbar_el1, x0
      mov x19, #33
      mov x0, #{cpacr}
      msr cpacr_el1, x0
      adr x0, go
      msr elr_el1, x0
      mov x0, #{pstate}
      msr spsr_el1, x0
      eret
      .balign 2048
    vectors:
      .rept 16
      .balign 128
      cbz x9, 1f
      wfi
    1:
      add x27, x27, #1
      mrs x28, elr_el1
      add x28, x28, #4
      msr elr_el1, x28
      mrs x26, esr_el1
      madd x20, x20, x19, x26
      eret
      .endr
    go:
{accesses}
      mov x9, #1
      svc #0
steps:
  - rec_run: {{at: run, trap_wfi: true}}
  - REC_ENTER: [rec, run]
    exit: {{reason: SYNC, esr.EC: EC_WFX}}
"""
WAYS = {"at EL1": (0, 0x3c5), "at EL1 with SIMD&FP": (0x300000, 0x3c5), "at EL0": (0x300000, 0x3c0)}

# Not written: what the program itself needs, and SGIs, which leave the Realm.
NOT_WRITTEN = {(3, 0, 1, 0, 0), (3, 0, 1, 0, 2), (3, 0, 12, 0, 0), (3, 0, 4, 0, 0), (3, 0, 4, 0, 1),
               (3, 0, 12, 11, 5), (3, 0, 12, 11, 6), (3, 0, 12, 11, 7)}


def registers(path, realm):
    got = subprocess.run([CCASIM, "state", "--realm", realm, path], capture_output=True, text=True, check=False)
    lines = got.stdout.splitlines()
    begin = next((i for i, line in enumerate(lines) if "REC rec:" in line), None)
    if begin is None:
        return got.stdout + got.stderr
    end = next(i for i, line in enumerate(lines) if i > begin and "level 1 table" in line)
    return " ".join(line.strip() for line in lines[begin + 1:end])


def differences(folder, way, write, encodings):
    """(encoding, registers on either) of those that differ."""
    text = ""
    for op0, op1, crn, crm, op2 in encodings:
        name = f"S{op0}_{op1}_C{crn}_C{crm}_{op2}"
        text += f"      msr {name}, xzr\n" if write else f"      mrs x4, {name}\n      madd x20, x20, x19, x4\n"
    cpacr, pstate = WAYS[way]
    path = os.path.join(folder, "accesses.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(SCENARIO.format(cpacr=cpacr, pstate=pstate, accesses=text.rstrip()))
    emulated, scripted = registers(path, "unicorn"), registers(path, "script")
    if emulated == scripted and "x9 0x1" in emulated:
        return
    if len(encodings) == 1:
        yield encodings[0], emulated, scripted
        return
    half = len(encodings) // 2
    yield from differences(folder, way, write, encodings[:half])
    yield from differences(folder, way, write, encodings[half:])


def main():
    print("TAP version 13")
    version = subprocess.run([CCASIM, "--version"], capture_output=True, text=True, check=True).stdout
    if "Unicorn none" in version:
        print("1..0 # SKIP no emulated CPU in this build")
        return 0
    number = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.join(SCENARIOS, "setup"), os.path.join(folder, "setup"))
        for way in WAYS:
            for write in (False, True):
                wrong = []
                for op0 in (2, 3):
                    for op1 in range(8):
                        for first in (0, 8):
                            some = [(op0, op1, crn, crm, op2) for crn in range(first, first + 8)
                                    for crm in range(16) for op2 in range(8)]
                            some = [e for e in some if not (write and e in NOT_WRITTEN)]
                            wrong += differences(folder, way, write, some)
                number += 1
                failed += bool(wrong)
                what = "writes" if write else "reads"
                print(f"{'not ok' if wrong else 'ok'} {number} - {what} of every system register {way}")
                for encoding, emulated, scripted in wrong:
                    print(f"# S{encoding}\n#   emulated {emulated}\n#   scripted {scripted}")
    print(f"1..{number}")
    return 1 if failed else 0


sys.exit(main())
