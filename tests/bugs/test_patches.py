#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""patches/*.patch are bugs written into the source of the RMM. Each is applied to a copy of the source,
built without planted bugs, and caught by the rule that its head names.

usage: test_patches.py MESON SOURCE_ROOT
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

import bugs

SOURCES = ("meson.build", "meson_options.txt", "include", "model", "cpu", "sim", "tools")
SETUP = ("-Dbreak=false", "-Dtests=disabled", "-Dunicorn=disabled", "-Dbuildtype=plain",
         "-Dwerror=false")


def command(*args, cwd=None):
    """(succeeded, output)"""
    env = dict(os.environ)
    if cwd:
        env["GIT_CEILING_DIRECTORIES"] = os.path.dirname(cwd)  # the copy is in no repository
    r = subprocess.run(args, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       universal_newlines=True, check=False)
    return r.returncode == 0, r.stdout


def copy_sources(root, to):
    for name in SOURCES:
        source = os.path.join(root, name)
        if os.path.isdir(source):
            shutil.copytree(source, os.path.join(to, name),
                            ignore=shutil.ignore_patterns("__pycache__", "build*"))
        else:
            shutil.copy(source, to)


def head(path):
    """The lines `Rule:` and `Scenario:` before the difference."""
    with open(path, encoding="utf-8") as f:
        return dict(re.findall(r"^(Rule|Scenario): *(\S+)$", f.read().split("\n---", 1)[0], re.M))


class Copy:
    """A copy of the source with a build of its own."""

    def __init__(self, meson, root, folder):
        self.source = os.path.join(folder, "source")
        self.build = os.path.join(folder, "build")
        self.meson = meson
        self.ccasim = os.path.join(self.build, "ccasim")
        os.mkdir(self.source)
        copy_sources(root, self.source)

    def setup(self):
        return command(self.meson, "setup", *SETUP, self.build, self.source)

    def compile(self):
        return command(self.meson, "compile", "-C", self.build, "-j2")

    def patch(self, path, *reverse):
        # -C1: one line of context is enough, so that the source may move around the place
        return command("git", "apply", "-C1", *reverse, path, cwd=self.source)

    def run(self, path, *args):
        return bugs.run(self.ccasim, *args, path)


def one_patch(tap, copy, path, scenarios, rules):
    name = os.path.basename(path)
    says = head(path)
    rule, scenario = says.get("Rule"), os.path.join(scenarios, says.get("Scenario", ""))

    tap.check(f"{name}: names a rule and a scenario", rule in rules and os.path.isfile(scenario), says)
    code, text, _ = copy.run(scenario)
    tap.check(f"{name}: nothing is found without it", code == 0, text)
    ok, text = copy.patch(path)
    tap.check(f"{name}: applies", ok, text)
    if not ok:
        return
    ok, text = copy.compile()
    code, told, found = copy.run(scenario) if ok else (None, "", [])
    tap.check(f"{name}: caught by {rule}",
              code == 1 and found and bugs.caught_by(found[0]) == rule, text + told)
    ok, text = copy.patch(path, "-R")
    tap.check(f"{name}: comes off", ok, text)
    copy.compile()


def main():
    meson, root = sys.argv[1], os.path.abspath(sys.argv[2])
    scenarios = os.path.join(root, "scenarios")
    patches = sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "patches",
                                            "*.patch")))
    tap = bugs.Tap()
    tap.check("there are five patches or more", len(patches) >= 5, patches)
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(meson, root, folder)
        ok, text = copy.setup()
        if ok:
            ok, text = copy.compile()
        tap.check("builds without planted bugs", ok, text)
        if not ok:
            return tap.end()
        tap.check("has no planted bug", bugs.table(copy.ccasim, "bugs") == [])
        code, text, _ = copy.run(scenarios, "--break", "any")
        tap.check("refuses --break", code == 2, f"exit {code}\n{text}")
        rules = {r["id"] for r in bugs.table(copy.ccasim, "invariants")}
        for path in patches:
            one_patch(tap, copy, path, scenarios, rules)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
