#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The two descriptions share nothing: no object of model/spec refers to a symbol that model/{rmm,gst,realm,gpt,cose} defines,
nor the other way round. Reads the object files of the build with nm. TAP.

usage: symbols.py NM FOLDER-OF-OBJECTS
"""
import glob
import os
import subprocess
import sys

HANDLERS = ("rmm", "gst", "realm", "gpt", "cose")


def group(path):
    """Meson names the object of model/spec/rmi/x.c `spec_rmi_x.c.o`."""
    return path.replace("\\", "/").rsplit("/", 1)[-1].split("_", 1)[0]


def symbols(nm, paths):
    defined, needed = {}, {}
    for path in paths:
        out = subprocess.run([nm, "-P", "-g", path], check=True, capture_output=True, text=True).stdout
        for line in out.splitlines():
            name, kind = line.split()[:2]
            (needed if kind in "Uw" else defined).setdefault(name, []).append(path)
    return defined, needed


def shared(nm, users, owners):
    defined, _ = symbols(nm, owners)
    _, needed = symbols(nm, users)
    for name in sorted(set(defined) & set(needed)):
        for path in needed[name]:
            yield f"{path.rsplit('/', 1)[-1]} refers to {name} of {defined[name][0].rsplit('/', 1)[-1]}"


def main():
    nm, objects = sys.argv[1], sorted(glob.glob(os.path.join(sys.argv[2], "*.o")))
    spec = [o for o in objects if group(o) == "spec"]
    handlers = [o for o in objects if group(o) in HANDLERS]
    check = [o for o in objects if group(o) == "check"]
    checks = [
        ("objects of both descriptions are there", [] if spec and handlers else ["none found"]),
        ("what model/check uses of model/spec is seen", [] if any(shared(nm, check, spec)) else ["nothing"]),
        ("model/spec refers to nothing of the handlers", list(shared(nm, spec, handlers))),
        ("the handlers refer to nothing of model/spec", list(shared(nm, handlers, spec))),
    ]
    print(f"1..{len(checks)}")
    for n, (what, found) in enumerate(checks, 1):
        print(f"{'not ok' if found else 'ok'} {n} - {what}")
        for line in found:
            print("# " + line)
    return 1 if any(found for _, found in checks) else 0


if __name__ == "__main__":
    sys.exit(main())
