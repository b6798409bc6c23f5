#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A check that knew of a planted bug would prove nothing: no code of model/check, model/spec or tests, and no
scenario, names one; but the tests that plant one, and ask for nothing but a finding. TAP.

usage: bug_names.py CCASIM SOURCE_ROOT
"""
import json
import os
import re
import subprocess
import sys

PLANTS = {"tests/images/images.py", "tests/boot/test_boot_sched.c", "tests/cli/junit.py", "tests/cli/boot.py"}
FOLDERS = ("model/check", "model/spec", "scenarios", "tests")


def files(folder):
    for where, dirs, names in os.walk(folder):
        dirs[:] = sorted(d for d in dirs if d != "__pycache__")
        for name in sorted(names):
            yield os.path.join(where, name)


def main():
    ccasim, root = sys.argv[1:3]
    bugs = json.loads(subprocess.run([ccasim, "list", "bugs", "--json"], check=True,
                                     stdout=subprocess.PIPE).stdout)
    names = [b["name"] for b in bugs]
    words = names + [n.replace("-", "_") for n in names]
    words += [n.upper().replace("-", "_") for n in names]
    pattern = re.compile(r"(?<![\w-])(BUG_)?(" + "|".join(map(re.escape, words)) + r")(?![\w-])")

    print(f"1..{len(FOLDERS)}")
    bad = 0
    for n, folder in enumerate(FOLDERS, 1):
        found = []
        for path in files(os.path.join(root, folder)):
            rel = os.path.relpath(path, root)
            if rel in PLANTS:
                continue
            with open(path, encoding="utf-8", errors="replace") as f:
                text = f.read()
            found += [f"{rel}: {m.group()}" for m in pattern.finditer(rel + "\n" + text)] if names else []
        bad += bool(found)
        print(f"{'not ok' if found else 'ok'} {n} - {folder} names no planted bug")
        for line in found:
            print("# " + line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
