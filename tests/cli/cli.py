#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The command line from outside, with scenarios of its own in a temporary folder.

usage: cli.py CCASIM SCENARIOS
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

sys.dont_write_bytecode = True
from common import CCASIM, check, expect, read, run, tap  # pylint: disable=wrong-import-position

SCENARIOS = os.path.abspath(sys.argv[2])

GOOD = """# A granule is delegated and taken back
ccasim: 1
tags: [small]
granules: {page: }
steps:
  - GRANULE_DELEGATE: page
  - host_load: {at: page, fault: gpf}
  - GRANULE_UNDELEGATE: page
"""

# Line 7 is what fails.
BAD = """# A granule cannot be delegated twice, whatever this scenario says
ccasim: 1
granules: {page: 2}
steps:
  - GRANULE_DELEGATE: page[1]
  # this one
  - GRANULE_DELEGATE: page[1]
    note: again
  - GRANULE_UNDELEGATE: page[1]
"""

NESTED = """# PE 1 has to wait for the lock that PE 0 holds
ccasim: 1
granules: {page: }
steps:
  - GRANULE_DELEGATE: page
    during:
      - event: lock
        steps:
          - GRANULE_DELEGATE: page
            pe: 1
            expect: RMI_ERROR_INPUT
"""

SCRIPT = """# A scripted Realm asks for the version while the host destroys its REC in vain
ccasim: 1
use: setup/active.yaml
script:
  guest:
    - RSI_VERSION: 0x10000
    - expect: {x0: 0}
    - end:
steps:
  - attach_script: {script: guest, rd: rd}
  - REC_ENTER: {rec: rec, run_ptr: run}
    while_running:
      - REC_DESTROY: rec
        pe: 1
        expect: RMI_ERROR_REC
    exit: {reason: IRQ}
    save: {seen: exit.reason}
  - expect_reg: {var: seen, value: IRQ}
"""

ENDLESS = """# The Realm goes round in a circle
ccasim: 1
limits: {insns: 1000}
use: setup/active.yaml
script:
  guest:
    - goto: 0
steps:
  - attach_script: {script: guest}
  - REC_ENTER: {rec: rec, run_ptr: run}
"""

INVALID = """# A key that is none
ccasim: 1
granules: {page: }
steps:
  - GRANULE_DELEGATE: page
    expects: RMI_SUCCESS
"""

FILES = {
    "a/good.yaml": GOOD,
    "a/nested.yaml": NESTED,
    "b/script.yaml": SCRIPT,
}


def folder(files):
    """A temporary folder with these files and the preludes of the shipped scenarios."""
    top = tempfile.mkdtemp(prefix="ccasim-cli-")
    shutil.copytree(os.path.join(SCENARIOS, "setup"), os.path.join(top, "setup"))
    for name, text in files.items():
        path = os.path.join(top, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    return top


# --- exit codes and help -------------------------------------------------------------------------

def test_as_expected(top):
    out, err = expect(0, "run", "a", "b", cwd=top)
    check(out.splitlines()[-1] == "3 scenarios: 3 passed, 0 failed", out)
    check(len(out.splitlines()) == 3, "one line a suite and the summary", out)
    check(err == "", err)


def test_failed(top):
    out, _ = expect(1, "run", "bad.yaml", cwd=top)
    check(out.splitlines()[-1] == "1 scenario: 0 passed, 1 failed", out)


def test_usage(top):
    expect(2, cwd=top)
    _, err = expect(2, "rnu", "a", cwd=top)
    check("did you mean `run`" in err, err)
    for args in (["run"], ["run", "--nosuch", "a"], ["run", "no/such/file"], ["run", "-j0", "a"],
                 ["run", "--check", "some", "a"], ["run", "--break", "nosuchbug", "a"],
                 ["run", "--filter", "zzz", "a"], ["run", "--tag", "zzz", "a"],
                 ["explain"], ["explain", "no/such/file:3"], ["run", "--seed", "x", "a"],
                 ["explain", "bad.yaml:0"], ["state", "bad.yaml:L100001"], ["rim", "no/such/file"],
                 ["repl", "--realm", "neither", "bad.yaml"]):
        out, err = expect(2, *args, cwd=top)
        check(err.startswith("ccasim") or ": " in err, args, err)


def test_invalid(top):
    out, err = expect(3, "run", "a", "invalid.yaml", cwd=top)
    check(re.search(r"^invalid\.yaml:6:5: .*expects", err), err)
    check("1 invalid" in out.splitlines()[-1], out)
    expect(3, "explain", "invalid.yaml", cwd=top)


def test_limit(top):
    out, _ = expect(4, "run", "endless.yaml", cwd=top)
    check("limit of 1000 instructions" in out, out)
    check("1 reached a limit" in out.splitlines()[-1], out)


def test_help(top):
    for args in (["-h"], ["--help"], ["run", "-h"], ["explain", "-h"], ["lint", "-h"], ["coverage", "-h"],
                 ["state", "-h"], ["repl", "-h"], ["rim", "-h"], ["token", "-h"],
                 ["list", "-h"], ["bench", "-h"], ["schema", "-h"]):
        out, _ = expect(0, *args, cwd=top)
        check(len(out.splitlines()) <= 24, args, f"{len(out.splitlines())} lines")
        check("usage: ccasim" in out, out)
    out, _ = expect(0, "--version", cwd=top)
    check("Unicorn" in out and "Capstone" in out and "RMM ABI 1.0" in out, out)


# --- selection -----------------------------------------------------------------------------------

def test_filter_and_tag(top):
    out, _ = expect(0, "run", "--filter", "a/*", ".", cwd=top)
    check("2 scenarios" in out, out)
    out, _ = expect(0, "run", "--filter", "good.yaml", ".", cwd=top)
    check("1 scenario:" in out, out)
    out, _ = expect(0, "run", "--tag", "small", "a", "b", cwd=top)
    check("1 scenario:" in out, out)


def test_fail_fast(top):
    args = ["run", "--fail-fast", "bad.yaml", "a", "b"]
    out, _ = expect(1, *args, cwd=top)
    check("1 scenario: 0 passed, 1 failed; stopped" in out, out)
    check(expect(1, *args, "-j2", cwd=top)[0] == out, "-j2 differs")


# --- what is printed -----------------------------------------------------------------------------

def test_story(top):
    out, _ = expect(1, "run", "bad.yaml", cwd=top)
    story = out.splitlines()
    check(story[0] == "FAIL bad.yaml:7  step 2  RMI_GRANULE_DELEGATE(addr=page[1])", out)
    check("     expected RMI_SUCCESS      got RMI_ERROR_INPUT" in story, out)
    check(any(s.startswith("     condition granule_delegate.gran_state is true and ")
              for s in story), out)
    check(any("page[1]: REALM PAS, DELEGATED" in s for s in story), out)
    again = [s for s in story if "reproduce: " in s]
    check(again == ["     reproduce: ccasim explain bad.yaml:2"], out)
    out, _ = expect(0, "explain", "bad.yaml:2", cwd=top)
    check("> granule_delegate.gran_state" in out and "findings  none" in out, out)


def test_story_without_checks(top):
    out, _ = expect(1, "run", "--check", "none", "bad.yaml", cwd=top)
    check("condition granule_delegate.gran_state is true" in out, out)
    check("reproduce: ccasim explain --check none bad.yaml:2" in out, out)


def test_explain(top):
    by_step, _ = expect(0, "explain", "bad.yaml:2", cwd=top)
    check(expect(0, "explain", "bad.yaml", cwd=top)[0] == by_step, "the step that fails")
    check(expect(0, "explain", "bad.yaml:7", cwd=top)[0] == by_step, "beyond the last step")
    check(expect(0, "explain", "bad.yaml:L8", cwd=top)[0] == by_step, "a line")
    out, _ = expect(0, "explain", "a/good.yaml", cwd=top)
    check("RMI_GRANULE_UNDELEGATE" in out.splitlines()[1], "the last call", out)
    out, _ = expect(0, "explain", "b/script.yaml", cwd=top)
    check("RMI_REC_ENTER" in out or "RMI_REC_DESTROY" in out, out)
    out, _ = expect(1, "explain", "bad.yaml:3", cwd=top)


def test_color(top):
    plain, _ = expect(1, "run", "bad.yaml", cwd=top)
    check("\033" not in plain, plain)
    colored, _ = expect(1, "run", "--color", "always", "bad.yaml", cwd=top)
    check("\033[" in colored, colored)
    check(re.sub(r"\033\[[0-9;]*m", "", colored) == plain, colored)
    check(expect(1, "run", "--color=never", "bad.yaml", cwd=top)[0] == plain, "never")


def test_verbose(top):
    out, _ = expect(0, "run", "-v", "a/good.yaml", cwd=top)
    check("RMI_GRANULE_DELEGATE(addr=page)" in out, out)
    row = [s for s in out.splitlines() if "by the NS  " in s]
    check(row and row[0].split() == ["by", "the", "NS", "world", "-", "-", "GPF", "-"], row, out)


def test_tap(top):
    out, _ = expect(1, "run", "--tap", "bad.yaml", "a", cwd=top)
    lines = out.splitlines()
    check(lines[0] == "TAP version 13", out)
    check("not ok 1 - bad.yaml" in lines and "ok 2 - a/good.yaml" in lines and "1..3" in lines, out)
    check(all(re.match(r"TAP|ok |not ok |# |1\.\.", s) for s in lines), out)


def test_json(top):
    out = os.path.join(top, "run.json")
    expect(1, "run", "--json", out, "bad.yaml", "a", "b", cwd=top)
    data = json.loads(read(out))["scenarios"]
    check([s["result"] for s in data] == ["failed", "passed", "passed", "passed"], data)
    check(data[0]["failed_step"] == 2, data[0])
    check({"granule_delegate/success", "granule_undelegate/success"} == set(data[1]["covered"]),
          data[1])
    check("granule_delegate.gran_state" in data[2]["covered"], data[2])


# --- determinism and traces ----------------------------------------------------------------------

def outputs(top, *args, env=None):
    """stdout, stderr and the files that a run writes."""
    here = tempfile.mkdtemp(prefix="ccasim-cli-")
    trace, table = os.path.join(here, "t"), os.path.join(here, "j")
    _, out, err = run("run", "-v", "--trace", trace, "--json", table, *args, cwd=top, env=env)
    result = out, err, read(trace), read(table)
    shutil.rmtree(here)
    return result


def test_same_bytes(top):
    args = ["bad.yaml", "a", "b"]
    first = outputs(top, *args)
    check(outputs(top, *args) == first, "two processes differ")
    for env in ({"TZ": "Asia/Kolkata", "LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8"},
                {"TZ": "America/Lima", "LC_ALL": "C"}):
        check(outputs(top, *args, env=env) == first, f"{env} differs")
    for jobs in ("-j1", "-j2", "-j5"):
        check(outputs(top, jobs, *args) == first, f"{jobs} differs")
    other = folder({**FILES, "bad.yaml": BAD})
    try:
        check(outputs(other, *args) == first, "another folder differs")
    finally:
        shutil.rmtree(other)


def test_same_bytes_of_shipped(_top):
    above = os.path.dirname(SCENARIOS)
    first = outputs(above, "-j1", os.path.basename(SCENARIOS))
    check(outputs(above, "-j2", os.path.basename(SCENARIOS)) == first, "-j2 differs")


def test_trace(top):
    trace = os.path.join(top, "run.trace")
    expect(0, "run", "--trace", trace, "a", "b", cwd=top)
    text = read(trace).decode()
    check(text.startswith("ccasim-trace 1\nscenario a/good.yaml\n"), text[:200])
    check("  pe0 pas 0x80000000 NS -> REALM\n" in text, "no events")
    again = os.path.join(top, "again.trace")
    out, _ = expect(0, "run", "--trace", again, trace, cwd=top)
    check(out.splitlines()[-1] == "3 scenarios: 3 passed, 0 failed", out)

    def body(path):
        """Without the lines of the file that the steps stand in."""
        return re.sub(r" line=\d+", "", read(path).decode())
    check(body(again) == body(trace), "a trace of a trace differs")


def test_trace_is_compared(top):
    trace = os.path.join(top, "run.trace")
    expect(0, "run", "--trace", trace, "a/good.yaml", cwd=top)
    text = read(trace).decode()
    for old, new in ((r"end 1 out=0x0", "end 1 out=0x1"), (r"fault=0x\w+", "fault=0x1"),
                     (r"hash 0x\w+", "hash 0x1234")):
        changed = re.sub(old, new, text, count=1)
        check(changed != text, f"no {old}")
        with open(trace, "w", encoding="utf-8") as f:
            f.write(changed)
        out, _ = expect(1, "run", trace, cwd=top)
        check("FAIL" in out, out)
    for broken in ("ccasim-trace 99\nscenario x\n", "ccasim-trace 1\nscenario x\nstep 1 dance\n",
                   "ccasim-trace 1\nscenario x\nend 4 out=0\n",
                   "ccasim-trace 1\nscenario x\nstep 1 pe=99 irq after=0\n",
                   "ccasim-trace 1\nscenario x\nimpl num_pes=77\n"):
        with open(trace, "w", encoding="utf-8") as f:
            f.write(broken)
        _, err = expect(3, "run", trace, cwd=top)
        check(err.startswith(f"{trace}:"), err)


# --- state -----------------------------------------------------------------------------------------

def state_of(top, *args):
    return json.loads(expect(0, "state", "--json", *args, cwd=top)[0])


def test_state(top):
    out, _ = expect(0, "state", "b/script.yaml:L12", cwd=top)
    check(out.startswith("b/script.yaml:11  after step 15 of 17: RMI_REC_ENTER("), out)
    for line in (r"  0x80000000 +rd +REALM  RD +refcount 1",
                 r"  0x8000\w+ +root +REALM  RTT +refcount 1 +level 1 table  IPA 0x0  of rd",
                 r"  0x8000\w+ +aux\[0\] +REALM  REC_AUX +refcount 0 +of rec",
                 r"Realm rd: ACTIVE, s2sz 33, VMID 1, SHA-256, 1 REC, next index 1",
                 r"  REC rec: index 0, runnable, aux aux\[0\]",
                 r"    \[0\] +0x0 +TABLE -> l2", r"      level 2 table l2 at IPA 0x0, refcount 1",
                 r"            \[0\.\.511\] +0x0 +UNASSIGNED EMPTY",
                 r"    \[4\.\.7\] +0x100000000 +UNASSIGNED_NS",
                 r"PE 0: NS world"):
        check(re.search(f"^{line}$", out, re.M), line, out)
    check(expect(0, "state", "b/script.yaml", cwd=top)[0].splitlines()[-2:] ==
          ["PE 0: NS world", "PE 1: NS world"], "the last step")
    _, err = expect(1, "state", "bad.yaml:3", cwd=top)
    check("did not run" in err, err)
    expect(2, "state", cwd=top)
    expect(3, "state", "invalid.yaml", cwd=top)


def test_state_within_a_call(top):
    """While the Realm runs, and while a lock is held that a nested step waits for."""
    steps = json.loads(expect(0, "state", "--json", "b/script.yaml", cwd=top)[0])["step"]
    running = state_of(top, f"b/script.yaml:{steps - 1}")
    rec = running["realms"][0]["recs"][0]
    check(rec["running"] and running["pes"][0]["rec"] == "rec", running["pes"], rec)
    granules = {g["name"]: g for g in running["granules"]}
    check(granules["rec"]["refcount"] == 1 and granules["rd"]["refcount"] == 1, granules)
    check(not state_of(top, "b/script.yaml")["realms"][0]["recs"][0]["running"], "it runs no more")
    first = state_of(top, "a/nested.yaml:1")
    check(first["pes"][0]["locks"] == [] and first["granules"][0]["state"] == "DELEGATED", first)


def test_state_tree(_top):
    """The tree says what the granules say: each table once, with the entries that it counts."""
    def tables(t):
        return [t] + [x for e in t["entries"] if "table" in e for x in tables(e["table"])]
    at = "conformance/data/good_two_realms.yaml"
    last = state_of(SCENARIOS, at)["step"]
    seen = 0
    for step in range(1, last + 1):
        state = state_of(SCENARIOS, f"{at}:{step}")
        found = {t["pa"]: t for r in state["realms"] for root in r["tables"] for t in tables(root)}
        rtts = {g["pa"]: g for g in state["granules"] if g["state"] == "RTT"}
        check(found.keys() == rtts.keys(), step, found.keys(), rtts.keys())
        for pa, t in found.items():
            counted = sum(e["last"] - e["first"] + 1 for e in t["entries"]
                          if e["state"] in ("TABLE", "ASSIGNED"))
            check(counted == rtts[pa]["refcount"] == t["refcount"], step, t)
            check((t["level"], t["ipa"]) == (rtts[pa]["level"], rtts[pa]["ipa"]), step, t)
        seen = max(seen, len(found))
    check(seen >= 6, "the scenario has no tree")


def test_state_picture(top):
    expect(0, "state", "--svg", "m.svg", "b/script.yaml", cwd=top)
    text = read(os.path.join(top, "m.svg"))
    check("http" not in text.decode().replace("http://www.w3.org/2000/svg", ""), "another file")
    svg = ElementTree.fromstring(text)
    name = "{http://www.w3.org/2000/svg}"
    words = [t.text for t in svg.iter(name + "text")]
    for word in ("RD", "REC", "AUX", "RTT1", "level 1  root", "[4..7] UNASSIGNED_NS"):
        check(word in words, word, words)
    titles = [t.text for t in svg.iter(name + "title")]
    check(any(t.startswith("rec  0x") and "REALM PAS  REC, refcount 0  of rd" in t for t in titles),
          titles[:20])
    width, height = int(svg.get("width")), int(svg.get("height"))
    for r in svg.iter(name + "rect"):
        check(int(r.get("x")) + int(r.get("width")) <= width and
              int(r.get("y")) + int(r.get("height")) <= height, r.attrib)
    expect(0, "state", "--svg", "n.svg", "b/script.yaml", cwd=top)
    check(read(os.path.join(top, "n.svg")) == text, "two processes differ")


# --- repl ------------------------------------------------------------------------------------------

def repl(top, lines, *args, code=0):
    """What a session prints, without its first line."""
    done = subprocess.run([CCASIM, "repl", *args], cwd=top, input="\n".join(lines) + "\n",
                          capture_output=True, text=True, check=False)
    check(done.returncode == code, f"exit {done.returncode}", done.stdout, done.stderr)
    return done.stdout.partition("\n")[2]


def trace_of(top, path):
    """What ran, without places in files, and with one spelling of a script's operations."""
    trace = os.path.join(top, "repl.trace")
    run("run", "--trace", trace, path, cwd=top)
    text = re.sub(r" line=\d+|^scenario .*$", "", read(trace).decode(), flags=re.M)
    return re.sub(r"^(op kind=(?:expect|set|sysreg|load|store)\b.*)$",
                  lambda m: re.sub(r" (?:addr|mask)=\S+", "", m.group(1)), text, flags=re.M)


def test_repl_steps(top):
    out = repl(top, ["next", "n 2", "back", "next", "list 1", "goto 1", "back 5", "continue"],
               "a/good.yaml")
    lines = [s.split("  ") for s in out.splitlines()]
    check("     1  PE0  RMI_GRANULE_DELEGATE(addr=page)  RMI_SUCCESS" == out.splitlines()[0], out)
    check("at the end, after 3 steps" in out and "before step 3 of 3" in out, out)
    check("->  the end" in out and "before step 2 of 3" in out and "before step 1 of 3" in out, out)
    check(sum("RMI_GRANULE_UNDELEGATE" in s for s in out.splitlines()) == 4, lines)
    out = repl(top, ["break GRANULE_UNDELEGATE", "break 2", "c", "c", "delete 2", "delete", "c"],
               "a/good.yaml")
    check(out.count("before step 2 of 3") == 1 and out.count("before step 3 of 3") == 1, out)
    check("no breakpoints" in out and "before every GRANULE_UNDELEGATE" in out, out)


def test_repl_state_is_that_of_state(_top):
    """Whatever way the session came there."""
    at = "conformance/data/good_two_realms.yaml"
    for step in (0, 7, 20, 37, 41):
        there = repl(SCENARIOS, ["goto 41", f"goto {step}", "state"], at)
        again = repl(SCENARIOS, [f"goto {step}", "next", "back", "state"], at)
        states = [s[s.index("memory\n"):] for s in (there, again)]
        check(states[0] == states[1], step, *states)
        if step:
            out = expect(0, "state", f"{at}:{step}", cwd=SCENARIOS)[0]
            check(out[out.index("memory\n"):] == states[0], step, out, states[0])


def test_repl_by_hand(top):
    out = repl(top, ["next", "GRANULE_DELEGATE: page", "GRANULE_UNDELEGATE: page, note: \"it's back\"",
                     "host_load: {at: page}", "GRANULE_DELEGATE: page, expect: RMI_SUCCESS",
                     "host_load: {at: page}", "GRANULE_DELEGATE: page, expect: RMI_SUCCESS",
                     "repeat: {count: 2, steps: [{GRANULE_DELEGATE: page}]}", "save mine.yaml",
                     "continue"], "a/good.yaml")
    check("     3  PE0  RMI_GRANULE_UNDELEGATE(addr=page)  RMI_SUCCESS" in out, out)
    check("expected RMI_SUCCESS, got RMI_ERROR_INPUT\nit is undone\n" in out, out)
    check("fault, ESR 0x96000028" in out and "at the end, after 10 steps" in out, out)
    text = read(os.path.join(top, "mine.yaml")).decode()
    check(text.startswith("# A granule is delegated and taken back (8 steps of a session)\n"), text)
    check("    note: 'it''s back'\n" in text and "fault: gpf" in text and "value: 0" in text, text)
    check(text.count("    expect: RMI_ERROR_INPUT/0\n") == 3, text)
    expect(0, "run", "mine.yaml", cwd=top)
    expect(0, "lint", "mine.yaml", cwd=top)
    out = repl(top, ["REC_ENTER: [rec, run]", "rec_run: {at: run}", "save entered.yaml"],
               os.path.join(SCENARIOS, "conformance/exit/good_irq.yaml"))
    out = repl(top, ["goto 17", "rec_run: {at: run}", "REC_ENTER: [rec, run]", "save entered.yaml"],
               os.path.join(SCENARIOS, "conformance/exit/good_irq.yaml"))
    check("exit: {reason: " in read(os.path.join(top, "entered.yaml")).decode(), out)
    expect(0, "run", "entered.yaml", cwd=top)


def test_repl_without_a_file(top):
    out = repl(top, ["list", "GRANULE_DELEGATE: g.3", "who g.3", "save new.yaml"])
    check("g[3]: REALM PAS, DELEGATED, refcount 0" in out, out)
    check("  reached by Realm, Root; granule protection fault for NS, Secure" in out, out)
    expect(0, "run", "new.yaml", cwd=top)
    repl(top, ["save empty.yaml"])
    expect(0, "run", "empty.yaml", cwd=top)


def test_repl_saves_what_ran(top):
    """A saved session is the scenario again: the same steps, events, results and last state."""
    files = [os.path.join(folder, f) for folder, _, names in os.walk(SCENARIOS) for f in names
             if f.endswith(".yaml") and os.path.basename(folder) != "setup"]
    # Overlapping calls, code, accesses, exits; and of the rest every eighth.
    chosen = [f for i, f in enumerate(sorted(files))
              if i % 8 == 0 or re.search(r"/(smp|cpu|gpt|exit)/", f)]
    check(len(chosen) > 40, chosen)
    for path in chosen:
        if "1 skipped" in run("run", path)[1]: # no emulated CPU in this build
            continue
        repl(top, ["continue", "save again.yaml"], path)
        check(trace_of(top, "again.yaml") == trace_of(top, path), path)
    return None


def test_repl_questions(_top):
    at = "conformance/unprotected/good_destroy_table_in_use.yaml"
    out = repl(SCENARIOS, ["goto 22", "who page", "who 4G", "explain 19", "explain"], at)
    check("PA 0x8000a000 page: NS PAS, UNDELEGATED" in out, out)
    check("  reached by NS, Secure, Realm, Root; granule protection fault for nobody" in out, out)
    check("  content: not zero; may hold data of the host\n" in out, out)
    check("IPA 0x100000000 of Realm rd: Unprotected\n" in out, out)
    check("  level 3 entry 0: ASSIGNED_NS -> page, MemAttr 0x6, S2AP 3" in out, out)
    check(out.count("  TLB of PE 0: VMID 1, IPA 0x100000000 -> page in the NS PAS, rw-\n") == 2, out)
    check("RMI_RTT_MAP_UNPROTECTED(rd=rd, ipa=0x100000000" in out, out)
    check("rtt_map_unprotected.attr_valid" in out and "rec_enter.rec_state" in out, out)
    out = repl(SCENARIOS, ["goto 8", "who 0x1000", "who 0xffff000000000"], at)
    check("level 1 entry 0: UNASSIGNED, RIPAS EMPTY\n  TLB: no entry" in out, out)
    check("0xffff000000000 is no PA of DRAM, and no IPA of a Realm" in out, out)


def test_repl_goes_on(top):
    """An error is told, and the session goes on."""
    for line, told in (("nxet", "did you mean `next`"), ("who", "who takes an address"),
                       ("who nothing", "unknown name `nothing`"), ("goto 99", "0 to 3"),
                       ("break FOO", "no command is called `FOO`"), ("save", "into which file"),
                       ("save no/such/file", "No such file"), ("explain", "which step"),
                       ("foo: bar", "unknown step `foo`"), ("GRANULE_DELEGATE: {", "GRANULE_DELEGATE"),
                       ("GRANULE_DELEGATE: {at: 1}", "unknown argument `at`"),
                       ("next x", "next takes a number"), ("help", "goto STEP")):
        if line == "GRANULE_DELEGATE: {":
            told = ""
        out = repl(top, [line, "next", "quit", "next"], "a/good.yaml")
        check(told in out and out.count("RMI_GRANULE_DELEGATE(addr=page)") == 1, line, out)
    repl(top, [], "invalid.yaml", code=3)
    repl(top, [], "a/good.yaml", "b/script.yaml", code=2)
    expect(0, "run", "--trace", "session.trace", "a/good.yaml", cwd=top)
    repl(top, [], "session.trace", code=2)
    check("help" in repl(top, ["help"]) and "quit" in repl(top, ["?"]), "help")


# --- coverage ------------------------------------------------------------------------------------

def test_coverage(top):
    out, err = expect(0, "coverage", "a", cwd=top)
    check(err == "" and re.search(r"^RMI_GRANULE_DELEGATE +1/4 +1/1 +-$", out, re.M), out, err)
    check(re.search(r"^conditions +1 of +\d+ decide a call +0\.\d %   \(\d+ more cannot be\)$", out,
                    re.M), out)
    check("  condition granule_delegate.gran_align  RMI_ERROR_INPUT  never true\n"
          "      !AddrIsGranuleAligned(addr)\n      start from a/good.yaml\n" in out, out)
    check("  pair      data_create.ipa_bound < rtt_walk  (B4.3.1.2.1)\n      no scenario calls it"
          in out, out)
    check("granule_delegate.gran_state" not in out, "it is covered", out)
    every, _ = expect(0, "coverage", "--all", "a", cwd=top)
    check("condition granule_delegate.gran_state  RMI_ERROR_INPUT\n" in every and
          "decides in a/nested.yaml" in every, every)
    check("pair      granule_delegate.gran_align < gran_bound" in every and
          "cannot both be true: a misaligned address names no granule" in every, every)
    expect(1, "coverage", "--require-full", "a", cwd=top)
    out, err = expect(1, "coverage", "a", "bad.yaml", cwd=top)
    check("bad.yaml fails and shows nothing" in err, err)
    expect(3, "coverage", "invalid.yaml", cwd=top)
    expect(2, "coverage", cwd=top)


def test_coverage_files(top):
    def files(*args):
        expect(0, "coverage", "--json", "c.json", "--html", "c.html", *args, "a", "b", cwd=top)
        return read(os.path.join(top, "c.json")), read(os.path.join(top, "c.html"))
    first = files("-j1")
    check(files("-j2") == first and files() == first, "-j2 differs")
    data = json.loads(first[0])
    names = [s["file"] for s in data["scenarios"]]
    check(names == ["a/good.yaml", "a/nested.yaml", "b/script.yaml"], names)
    delegate = next(c for c in data["commands"] if c["command"] == "RMI_GRANULE_DELEGATE")
    state = next(c for c in delegate["conditions"] if c["id"] == "gran_state")
    check(state["decided"] == [1] and state["held"] == [1], state)
    check(delegate["called"] == [0, 1, 2], delegate)
    page = first[1].decode()
    check(not re.search(r"(src|href|url)\s*[=(]", page), "the page needs another file")
    inside = re.search(r'<script type="application/json" id="data">(.*?)</script>', page).group(1)
    check(json.loads(inside) == data, "the page has other data")


# --- planted bugs --------------------------------------------------------------------------------

# mov x19, #7; INSN; wfi, which the host wants to hear of
CODE = """# A Realm with an instruction of its own
ccasim: 1
code:
  guest: {{hex: d28000f3 {} d503207f}}
use: setup/code.yaml
steps:
  - rec_run: {{at: run, trap_wfi: true}}
  - REC_ENTER: {{rec: rec, run_ptr: run}}
    exit: {{reason: SYNC, esr.EC: 1}}
  - expect_reg: {{rec: rec, reg: x19, value: {}}}
"""


def test_realm_code_without_emulator(top):
    with open(os.path.join(top, "code.yaml"), "w", encoding="utf-8") as f:
        f.write(CODE.format("91000673", 8))  # add x19, x19, #1
    out, _ = expect(0, "run", "--realm", "script", "code.yaml", cwd=top)
    check("1 passed" in out, out)
    with open(os.path.join(top, "crc.yaml"), "w", encoding="utf-8") as f:
        f.write(CODE.format("1ac14800", 7))  # crc32w w0, w0, w1
    out, _ = expect(0, "run", "--realm", "script", "--tap", "crc.yaml", cwd=top)
    check("SKIP the scripted Realm does not know `crc32w w0, w0, w1` (0x1ac14800) at 0x4" in out, out)
    out, _ = expect(0, "run", "--realm", "script", "crc.yaml", cwd=top)
    check(out.startswith("skip crc.yaml: the scripted Realm does not know `crc32w"), out)
    _, err = expect(1, "state", "--realm", "script", "crc.yaml", cwd=top)
    check("did not run: the scripted Realm does not know `crc32w" in err, err)
    out, _ = expect(0, "explain", "--realm", "script", "crc.yaml:21", cwd=top)
    check("note      the scripted Realm does not know `crc32w" in out, out)
    with open(os.path.join(top, "wrong.yaml"), "w", encoding="utf-8") as f:
        f.write(CODE.format("d503201f", 9))  # nop
    out, _ = expect(1, "run", "--realm", "script", "wrong.yaml", cwd=top)
    command = re.search(r"reproduce: ccasim (.*)", out).group(1).split()
    check(command[:3] == ["explain", "--realm", "script"], command)
    expect(0, *command, cwd=top)
    _, err = expect(2, "run", "--realm", "hardware", "code.yaml", cwd=top)
    check("auto, unicorn or script" in err, err)
    code, out, _ = run("run", "--realm", "unicorn", "code.yaml", cwd=top)
    check(code == 0, out)


def test_planted_bug(_top):
    out, _ = expect(0, "list", "bugs", "--json")
    bugs = json.loads(out)
    if not bugs:
        return "no planted bugs in this build"
    bug = bugs[0]
    expect(0, "run", bug["scenario"], cwd=SCENARIOS)
    out, _ = expect(1, "run", "--break", bug["name"], bug["scenario"], cwd=SCENARIOS)
    check(f"finding {bug['claim']}" in out, out)
    command = re.search(r"reproduce: ccasim (.*)", out).group(1).split()
    check(command[:3] == ["explain", "--break", bug["name"]], command)
    out, _ = expect(0, *command, cwd=SCENARIOS)
    check(f"finding {bug['claim']}" in out, out)
    return None


def made():
    return folder({**FILES, "bad.yaml": BAD, "invalid.yaml": INVALID, "endless.yaml": ENDLESS})


sys.exit(tap(globals(), made))
