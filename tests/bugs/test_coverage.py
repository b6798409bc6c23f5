#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The scenarios as a whole: how many, what for; and that those of scenarios/conformance alone, without the
planted bugs' and the rest, show of the specification all that can be: each condition decides a call, each
kind of success is seen, each ordered pair is true in one call. not_covered.txt has the exceptions. (That no
two cover the same is cli-distinct's.)

usage: test_coverage.py CCASIM SCENARIOS
"""
import json
import os
import subprocess
import sys
import tempfile

import bugs

MIN_SCENARIOS = 300


def coverage(ccasim, scenarios):
    """`ccasim coverage`: what it says of each command."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "coverage.json")
        subprocess.run([ccasim, "coverage", "-j2", "--json", out, scenarios], stdout=subprocess.PIPE,
                       check=False)
        with open(out, encoding="utf-8") as f:
            return json.load(f)["commands"]


def parts(commands):
    """(kind, id, scenarios that show it, whether it cannot be) of all that there is to cover."""
    for c in commands:
        name = c["command"]
        for i in c["conditions"]:
            yield "condition", f"{name}.{i['id']}", i["decided"], i["unreachable"]
        for i in c["successes"]:
            yield "success", f"{name}:{i['variant']}", i["seen"], i["never"]
        for i in c["pairs"]:
            yield "ordered pair", f"{name}.{i['before']}<{i['after']}", i["both"], i["never"]
        yield "command", name, c["called"], False


def exceptions():
    """Ids with their reasons."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "not_covered.txt")
    with open(path, encoding="utf-8") as f:
        lines = [line.split(None, 1) for line in f if line.strip() and not line.startswith("#")]
    return {line[0]: line[1].strip() if len(line) > 1 else "" for line in lines}


def has_purpose(path):
    with open(path, encoding="utf-8") as f:
        first = f.readline()
    return first.startswith("# ") and len(first) > 20 and not first.startswith("# yaml-language")


def covered(tap, items, excepted, skipped):
    wrong = [i for _, i, shown, never in items if never and shown]
    tap.check("nothing is shown that cannot be", not wrong, "\n".join(wrong))
    open_ids = {i for _, i, shown, never in items if not shown and not never}
    stale = sorted(i for i, why in excepted.items() if i not in open_ids or not why)
    tap.check("exceptions can be, are not shown, and have a reason", not stale, "\n".join(stale))
    for kind in ("command", "condition", "success", "ordered pair"):
        ids = [i for k, i, _, _ in items if k == kind]
        missing = [i for i in ids if i in open_ids and i not in excepted]
        name = f"each {kind} is in a scenario of conformance"
        if missing and skipped:
            tap.skip(name, f"{len(skipped)} scenarios did not run")
        else:
            tap.check(name, ids and not missing, "\n".join(missing) or "there is none")


def main():
    ccasim, scenarios = sys.argv[1:3]
    tap = bugs.Tap()
    _, _, found = bugs.run(ccasim, "-j2", scenarios)
    skipped = [s["file"] for s in found if s["result"] == "skipped"]

    tap.check(f"there are {MIN_SCENARIOS} scenarios or more", len(found) >= MIN_SCENARIOS,
              len(found))
    bare = [s["file"] for s in found if not has_purpose(s["file"])]
    tap.check("every scenario has a purpose", not bare, "\n".join(bare))
    purposes = {}
    for s in found:
        purposes.setdefault(s["purpose"], []).append(s["file"])
    same = [f"{' '.join(f)}: {p}" for p, f in purposes.items() if len(f) > 1]
    tap.check("no two have the same purpose", not same, "\n".join(same))
    commands = coverage(ccasim, os.path.join(scenarios, "conformance"))
    covered(tap, list(parts(commands)), exceptions(), skipped)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
