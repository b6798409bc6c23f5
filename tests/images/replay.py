#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A boot's trace runs without the host's code, to the same results; where PEs were in calls at the same time, it says so.

usage: replay.py CCASIM FOLDER
"""

import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from common import check, expect, read, run, tap  # pylint: disable=wrong-import-position

FOLDER = os.path.abspath(sys.argv[2])


def traced(top, image, *options):
    """The trace of the image's boot."""
    expect(0, "boot", "--elf", os.path.join(FOLDER, image + ".elf"), "--uart", "console", "--trace", "trace", *options,
           cwd=top)
    return read(os.path.join(top, "trace")).decode()


def replayed(image, calls, scenarios=1, options=()):
    def test(top):
        text = traced(top, image, *options)
        got = len(re.findall(r"^step \d+ .* call world=NS .* pc=0x", text, re.M))
        check(got >= calls, f"{got} calls")
        check("\noverlap" not in text, "calls overlap")
        out, _ = expect(0, "run", "trace", cwd=top)
        check(f"{scenarios} passed, 0 failed" in out.splitlines()[-1], out)
    return test


test_realms = replayed("hypervisor", 100, options=("--pe", "1"))
test_exceptions = replayed("access_flag_vhe", 0)
test_kernel = replayed("kernel", 3)
test_resets = replayed("watchdog", 0, scenarios=3)


def test_overlap(top):
    """The Realms of two PEs run at the same time."""
    text = traced(top, "hypervisor")
    overlaps = re.search(r"^overlap (\d+)$", text, re.M)
    check(overlaps and int(overlaps.group(1)) > 0, text[-300:])
    code, out, err = run("run", "trace", cwd=top)
    check(code in (0, 1, 4) and err == "", code, out, err)
    check(code == 0 or f"note: {overlaps.group(1)} calls of this boot began while another PE was in one" in out, out)


def main():
    if not os.path.exists(os.path.join(FOLDER, "hypervisor.elf")):
        print("TAP version 13\nok 1 - replay # SKIP no cross compiler\n1..1")
        return 0
    if "Unicorn: none" in expect(0, "--version")[0]:
        print("TAP version 13\nok 1 - replay # SKIP host code needs the emulated CPU\n1..1")
        return 0
    return tap(globals(), lambda: tempfile.mkdtemp(prefix="ccasim-replay-"))


sys.exit(main())
