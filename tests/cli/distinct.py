#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""No two scenarios cover the same set of (command, condition, success variant). Those that make no call to the RMM, but to
EL3M, cover nothing of the specification and are not compared.

usage: distinct.py CCASIM SCENARIOS
"""

import json
import os
import subprocess
import sys
import tempfile


def main():
    ccasim, scenarios = sys.argv[1:3]
    print("TAP version 13")
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "run.json")
        subprocess.run([ccasim, "run", "--json", out, scenarios], stdout=subprocess.DEVNULL,
                       check=False)
        with open(out, encoding="utf-8") as f:
            run = json.load(f)["scenarios"]
    seen = {}
    number = 0
    for scenario in run:
        name = os.path.relpath(scenario["file"], scenarios)
        number += 1
        if scenario["result"] == "skipped":
            print(f"ok {number} - {name} # SKIP {scenario['result']}")
            continue
        covered = frozenset(scenario.get("covered", {}))
        same = seen.setdefault(covered, name) if covered else name
        if same == name:
            print(f"ok {number} - {name}")
        else:
            print(f"not ok {number} - {name}")
            print(f"# covers what {same} covers: {', '.join(sorted(covered)) or 'nothing'}")
    print(f"1..{number}")


main()
