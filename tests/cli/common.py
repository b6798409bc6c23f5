# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of the command line share. The first argument of each is the program."""

import os
import re
import shutil
import subprocess
import sys

CCASIM = os.path.abspath(sys.argv[1])


class Failure(Exception):
    pass


def check(condition, *about):
    if not condition:
        raise Failure("\n".join(str(a) for a in about))


def run(*args, cwd=None, env=None):
    """Returns exit code, stdout, stderr."""
    done = subprocess.run([CCASIM, *args], cwd=cwd, env={**os.environ, **(env or {})},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    # gcc's sanitizer says so when a stack is switched, although it is told of each switch.
    err = re.sub(r"==\d+==WARNING: ASan doesn't fully support makecontext.*\n", "", done.stderr)
    return done.returncode, done.stdout, err


def expect(code, *args, cwd=None, env=None):
    got, out, err = run(*args, cwd=cwd, env=env)
    check(got == code, f"ccasim {' '.join(args)}: exit {got}, expected {code}", out, err)
    return out, err


def read(path):
    with open(path, "rb") as f:
        return f.read()


def tap(names, made):
    """Runs every test_*, each with a folder of its own from made(); one that returns a text was skipped."""
    tests = [(name, test) for name, test in names.items() if name.startswith("test_")]
    print("TAP version 13")
    failed = 0
    for number, (name, test) in enumerate(tests, 1):
        top = made()
        try:
            skip = test(top)
            print(f"ok {number} - {name}" + (f" # SKIP {skip}" if skip else ""))
        except Failure as failure:
            failed += 1
            print(f"not ok {number} - {name}")
            print("\n".join("# " + line for line in str(failure).splitlines()))
        finally:
            shutil.rmtree(top)
        sys.stdout.flush()
    print(f"1..{len(tests)}")
    return 1 if failed else 0
