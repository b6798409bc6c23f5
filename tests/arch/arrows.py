#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Who may know whom (design: model/, cpu/, sim/, tools/): reads the #include lines. TAP.

usage: arrows.py SOURCE_ROOT
"""
import os
import re
import sys

# Headers of ccasim/ that a folder may reach, directly or through other headers.
PLAIN = {"api", "types", "abi", "impl"}
MACHINE = PLAIN | {"event", "machine", "mem", "gpt", "gst", "mmu", "realm_cpu", "realm_dev", "host", "plat"}
MODEL = MACHINE | {"el3m", "rmm", "spec", "check"}
RUNNING = MODEL | {"script", "step", "sim", "scenario", "boot"}
MAY_REACH = {
    "model/abi": PLAIN,
    "model/spec": PLAIN | {"spec"},
    "model/mem": MACHINE,
    "model/gpt": MACHINE,
    "model/gst": MACHINE,
    "model/mmu": MACHINE,
    "model/cose": set(),
    "model/el3m": MACHINE | {"el3m", "rmm"},
    "model/realm": MACHINE,
    "model/host": MACHINE,
    "model/plat": MACHINE,
    "model/rmm": MACHINE | {"el3m", "rmm"},
    "model/check": MODEL,
    "model": MACHINE | {"el3m", "rmm"},  # machine.c, event.c ...
    "sim": RUNNING | {"cpu"},
    "cpu": MACHINE | {"cpu"},
}
# Folders below model/ whose private headers a folder may include, besides its own.
PRIVATE = {"model/rmm": {"model/realm", "model/cose"}, "model/realm": {"model/cose"}, "model/host": {"model/realm"}, "model/el3m": {"model/cose"}}
# Libraries that only one folder may know.
ONLY = {"unicorn/": "cpu", "yaml.h": "tools", "jansson.h": "tools"}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def includes(path):
    with open(path, encoding="utf-8") as f:
        return INCLUDE.findall(f.read())


def sources(root, folder):
    for where, dirs, files in os.walk(os.path.join(root, folder)):
        dirs.sort()
        if folder == "model":
            dirs.clear()  # only the files of model/ itself
        for name in sorted(files):
            if name.endswith((".c", ".h")):
                yield os.path.join(where, name)


def public(root, name, seen):
    """Headers of ccasim/ that <ccasim/NAME.h> reaches."""
    if name in seen:
        return seen
    seen.add(name)
    path = os.path.join(root, "include", "ccasim", name + ".h")
    if os.path.exists(path):
        for _, inc in includes(path):
            if inc.startswith("ccasim/"):
                public(root, inc[len("ccasim/"):-2], seen)
    return seen


def home(root, path, inc):
    """The folder of MAY_REACH that a private header is in; None: not ours."""
    for base in (os.path.dirname(path), os.path.join(root, "model"), root):
        full = os.path.normpath(os.path.join(base, inc))
        if os.path.exists(full):
            rel = os.path.relpath(full, root)
            for folder in sorted(MAY_REACH, key=len, reverse=True):
                if rel.startswith(folder + os.sep):
                    return folder
            return os.path.dirname(rel)
    return None


def faults(root, folder):
    for path in sources(root, folder):
        rel = os.path.relpath(path, root)
        for quote, inc in includes(path):
            if inc.startswith("ccasim/"):
                for name in sorted(public(root, inc[len("ccasim/"):-2], set()) - MAY_REACH[folder]):
                    yield f"{rel}: <{inc}> reaches ccasim/{name}.h"
            elif quote == '"':
                where = home(root, path, inc)
                if where and where != folder and where not in PRIVATE.get(folder, set()):
                    yield f'{rel}: "{inc}" is private to {where}'
            for start, only in ONLY.items():
                if inc.startswith(start) and folder != only:
                    yield f"{rel}: <{inc}> is for {only}/ alone"


def main():
    root = sys.argv[1]
    print(f"1..{len(MAY_REACH) + 1}")
    bad = 0
    for n, folder in enumerate(MAY_REACH, 1):
        found = list(faults(root, folder))
        bad += bool(found)
        print(f"{'not ok' if found else 'ok'} {n} - {folder} includes what it may")
        for line in found:
            print("# " + line)
    # The table is complete: a new folder of the model has to say whom it may know.
    new = [d for d in sorted(os.listdir(os.path.join(root, "model")))
           if os.path.isdir(os.path.join(root, "model", d)) and "model/" + d not in MAY_REACH]
    print(f"{'not ok' if new else 'ok'} {len(MAY_REACH) + 1} - every folder of the model has its row")
    for d in new:
        print(f"# model/{d} has none")
    return 1 if bad or new else 0


if __name__ == "__main__":
    sys.exit(main())
