#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The RIM that `ccasim rim` computes from a scenario file is the one that a run measures, for every Realm of every
scenario that creates one. TAP.

usage: rim.py CCASIM SCENARIOS
"""
import json
import os
import re
import subprocess
import sys

CCASIM, SCENARIOS = map(os.path.abspath, sys.argv[1:3])

# What a file must have for its RIM to be open: races, and calls whose result it leaves to the specification.
OPEN = ("during:", "expect_any:", "expect: any")


def scenarios():
    for where, dirs, files in os.walk(SCENARIOS):
        dirs[:] = sorted(d for d in dirs if d != "setup")
        yield from (os.path.join(where, name) for name in sorted(files) if name.endswith(".yaml"))


def main():
    print("TAP version 13")
    number = failed = realms = known = 0
    for path in scenarios():
        got = subprocess.run([CCASIM, "rim", "--run", "--json", path], capture_output=True, text=True, check=False)
        wrong = []
        try:
            found = json.loads(got.stdout)
        except ValueError:
            found = []
            wrong.append(f"{got.returncode}: {got.stderr}")
        if not found and not wrong and not got.returncode:
            continue  # it creates no Realm
        with open(path, encoding="utf-8") as f:
            is_open = any(word in f.read() for word in OPEN)
        for realm in found:
            realms += 1
            known += realm["rim"] is not None
            if realm["rim"] is None and not is_open:
                wrong.append(f"{realm['realm']}: {realm['why']}")
            elif realm["rim"] is not None and realm["rim"] != realm.get("run"):
                wrong.append(f"{realm['realm']}: {realm['rim']}, the run has {realm.get('run')}")
        said = re.sub(r"==\d+==WARNING: ASan doesn't fully support makecontext.*\n", "", got.stderr)
        if said:
            wrong.append(said)
        number += 1
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {os.path.relpath(path, SCENARIOS)}")
        for line in wrong:
            print(f"# {line}")
    number += 1
    enough = realms > 100 and known * 100 >= 97 * realms
    print(f"{'ok' if enough else 'not ok'} {number} - known of {known} of {realms} Realms")
    print(f"1..{number}")
    return 1 if failed or not enough else 0


sys.exit(main())
