#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Each planted bug is caught by the check that claims it; without the bug its scenario takes the same
way, and nobody objects.

usage: test_bugs.py CCASIM SCENARIOS
"""
import os
import sys

import bugs

MIN_BUGS = 15


def with_bug(tap, ccasim, path, bug):
    code, text, found = bugs.run(ccasim, "--break", bug["name"], path)
    rule = bugs.caught_by(found[0]) if found else None
    steps = {f["step"] for f in found[0]["findings"]} if found else set()
    tap.check(f"{bug['name']}: caught by {bug['claim']}",
              code == 1 and rule == bug["claim"] and steps == {found[0].get("failed_step")},
              f"exit {code}, rule {rule}, steps {sorted(steps)}\n{text}")


def without_bug(tap, ccasim, path, bug):
    code, text, found = bugs.run(ccasim, "--check", "full", path)
    reached = found[0].get("bugs", {}).get(bug["name"], 0) if found else 0
    tap.check(f"{bug['name']}: without it {os.path.basename(path)} goes there, and nothing is found",
              code == 0 and reached > 0 and not found[0]["findings"],
              f"exit {code}, reached {reached} times\n{text}")


def main():
    ccasim, scenarios = sys.argv[1:3]
    tap = bugs.Tap()
    listed = bugs.table(ccasim, "bugs")
    rules = {r["id"] for r in bugs.table(ccasim, "invariants")}
    tap.check(f"there are {MIN_BUGS} bugs or more", len(listed) >= MIN_BUGS, len(listed))
    unknown = [b["name"] for b in listed if b["claim"] not in rules]
    tap.check("every rule claimed exists", not unknown, unknown)
    for bug in listed:
        path = os.path.join(scenarios, bug["scenario"])
        with_bug(tap, ccasim, path, bug)
        without_bug(tap, ccasim, path, bug)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
