#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The images of this folder, booted: what they print, how they end, that no check has a finding, that a second process
prints the same bytes; and that the checks find planted bugs while an image runs.

usage: images.py CCASIM FOLDER EXPECTED [--rebase] [--no-break]

FOLDER has the ELF files; an EXPECTED file has the lines of a console. Lines that begin with "x| " are told by somebody else
than the host and may come between other lines: each teller's lines are compared for themselves."""

import json
import os
import re
import subprocess
import sys
import tempfile

CCASIM, FOLDER, EXPECTED = sys.argv[1:4]
REBASE = "--rebase" in sys.argv

# Image, file of expected lines (None: its own), how it ends, exit code, options.
SMALL = ("--platform", "small")
IMAGES = [
    ("hypervisor", None, "off", 0, ()),
    ("hypervisor_16k", None, "off", 0, ()),
    ("hypervisor_64k", None, "off", 0, ()),
    ("hypervisor_vhe", None, "off", 0, ()),
    ("hypervisor_vhe_16k", None, "off", 0, ()),
    ("hypervisor_vhe_64k", None, "off", 0, ()),
    ("hypervisor_small", "hypervisor", "off", 0, SMALL),
    ("hostile", None, "off", 0, ()),
    ("hostile_small", "hostile", "off", 0, SMALL),
    ("smp", None, "off", 0, ()),
    ("kernel", None, "off", 0, ()),
    ("kernel_small", "kernel", "off", 0, SMALL),
    ("exceptions", None, "off", 0, ()),
    ("exceptions_vhe", None, "off", 0, ()),
    ("watchdog", None, "off", 0, ()),
    ("watchdog_sbsa", None, "off", 0, ()),
    ("access_flag", None, "off", 0, ()),
    ("access_flag_vhe", "access_flag", "off", 0, ()),
    ("granule", None, "off", 0, ()),
    ("granule_16k", None, "off", 0, ()),
    ("granule_64k", None, "off", 0, ()),
    ("granule_vhe_64k", "granule_64k", "off", 0, ()),
    ("unprivileged", None, "off", 0, ()),
    ("unprivileged_vhe", None, "off", 0, ()),
    ("at", None, "off", 0, ()),
    ("at_vhe", "at", "off", 0, ()),
    ("zva", None, "off", 0, ()),
    ("wfi", None, "wfi", 0, ()),
    ("code", None, "off", 0, ()),
    ("exclusives", None, "off", 0, ()),
    ("external", None, "off", 0, ()),
    ("power", None, "off", 0, ()),
    ("spin", None, "timeout", 4, ("--timeout", "2000000")),
    ("stuck", None, "stuck", 1, ("--timeout", "2000000")),
]

# Image, planted bug, the check that must find it while the image runs.
BROKEN = [
    ("hypervisor", "aux-count-after-unlock", "slot-without-lock"),
    ("hypervisor", "cpu-on-keeps-registers", "refine"),
    ("hypervisor", "data-create-not-measured", "I18"),
    ("hypervisor", "data-destroy-no-tlbi", "I13"),
    ("hypervisor", "data-destroy-no-wipe", "I2"),
    ("hypervisor", "delegate-writes-gpt", "gpt-writer"),
    ("hypervisor", "exit-leaks-esr", "host-memory"),
    ("hypervisor", "exit-leaks-gpr", "host-memory"),
    ("hypervisor", "fp-leaks-to-host", "host-context"),
    ("hypervisor", "gic-active-lost", "rec-context"),
    ("hypervisor", "host-call-no-result", "realm-registers"),
    ("hypervisor", "host-call-short-copy", "realm-memory"),
    ("hypervisor", "map-without-ns", "I20"),
    ("hypervisor", "mmio-no-sign-extend", "realm-registers"),
    ("hypervisor", "ns-slot-leak", "slot-leak"),
    ("hypervisor", "psci-exit-leaks-gpr", "host-memory"),
    ("hypervisor", "realm-create-double-fetch", "double-fetch"),
    ("hypervisor", "rec-destroy-no-wipe", "I2"),
    ("hypervisor", "rtt-create-lock-order", "lock-order"),
    ("hypervisor", "rtt-create-refcount", "I8"),
    ("hypervisor", "set-ripas-no-tlbi", "I13"),
    ("hypervisor", "sgi-not-told", "host-memory"),
    ("hypervisor", "sysreg-leaks-to-host", "I23"),
    ("hypervisor", "timer-change-not-told", "realm-registers"),
    ("hypervisor", "token-past-size", "realm-memory"),
    ("hypervisor", "unmap-no-tlbi", "I13"),
    ("smp", "unmap-no-tlbi", "I13"),
    ("hostile", "data-create-in-active", "I17"),
    ("hostile", "data-create-no-gpc", "I21"),
    ("hostile", "data-create-no-undo", "I27"),
    ("hostile", "data-create-overwrites", "I6"),
    ("hostile", "fold-looks-at-two", "I8"),
    ("hostile", "rec-create-wrong-status", "result"),
    ("hostile", "rec-enter-twice", "I12"),
    ("hostile", "rtt-destroy-lock-leak", "lock-leak"),
    ("hostile", "undelegate-before-check", "I28"),
]


class Failure(Exception):
    pass


def check(condition, *about):
    if not condition:
        raise Failure("\n".join(str(a) for a in about))


def boot(image, *options):
    """Exit code, report, bytes of the console."""
    with tempfile.TemporaryDirectory() as top:
        uart = os.path.join(top, "uart")
        command = [CCASIM, "boot", "--json", "--check", "all", "--uart", uart, *options,
                   "--elf", os.path.join(FOLDER, image + ".elf")]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False,
                              timeout=300)
        check(done.stdout, f"exit {done.returncode}", done.stderr.decode(errors="replace"))
        with open(uart, "rb") as f:
            return done.returncode, json.loads(done.stdout), f.read(), done.stdout


def told(text):
    """Lines by teller."""
    found = {}
    for line in text.splitlines():
        teller = re.match(r"(\w)?\| ", line)
        found.setdefault(teller.group() if teller else "", []).append(line)
    return found


def same_lines(got, want):
    for teller in sorted(set(got) | set(want)):
        a, b = got.get(teller, []), want.get(teller, [])
        for i in range(max(len(a), len(b))):
            line_a = a[i] if i < len(a) else "(no line)"
            line_b = b[i] if i < len(b) else "(no line)"
            check(line_a == line_b, f"line {i + 1} of {teller or 'the host'}: {line_a}",
                  f"expected: {line_b}")


def test_image(image, lines, end, code, options):
    got, report, console, whole = boot(image, *options)
    text = console.decode()
    path = os.path.join(EXPECTED, (lines or image) + ".txt")
    if REBASE and lines is None:
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    with open(path, encoding="utf-8") as f:
        same_lines(told(text), told(f.read()))
    check(report["findings"] == [], json.dumps(report["findings"], indent=1))
    check(report["end"] == end, json.dumps(report, indent=1))
    check(got == code, f"exit {got}, not {code}")
    check("FAIL" not in text, text)
    check(end != "off" or text.endswith("PASS\n"), text)
    if report["rmi_calls"]:
        check(report["predicates"] > report["rmi_calls"], json.dumps(report, indent=1))
    again = boot(image, *options)
    check(again[2] == console and again[3] == whole, "a second run tells something else")


def test_full():
    """What is only looked at where something changed is right elsewhere, too."""
    got, report, console, _ = boot("hostile_small", *SMALL, "--check", "full")
    check(got == 0 and report["findings"] == [], json.dumps(report["findings"], indent=1))
    check(console.endswith(b"PASS\n"), console.decode())


def test_broken(image, bug, rule):
    got, report, _, _ = boot(image, "--break", bug, "--timeout", "200000000")
    rules = [f["rule"] for f in report["findings"]]
    check(rule in rules, f"found: {' '.join(rules) or 'nothing'}; not {rule}")
    check(got in (1, 4), f"exit {got}")  # 4: it came to nothing any more


def main():
    if not CCASIM:
        print("1..0 # SKIP built without Unicorn")
        return 0
    if not os.path.exists(os.path.join(FOLDER, IMAGES[0][0] + ".elf")):
        print("1..0 # SKIP no aarch64-linux-gnu-gcc: the images are not built")
        return 0
    tests = [(c[0], test_image, c) for c in IMAGES]
    tests.append(("hostile_small, everything looked at after each call", test_full, ()))
    if "--no-break" not in sys.argv:  # a build without the planted bugs
        tests += [(f"{c[0]} with {c[1]}", test_broken, c) for c in BROKEN]
    print("TAP version 13")
    failed = 0
    for number, (name, test, case) in enumerate(tests, 1):
        try:
            test(*case)
            print(f"ok {number} - {name}")
        except (Failure, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as failure:
            failed += 1
            print(f"not ok {number} - {name}")
            print("\n".join("# " + line for line in str(failure).splitlines()[:60]))
        sys.stdout.flush()
    print(f"1..{len(tests)}")
    return 1 if failed else 0


sys.exit(main())
