#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every scenario with Realm code runs on the scripted Realm as on the emulated CPU: result, coverage, and the whole
trace (events, results, exit structures, virtual time) are equal.

usage: realms.py CCASIM SCENARIOS
"""

import json
import os
import re
import subprocess
import sys
import tempfile


def with_code(folder):
    for where, dirs, files in os.walk(folder):
        dirs.sort()
        for name in sorted(files):
            path = os.path.join(where, name)
            if not name.endswith(".yaml") or os.path.basename(where) == "setup":
                continue
            with open(path, encoding="utf-8") as f:
                if re.search(r"^code:", f.read(), re.M):
                    yield path


def run(ccasim, realm, path, tmp):
    files = [os.path.join(tmp, f"{realm}.{kind}") for kind in ("json", "trace")]
    subprocess.run([ccasim, "run", "--realm", realm, "--json", files[0], "--trace", files[1], path],
                   stdout=subprocess.DEVNULL, check=False)
    with open(files[0], encoding="utf-8") as f:
        result = json.load(f)["scenarios"][0]
    with open(files[1], encoding="utf-8") as f:
        return result, f.read()


def first_difference(a, b):
    for n, (x, y) in enumerate(zip(a.splitlines(), b.splitlines()), 1):
        if x != y:
            return f"line {n} of the trace: emulated {x!r}, scripted {y!r}"
    return "one trace is longer"


def main():
    ccasim, scenarios = sys.argv[1:3]
    number = failed = 0
    print("TAP version 13")
    with tempfile.TemporaryDirectory() as tmp:
        for path in with_code(scenarios):
            name = os.path.relpath(path, scenarios)
            number += 1
            code, code_trace = run(ccasim, "unicorn", path, tmp)
            script, script_trace = run(ccasim, "script", path, tmp)
            why = ""
            if script["result"] != "passed":
                why = f"scripted: {script['result']}"
            elif code["result"] != "skipped" and code != script:
                why = "result or coverage differ"
            elif code["result"] != "skipped" and code_trace != script_trace:
                why = first_difference(code_trace, script_trace)
            print(f"{'not ok' if why else 'ok'} {number} - {name}")
            if why:
                print("# " + why)
                failed += 1
    print(f"1..{number}")
    return 1 if failed or number == 0 else 0


sys.exit(main())
