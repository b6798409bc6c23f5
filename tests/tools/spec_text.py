# SPDX-License-Identifier: BSD-3-Clause
"""tools/spec_text.py finds the conditions and the order in the shapes that a PDF converter makes of
the specification's tables, and says what is missing on either side.

The texts are made of the model's own tables, so that they must be equal to it until one is changed.

usage: spec_text.py CCASIM
"""
import json
import os
import subprocess
import sys
import tempfile

ccasim = os.path.abspath(sys.argv[1])
script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "spec_text.py")
count = 0
all_ok = True


def check(name, ok, text=""):
    global count, all_ok
    count += 1
    all_ok &= bool(ok)
    print("ok" if ok else "not ok", count, "-", name)
    for line in str(text).splitlines() if not ok else []:
        print("#", line)


def table(name):
    return json.loads(subprocess.run([ccasim, "list", name, "--json"], check=True,
                                     stdout=subprocess.PIPE).stdout)


commands, conditions = table("commands"), table("conditions")


def result(c):
    if not c["command"].startswith("RMI"):
        return f"result == {c['status']}"
    index = "" if c["index"] == "0" else f", {c['index']}"
    return f"ResultEqual(result, {c['status']}{index})"


def rows(command):
    """id, precondition, result of each condition; operators as the converter escapes them."""
    return [(c["id"].split(".")[1], "a != b &#124;&#124; UInt(c) &lt;= d[3]", result(c))
            for c in conditions if c["command"] == command]


def as_table(rows):
    body = "".join(f"| {i} | pre: {p} post: {r} |\n" for i, p, r in rows)
    return "| ID        | Condition |\n|-----------|-----------|\n" + body


def as_code(rows):
    return "ID\n\n## Condition\n\n```\n" + " ".join(f"{i} pre: {p} post: {r}" for i, p, r in rows) + "\n```\n"


def as_columns(rows):
    return ("ID\n\n## Condition\n\n" +
            "".join(f"| {i} | pre: post: | {p} {r} |\n|---|---|---|\n" for i, p, r in rows))


def as_lines(rows):
    return "## ID\n\n## Condition\n\n" + "\n\n".join(
        "\n\n".join((i.replace("_", "\\_"), "pre:", p, "post:", *r.split(" "))) for i, p, r in rows) + "\n"


def as_mixture(rows):
    """The page ends after the second row."""
    return as_table(rows[:2]) + "\n" + as_code(rows[2:])


def groups(command):
    """[before] < [after] with the source that the text has."""
    found = {}
    for c in conditions:
        for e in c["order"] if c["command"] == command else []:
            if e["source"][0] == "B" and e["source"].count(".") == 4:
                after = tuple(p.split(".")[1] for p in e["precedes"])
                found.setdefault(after, []).append(c["id"].split(".")[1])
    return [f"[{', '.join(before)}] < [{', '.join(after)}]" for after, before in found.items()]


def order_in_code(lines):
    return "```\n" + " ".join(lines) + "\n```\n"


def order_escaped(lines):
    return " ".join(lines).replace("_", "\\_").replace("<", "&lt;").replace(", ", ", ↪ → ", 1) + "\n"


def order_cut(lines):
    """The end of the first line that is long enough stands after the last."""
    for i, line in enumerate(lines):
        head, _, tail = line.rpartition(", ")
        if head and tail.count("]") == 1 and i + 1 < len(lines):
            lines = lines[:i] + [head + ","] + lines[i + 1:]
            return order_in_code(lines) + "\n```\n" + tail + "\n```\n"
    return order_in_code(lines)


def write(folder, change=None, shape=as_table, order=order_in_code):
    """One file a command; change(command, rows, groups) may spoil it."""
    for c in commands:
        name, section = c["command"], c["source"]
        lines, edges = rows(name), groups(name)
        if change:
            lines, edges = change(name, lines, edges)
        none = f"The {name} command does not have any failure condition".replace("_", "\\_")
        text = (f"## {section} {name} command\n\n## {section}.1.1 Input values\n\n"
                f"| fid | X0 | 63:0 | UInt64 | FID, value {c['fid']} |\n\n"
                f"## {section}.2 Failure conditions\n\n{shape(lines) if lines else none + 's.'}\n\n"
                f"## {section}.2.1 Failure condition ordering\n\n"
                f"{order(edges) if edges else none + ' orderings.'}\n\n<!-- image -->\n\n"
                f"## {section}.3 Success conditions\n\n| other | pre: x post: y |\n").replace(
                    f"{name} command\n", name.replace("_", "\\_") + " command\n")
        with open(os.path.join(folder, f"{section}.md"), "w", encoding="utf-8") as f:
            f.write(text)


def compare(**how):
    """Exit code, and the differences."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, **how)
        done = subprocess.run([sys.executable, script, folder, ccasim], check=False,
                              stdout=subprocess.PIPE, universal_newlines=True)
    return done.returncode, done.stdout.splitlines()[:-1]


for shape in (as_table, as_code, as_columns, as_lines, as_mixture):
    got = compare(shape=shape)
    check(f"conditions {shape.__name__}", got == (0, []), got)
for order in (order_escaped, order_cut):
    got = compare(order=order)
    check(f"order {order.__name__}", got == (0, []), got)


def of_rtt_destroy(spoil):
    def change(name, lines, edges):
        return spoil(lines, edges) if name == "RMI_RTT_DESTROY" else (lines, edges)
    return change


for title, spoil, expected in (
        ("a condition that the text has not",
         lambda c, e: ([r for r in c if r[0] != "ipa_align"], e), ["ipa_align: not in the text"]),
        ("a condition that the model has not",
         lambda c, e: (c + [("other", "x", "ResultEqual(result, RMI_ERROR_INPUT)")], e),
         ["other: not in the model"]),
        ("another status",
         lambda c, e: ([(i, p, r.replace("RTT", "REC") if i == "rtt_walk" else r) for i, p, r in c], e),
         ["rtt_walk: status: text RMI_ERROR_REC, model RMI_ERROR_RTT"]),
        ("another index",
         lambda c, e: ([(i, p, r.replace("walk.level", "level") if i == "rtt_walk" else r)
                        for i, p, r in c], e),
         ["rtt_walk: index: text level, model walk.level"]),
        ("an edge that the text has not",
         lambda c, e: (c, [line.replace(", rtt_live", "") for line in e]),
         ["rd_bound < rtt_live: not in the text", "rd_state < rtt_live: not in the text"]),
        ("an edge that the model has not", lambda c, e: (c, e + ["[ipa_align] < [rtt_walk]"]),
         ["ipa_align < rtt_walk: not in the model"])):
    got = compare(change=of_rtt_destroy(spoil))
    check(title, got == (1, ["RMI_RTT_DESTROY: " + x for x in expected]), got)

with tempfile.TemporaryDirectory() as empty:
    done = subprocess.run([sys.executable, script, empty, ccasim], check=False, stderr=subprocess.PIPE)
    check("a folder without the text is a wrong use", done.returncode == 2)
print(f"1..{count}")
sys.exit(not all_ok)
