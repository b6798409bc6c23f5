#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Reads what `meson test` left in FOLDER/meson-logs/testlog.json, tells the story of what failed,
and prints "passed failed skipped" over the single TAP cases. A program without TAP output is one
case; one that ends badly without a failed case of its own counts as one failure more."""

import json
import re
import sys

CASE = re.compile(r"(not )?ok\b(?:\s+\d+)?\s*-?\s*([^#]*)(?:#\s*(SKIP|TODO)\b.*)?", re.IGNORECASE)


def cases(stdout):
    """Yields (verdict, name, lines) for each TAP case; lines are the case's and its comments."""
    found = None
    for line in stdout.splitlines():
        match = CASE.fullmatch(line)
        if match:
            if found:
                yield found
            failed, name, directive = match.groups()
            directive = (directive or "").upper()
            verdict = "skipped" if directive else "failed" if failed else "passed"
            found = (verdict, name.strip(), [line])
        elif found:
            found[2].append(line)
    if found:
        yield found


def tell(title, lines, limit=40):
    print(f"FAIL {title}", file=sys.stderr)
    for line in lines[:limit]:
        print(f"    {line}", file=sys.stderr)
    if len(lines) > limit:
        print(f"    ... {len(lines) - limit} lines more", file=sys.stderr)


def main():
    folder = sys.argv[1]
    count = {"passed": 0, "failed": 0, "skipped": 0}
    with open(f"{folder}/meson-logs/testlog.json", encoding="utf-8") as log:
        tests = [json.loads(line) for line in log]
    for test in tests:
        title = f"{folder}: {test['name']}"
        stdout = test.get("stdout") or ""
        stderr = (test.get("stderr") or "").splitlines()
        failed = 0
        any_case = False
        for verdict, _, lines in cases(stdout):
            any_case = True
            count[verdict] += 1
            if verdict == "failed":
                failed += 1
                tell(title, lines)
        result = test["result"]
        if result in ("OK", "EXPECTEDFAIL"):
            if not any_case:
                count["passed"] += 1
        elif result == "SKIP":
            if not any_case:
                count["skipped"] += 1
        elif not failed:
            count["failed"] += 1
            tell(f"{title}: {result}, exit status {test['returncode']}", stdout.splitlines()[-20:])
        if result not in ("OK", "EXPECTEDFAIL", "SKIP"):
            for line in stderr[-60:]:
                print(f"    {line}", file=sys.stderr)
    print(count["passed"], count["failed"], count["skipped"])


main()
