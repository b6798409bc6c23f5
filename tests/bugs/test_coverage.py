#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The scenarios as a whole: how many, what for, and that every condition of the specification that can be
true decides a call in one of them. not_covered.txt has the exceptions. (That no two cover the same is
cli-distinct's.)

usage: test_coverage.py CCASIM SCENARIOS
"""
import os
import sys

import bugs

MIN_SCENARIOS = 60


def exceptions():
    """Condition ids with their reasons."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "not_covered.txt")
    with open(path, encoding="utf-8") as f:
        lines = [line.split(None, 1) for line in f if line.strip() and not line.startswith("#")]
    return {line[0]: line[1].strip() if len(line) > 1 else "" for line in lines}


def has_purpose(path):
    with open(path, encoding="utf-8") as f:
        first = f.readline()
    return first.startswith("# ") and len(first) > 20 and not first.startswith("# yaml-language")


def main():
    ccasim, scenarios = sys.argv[1:3]
    tap = bugs.Tap()
    _, _, found = bugs.run(ccasim, "-j2", scenarios)
    skipped = [s["file"] for s in found if s["result"] == "skipped"]
    covered = {i for s in found for i in s.get("covered", {})}
    conditions = bugs.table(ccasim, "conditions")
    reachable = {c["id"] for c in conditions if not c["unreachable"]}
    excepted = exceptions()

    tap.check(f"there are {MIN_SCENARIOS} scenarios or more", len(found) >= MIN_SCENARIOS,
              len(found))
    bare = [s["file"] for s in found if not has_purpose(s["file"])]
    tap.check("every scenario has a purpose", not bare, "\n".join(bare))
    purposes = {}
    for s in found:
        purposes.setdefault(s["purpose"], []).append(s["file"])
    same = [f"{' '.join(f)}: {p}" for p, f in purposes.items() if len(f) > 1]
    tap.check("no two have the same purpose", not same, "\n".join(same))
    wrong = sorted(c["id"] for c in conditions if c["unreachable"] and c["id"] in covered)
    tap.check("no condition that cannot be true is", not wrong, "\n".join(wrong))
    stale = sorted(i for i, why in excepted.items() if i not in reachable or i in covered or not why)
    tap.check("exceptions are reachable, not covered, and have a reason", not stale, "\n".join(stale))
    missing = sorted(reachable - covered - set(excepted))
    if missing and skipped:
        tap.skip("every condition decides a call", f"{len(skipped)} scenarios did not run")
    else:
        tap.check("every condition decides a call", not missing, "\n".join(missing))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
