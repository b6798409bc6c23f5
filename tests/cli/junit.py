#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""`ccasim run --junit FILE`: the shape that CI systems read, in every outcome, with any characters. TAP.

usage: junit.py CCASIM SCENARIOS
"""
import os
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

CCASIM, SCENARIOS = map(os.path.abspath, sys.argv[1:3])
# element -> (attributes it has, children it may have)
SHAPE = {
    "testsuites": ({"name", "tests", "failures", "errors", "skipped"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped"}, {"testcase"}),
    "testcase": ({"classname", "name"}, {"failure", "error", "skipped"}),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "skipped": ({"message"}, set()),
}
COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}
STRANGE = "a&b <c> \"d\" 'e' \u00e9\U0001f600"

GOOD = """# Is good
ccasim: 1
granules: {page: }
steps:
  - GRANULE_DELEGATE: page
"""
BAD = """# Fails
ccasim: 1
granules: {page: }
steps:
  - GRANULE_UNDELEGATE: page
    note: '%s ]]> &amp; <!-- '
"""
INVALID = "# Is not a scenario\nccasim: 1\n\"%s<&\": 1\nsteps: []\n"
FOUND = "scenarios/bugs/destroyed_page_is_invalidated.yaml"

count = 0
all_ok = True


def check(name, problems):
    global count, all_ok
    problems = list(problems)
    count += 1
    all_ok &= not problems
    print("not ok" if problems else "ok", count, "-", name)
    for line in "\n".join(map(str, problems)).splitlines():
        print("#", line)


def run(folder, *args):
    """(exit code, bytes of the file)"""
    path = os.path.join(folder, "out.xml")
    if os.path.exists(path):
        os.remove(path)
    r = subprocess.run([CCASIM, "run", "--junit", path, *args], cwd=folder, capture_output=True, check=False)
    with open(path, "rb") as f:
        return r.returncode, f.read()


def faults(root):
    """Where the tree is not of the shape, or a number is wrong."""
    def walk(e):
        attributes, children = SHAPE[e.tag]
        if set(e.keys()) != attributes:
            yield f"{e.tag} has {sorted(e.keys())}"
        for child in e:
            if child.tag not in children:
                yield f"{child.tag} in {e.tag}"
            else:
                yield from walk(child)
        if e.tag in ("testsuites", "testsuite"):
            cases = list(e.iter("testcase"))
            if int(e.get("tests")) != len(cases):
                yield f"{e.tag}: {e.get('tests')} tests, of {len(cases)}"
            for number, tag in COUNTED.items():
                n = sum(c.find(tag) is not None for c in cases)
                if int(e.get(number)) != n:
                    yield f"{e.tag}: {e.get(number)} {number}, of {n}"
        if e.tag == "testcase" and len(e) > 1:
            yield f"testcase {e.get('name')} has {len(e)} results"
        if e.tag in ("failure", "error") and not (e.text and e.get("message")):
            yield f"{e.tag} says nothing"
    if root.tag != "testsuites":
        yield f"the root is {root.tag}"
        return
    yield from walk(root)
    names = [(c.get("classname"), c.get("name")) for c in root.iter("testcase")]
    yield from (f"twice: {n}" for n in sorted(set(names)) if names.count(n) > 1)


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())


def case(root, name):
    return next((c for c in root.iter("testcase") if c.get("name") == name), None)


def check_outcomes(folder):
    write(folder, "s/good.yaml", GOOD)
    write(folder, "s/t/bad.yaml", BAD % STRANGE.replace("'", "''"))
    write(folder, f"s/{STRANGE}/{STRANGE}.yaml", INVALID % STRANGE.replace('"', ""))
    write(folder, "s/bytes.yaml", b"# Bytes\nccasim: 1\nwhat\xff\xfe\x01: 1\nsteps: []\n")
    code, text = run(folder, "s")
    root = ElementTree.fromstring(text)
    check("an invalid scenario decides the exit code", [] if code == 3 else [code])
    check("passed, failed, invalid: the shape", faults(root))
    suites = [s.get("name") for s in root]
    check("a suite per folder", [] if sorted(suites) == sorted(["s", "s/t", f"s/{STRANGE}"]) else suites)
    bad = case(root, "bad.yaml").find("failure")
    check("a failure says what was expected, and has the story",
          [] if "RMI_SUCCESS" in bad.get("message") and "ccasim explain" in bad.text and STRANGE in bad.text
          else [bad.get("message"), bad.text])
    invalid = case(root, STRANGE + ".yaml").find("error")
    check("an error names place and key with all their characters",
          [] if invalid is not None and STRANGE + ".yaml:3" in invalid.text else [text.decode()])
    bytes_case = case(root, "bytes.yaml")
    check("bytes that are no characters are replaced",
          [] if bytes_case is not None and bytes_case.find("error") is not None else [text])
    check("one that passed has no child", [] if len(case(root, "good.yaml")) == 0 else ["it has"])


def check_finding():
    root = os.path.dirname(SCENARIOS)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.xml")
        r = subprocess.run([CCASIM, "run", "--junit", path, "--break", "data-destroy-no-tlbi", FOUND], cwd=root,
                           capture_output=True, text=True, check=False)
        if "no planted bugs" in r.stderr:
            return
        failure = ElementTree.parse(path).find(".//failure")
        check("of several lines, a finding is the message",
              [] if failure.get("message").startswith("finding I13 ") else [failure.get("message")])


def check_shipped(folder):
    code, text = run(folder, "-j1", SCENARIOS)
    root = ElementTree.fromstring(text)
    check("the shipped scenarios: the shape", list(faults(root)) + ([] if code == 0 else [f"exit code {code}"]))
    check("one case a scenario", [] if int(root.get("tests")) == sum(
        n.endswith(".yaml") for where, _, names in os.walk(SCENARIOS) for n in names if "setup" not in where.split(os.sep))
        else [root.get("tests")])
    check("the same bytes with -j2, and again", [] if run(folder, "-j2", SCENARIOS)[1] == text else ["others"])
    check("no time in it", [] if b" time" not in text.split(b"<testcase", 1)[0] and b"timestamp" not in text else ["there is"])


def check_traces(folder):
    trace = os.path.join(folder, "two.trace")
    subprocess.run([CCASIM, "run", "--trace", trace, "-j1", "s/good.yaml", "s/t/bad.yaml"], cwd=folder,
                   capture_output=True, check=False)
    root = ElementTree.fromstring(run(folder, trace)[1])
    names = [c.get("name") for c in root.iter("testcase")]
    check("each scenario of a trace is a case of its own",
          list(faults(root)) + ([] if names == ["two.trace", "two.trace:1"] else names))


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_outcomes(folder)
        check_traces(folder)
        check_finding()
        check_shipped(folder)
        r = subprocess.run([CCASIM, "run", "--junit", folder + "/none/out.xml", "s"], cwd=folder, capture_output=True,
                           text=True, check=False)
        check("a file that cannot be opened", [] if r.returncode == 2 and "none/out.xml" in r.stderr else [r])
        r = subprocess.run([CCASIM, "run", "--junit", "/dev/full", "s/good.yaml"], cwd=folder, capture_output=True,
                           text=True, check=False)
        check("a full disk is no success", [] if r.returncode == 1 and "/dev/full" in r.stderr else [r])
    print(f"1..{count}")
    return 0 if all_ok else 1


if __name__ == "__main__":
    sys.exit(main())
