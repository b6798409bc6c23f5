# SPDX-License-Identifier: BSD-3-Clause
"""`ccasim list`: text and JSON say the same, ids are unique, and every reference leads somewhere."""
import json
import os
import subprocess
import sys

ccasim = os.path.abspath(sys.argv[1])
root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
count = 0
all_ok = True


def check(name, ok, text=""):
    global count, all_ok
    count += 1
    all_ok &= bool(ok)
    print("ok" if ok else "not ok", count, "-", name)
    for line in str(text).splitlines() if not ok else []:
        print("#", line)


def run(*args):
    return subprocess.run([ccasim, "list", *args], capture_output=True, text=True)


def table(*args):
    return json.loads(run("--json", *args).stdout)


conditions = table("conditions")
ids = [c["id"] for c in conditions]
check("condition ids are unique", len(ids) == len(set(ids)))
check("a condition of the specification", "rtt_create.rtte_state" in ids)
edges = [(c["id"], p) for c in conditions for e in c["order"] for p in e["precedes"]]
check("edges lead to conditions", all(p in ids for _, p in edges))
check("edges stay in their command", all(a.split(".")[0] == p.split(".")[0] for a, p in edges))
check("edges have a source", all(e["source"] for c in conditions for e in c["order"]))
check("no condition precedes itself", all(a != p for a, p in edges))
commands = {c["command"] for c in table("commands")}
check("conditions are of known commands", all(c["command"] in commands for c in conditions))
check("as many in the text", run("conditions").stdout.splitlines()[-1].startswith(f"{len(ids)} conditions"))

variants = [v["id"] for v in table("variants")]
check("variant ids are unique", len(variants) == len(set(variants)))
check("a variant of the specification", "rtt_create/success:unfold_assigned_ns" in variants)
check("as many variants in the text", run("variants").stdout.splitlines()[-1] == f"{len(variants)} variants")

loose = table("conditions", "--loose")
check("what is left open has a reason", loose and all(x["what"] and x["why"] for x in loose))
check("and a count", run("conditions", "--loose").stdout.splitlines()[-1] == f"{len(loose)} left open")

with open(os.path.join(root, "README.md"), encoding="utf-8") as f:
    readme = f.read()
check("the README states that count", f"--loose` prints {len(loose)} such places" in readme.replace("\n", " "))

rules = {r["id"] for r in table("invariants")}
check("rules have ids", len(rules) > 20)
bugs = table("bugs")
check("bugs are caught by known rules", all(b["claim"] in rules for b in bugs), [b for b in bugs if b["claim"] not in rules])
check("the README states how many", not bugs or f"`ccasim list bugs` has {len(bugs)} such" in readme)
check("bugs have a scenario", all(os.path.exists(os.path.join(root, "scenarios", b["scenario"])) for b in bugs),
      [b["scenario"] for b in bugs if not os.path.exists(os.path.join(root, "scenarios", b["scenario"]))])
check("an unknown list is a wrong use", run("condition").returncode == 2 and "conditions" in run("condition").stderr)
check("no list is a wrong use", run().returncode == 2)
print(f"1..{count}")
sys.exit(not all_ok)
