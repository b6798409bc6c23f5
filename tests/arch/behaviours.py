#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""docs/behaviours.md: 57 rows, each names a scenario that passes, a rule or a test, and names nothing that is not there.

usage: behaviours.py CCASIM SOURCE_ROOT
"""
import json
import os
import re
import subprocess
import sys

ROWS = 57


def rows(path):
    with open(path, encoding="utf-8") as f:
        for line in f:
            m = re.match(r"\| (\d+) \| (.+?) \| (.+) \|$", line)
            if m:
                yield int(m[1]), m[2], m[3]


def main():
    ccasim, root = sys.argv[1:3]
    listed = subprocess.run([ccasim, "list", "invariants", "--json"], capture_output=True, check=True)
    rules = {rule["id"] for rule in json.loads(listed.stdout)}
    print("TAP version 13")
    number = 0
    for number, (row, what, shown) in enumerate(rows(os.path.join(root, "docs/behaviours.md")), 1):
        wrong = [] if row == number else [f"row {row} stands at place {number}"]
        good = 0
        scenarios = []
        for name in re.findall(r"`([^`]+)`", shown):
            if name.endswith(".yaml"):
                scenarios.append(os.path.join(root, "scenarios", name))
                good += os.path.exists(scenarios[-1])
                if not os.path.exists(scenarios[-1]):
                    wrong.append(f"no scenario {name}")
            elif "/" in name:
                good += os.path.exists(os.path.join(root, name))
                if not os.path.exists(os.path.join(root, name)):
                    wrong.append(f"no file {name}")
            elif " " not in name:
                good += name in rules
                if name not in rules:
                    wrong.append(f"no rule {name}")
        if not good:
            wrong.append("nothing shows it")
        if scenarios and not wrong:
            run = subprocess.run([ccasim, "run", *scenarios], capture_output=True, text=True, check=False)
            if run.returncode:
                wrong.append(run.stdout)
        print(f"{'not ok' if wrong else 'ok'} {number} - {what}")
        for line in "\n".join(wrong).splitlines():
            print(f"# {line}")
    print(f"{'ok' if number == ROWS else 'not ok'} {number + 1} - {ROWS} behaviours")
    print(f"1..{number + 1}")


main()
