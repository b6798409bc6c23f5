#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compliance images, which are not in this repository: CCASIM_ACS_DIR names the folder, its file CASES says what must be
seen of each (docs/boot.md). Each case runs twice, for the same bytes.

usage: images.py CCASIM
"""

import json
import os
import re
import resource
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from common import CCASIM, Failure, check, read  # pylint: disable=wrong-import-position


class Case:
    def __init__(self, name):
        self.name, self.boot, self.expect, self.count = name, [], [], []
        self.exit, self.seconds, self.replay = 0, 60.0, False


def cases(path):
    found = []
    with open(path, encoding="utf-8") as f:
        lines = f.read().splitlines()
    for number, line in enumerate(lines, 1):
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        case = found[-1] if found else None
        if not word or word.startswith("#"):
            continue
        if word == "case" and rest:
            found.append(Case(rest))
        elif case is None or not rest:
            raise SystemExit(f"{path}:{number}: a case begins with `case NAME`")
        elif word == "boot":
            case.boot += shlex.split(rest)
        elif word == "expect":
            case.expect.append(rest)
        elif word == "count":
            times, _, regex = rest.partition(" ")
            case.count.append((int(times), regex.strip()))
        elif word == "exit":
            case.exit = int(rest)
        elif word == "seconds":
            case.seconds = float(rest)
        elif word == "replay":
            case.replay = rest == "yes"
        else:
            raise SystemExit(f"{path}:{number}: not one of case, boot, expect, count, exit, seconds, replay: {word}")
    return found


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(folder, case, console, *more):
    """Exit code, report, console, seconds of CPU time: what else the machine does makes no case late."""
    args = [CCASIM, "boot", "--json", "--uart", console, *case.boot, *more]
    for regex in case.expect:
        args += ["--expect-uart", regex]
    began = cpu_seconds()
    try:
        done = subprocess.run(args, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                              timeout=10 * case.seconds)
    except subprocess.TimeoutExpired as late:
        raise Failure(f"still running after {10 * case.seconds} s") from late
    took = cpu_seconds() - began
    check(done.stdout, f"exit {done.returncode}, no report", done.stderr)
    return done.returncode, done.stdout, read(console), took


def test(folder, case, console):
    code, out, text, took = run(folder, case, console)
    report = json.loads(out)
    unmet = [e["regex"] for e in report["uart"]["expected"] if not e["matched"]]
    check(report["num_findings"] == 0, "findings:", *[json.dumps(f, indent=1) for f in report["findings"][:3]])
    check(not unmet, "no line matches:", *unmet)
    check(code == case.exit, f"exit {code}, ended by {report['end']}: {report['why']}")
    check(report["rmi_calls"] > 0 and report["predicates"] > 0, "nothing was checked", out)
    lines = text.decode("utf-8", "replace").replace("\r", "").split("\n")
    for times, regex in case.count:
        seen = [s for s in lines if re.search(regex, s)]
        check(len(seen) == times, f"{len(seen)} lines match `{regex}`, not {times}", *seen[:20])
    check(took <= case.seconds, f"it took {took:.1f} s")
    trace = console + ".trace"
    again = run(folder, case, console, *(("--trace", trace) if case.replay else ()))
    check(again[:3] == (code, out, text), "another process gives other bytes")
    if case.replay:
        done = subprocess.run([CCASIM, "run", trace], capture_output=True, text=True, check=False)
        check(done.returncode == 0, "its trace ends differently", done.stdout[:2000], done.stderr[:2000])
        os.remove(trace)
    return f"{took:.1f} s, {report['rmi_calls']} calls, {report['predicates']} predicates"


def main():
    folder = os.environ.get("CCASIM_ACS_DIR")
    print("TAP version 13")
    if not folder:
        print("ok 1 - compliance images # SKIP CCASIM_ACS_DIR names no folder\n1..1")
        return 0
    failed, found = 0, cases(os.path.join(folder, "CASES"))
    with tempfile.TemporaryDirectory() as top:
        for number, case in enumerate(found, 1):
            try:
                print(f"# {test(folder, case, os.path.join(top, 'console'))}")
                print(f"ok {number} - {case.name}")
            except Failure as failure:
                failed += 1
                print(f"not ok {number} - {case.name}")
                print("\n".join("# " + s for s in str(failure).splitlines()))
            sys.stdout.flush()
    check(found, "CASES has no case")
    print(f"1..{len(found)}")
    return 1 if failed else 0


sys.exit(main())
