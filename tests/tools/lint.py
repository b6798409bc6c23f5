# SPDX-License-Identifier: BSD-3-Clause
"""Every bad/NAME.yaml is refused with what bad/NAME.out says, line by line. --rebase writes the .out files.
The examples of docs/scenarios.md run."""
import os
import re
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.join(here, "..", "..")
ccasim = os.path.abspath(sys.argv[1])
rebase = "--rebase" in sys.argv[2:]


def lint(path):
    r = subprocess.run([ccasim, "lint", "-q", path], cwd=here, capture_output=True, text=True)
    return r.returncode, r.stdout + r.stderr


def examples():
    with open(os.path.join(root, "docs", "scenarios.md")) as f:
        return re.findall(r"```yaml\n(.*?)```", f.read(), re.S)


def run(text):
    """From a folder that has the scenarios, so that preludes are found."""
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.abspath(os.path.join(root, "scenarios")), os.path.join(folder, "scenarios"))
        path = os.path.join(folder, "example.yaml")
        with open(path, "w") as f:
            f.write(text)
        r = subprocess.run([ccasim, "run", path], capture_output=True, text=True)
        return r.returncode, r.stdout + r.stderr


def check(number, name, ok, text=""):
    print("ok" if ok else "not ok", number, "-", name)
    for line in text.splitlines() if not ok else []:
        print("#", line)
    return ok


names = sorted(n[:-5] for n in os.listdir(os.path.join(here, "bad")) if n.endswith(".yaml"))
blocks = examples()
print(f"1..{len(names) + 3 + len(blocks)}")
all_ok = True
for number, name in enumerate(names, 1):
    code, got = lint(f"bad/{name}.yaml")
    out = os.path.join(here, "bad", name + ".out")
    if rebase:
        with open(out, "w") as f:
            f.write(got)
    with open(out) as f:
        want = f.read()
    all_ok &= check(number, name, code == 3 and got == want, f"exit {code}\nwant:\n{want}got:\n{got}")

code, got = lint("bad")
all_ok &= check(len(names) + 1, "a folder is searched", code == 3 and got.count("bad/unknown_step.yaml") > 0, got)
code, got = lint("no-such-folder")
all_ok &= check(len(names) + 2, "a missing path", code == 3 and "cannot read" in got, got)
code, got = lint("../../scenarios")
all_ok &= check(len(names) + 3, "shipped scenarios are fine", code == 0 and got == "", got)
for number, text in enumerate(blocks, len(names) + 4):
    code, got = run(text)
    all_ok &= check(number, "example: " + text.splitlines()[0], code == 0, got)
sys.exit(not all_ok)
