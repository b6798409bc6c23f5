# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of this folder share: TAP, and ccasim's JSON."""
import json
import os
import subprocess
import tempfile


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = 0

    def check(self, name, ok, text=""):
        self.number += 1
        self.failed += not ok
        print("ok" if ok else "not ok", self.number, "-", name)
        for line in str(text).splitlines() if not ok else []:
            print("#", line)

    def skip(self, name, why):
        self.number += 1
        print("ok", self.number, "-", name, "# SKIP", why)

    def end(self):
        """The exit code."""
        print(f"1..{self.number}")
        return 1 if self.failed else 0


def table(ccasim, name):
    """`ccasim list NAME`."""
    return json.loads(subprocess.run([ccasim, "list", name, "--json"], check=True,
                                     stdout=subprocess.PIPE).stdout)


def run(ccasim, *args):
    """`ccasim run`: its exit code, its output, and what --json says of each scenario."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "run.json")
        r = subprocess.run([ccasim, "run", "--json", out, *args], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, universal_newlines=True, check=False)
        scenarios = []
        if os.path.exists(out):
            with open(out, encoding="utf-8") as f:
                scenarios = json.load(f)["scenarios"]
    return r.returncode, r.stdout, scenarios


def caught_by(scenario):
    """The rule that objected first. A wrong status or output is told by `result` at once, before the
    state is looked at that the wrong call has left: then what was found there says more."""
    rules = [f["rule"] for f in scenario["findings"]]
    if rules[:1] == ["result"] and len(rules) > 1:
        rules.remove("result")
    return rules[0] if rules else None
