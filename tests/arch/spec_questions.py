#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""docs/spec-questions.md: scenarios and rules that it names are there, the scenarios pass, and every place that the
specification leaves open (`ccasim list conditions --loose`) has a row.

usage: spec_questions.py CCASIM SOURCE_ROOT
"""
import json
import os
import re
import subprocess
import sys


def table(ccasim, *args):
    return json.loads(subprocess.run([ccasim, "list", *args, "--json"], stdout=subprocess.PIPE,
                                     check=True).stdout)


def main():
    ccasim, root = sys.argv[1:3]
    with open(os.path.join(root, "docs/spec-questions.md"), encoding="utf-8") as f:
        text = " ".join(f.read().split())
    number = 0

    def check(name, wrong):
        nonlocal number
        number += 1
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        for line in "\n".join(wrong).splitlines():
            print(f"# {line}")

    print("TAP version 13")
    names = sorted(set(re.findall(r"`([a-z]+/[^`]+\.yaml)`", text)))
    paths = [os.path.join(root, "scenarios", name) for name in names]
    missing = [p for p in paths if not os.path.exists(p)]
    check("scenarios are there", missing or ([] if len(paths) > 20 else ["no scenarios"]))
    run = subprocess.run([ccasim, "run", *paths], stdout=subprocess.PIPE, universal_newlines=True,
                         check=False)
    check("scenarios pass", [run.stdout] if run.returncode else [])
    rules = {rule["id"] for rule in table(ccasim, "invariants")}
    check("rules are there", sorted(set(re.findall(r"`(I\d+)`", text)) - rules))
    known = {c["id"].split(".")[1] for c in table(ccasim, "conditions")}
    check("conditions are there", sorted(set(re.findall(r"`([a-z]+_[a-z_]+)`", text)) - known))
    loose = table(ccasim, "conditions", "--loose")
    check("what is left open has a row",
          [f"{row['command']}: {row['what']}" for row in loose
           if f"| {' '.join(row['what'].split())} |" not in text])
    print(f"1..{number}")


main()
