#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Are the model's conditions those of the specification's text?

Reads the command sections of DEN0137 from a folder with its text as Markdown (any *.md, a heading
`B4.3.1 RMI_DATA_CREATE command` begins a command) and holds them against `ccasim list`: commands
and function identifiers, ids, statuses and indexes of failure conditions, and the order between
them. Prints what is missing on either side.

The Markdown may come from a PDF converter: a table may have become a code block or loose lines,
ids may be glued to what follows, and the end of a line may stand after the next one.

exit codes: 0 they are equal; 1 they differ; 2 usage
"""
import argparse
import glob
import html
import json
import os
import re
import subprocess
import sys

HEADING = re.compile(r"^#*\s*(B[456]\.3\.\d+) ((?:RMI|RSI|PSCI)_\w+) command\s*$", re.M)
WORD = r"[a-z][a-z0-9_]*"
STATUS = r"(?:RMI|RSI|PSCI)_[A-Z_]+"


class Command:
    def __init__(self, name, section):
        self.name = name
        self.section = section
        self.fid = None
        self.conditions = {}  # id: (status, index); None where the text cannot be read
        self.order = set()    # (before, after)
        self.notes = []       # what the parser had to guess


# --- the specification's text -------------------------------------------------------------------

def part(text, number, title):
    """Of a command's section the part below `## B4.3.1.2 Failure conditions`."""
    begin = re.search(r"^#+ *%s %s *$" % (re.escape(number), title), text, re.M)
    if begin is None:
        return ""
    rest = text[begin.end():]
    end = re.search(r"^#+ *B\d+\.\d+\.", rest, re.M)
    return rest[:end.start()] if end else rest


def flat(text):
    """One line: without the lines of tables, code fences, comments, and the words of their heads."""
    text = re.sub(r"<!--.*?-->", " ", text, flags=re.S)
    text = re.sub(r"```|↪|→|^#+ ", " ", text, flags=re.M)
    text = re.sub(r"^\|[-|: ]*\|$", " ", text, flags=re.M)
    text = re.sub(r"(?:\| *)?\bID\b|\bCondition\b", " ", text)
    text = text.replace("|", " ")
    text = html.unescape(text.replace("&#124;", "|"))
    return " ".join(text.split())


def read_conditions(command, text):
    text = flat(text)
    if re.search(r"does not have any failure conditions", text):
        return
    starts = list(re.finditer(r"(%s) pre:" % WORD, text))
    if not starts:
        command.notes.append("no failure condition can be read")
    for i, start in enumerate(starts):
        end = starts[i + 1].start() if i + 1 < len(starts) else len(text)
        rule = text[start.end():end]
        status = re.search(r"ResultEqual\( ?result ?, ?(%s) ?([,)]?) ?([\w.]*) ?(\)?)" % STATUS, rule)
        if status:
            index = "0" if status.group(2) == ")" else status.group(3) if status.group(4) else None
            found = status.group(1), index
        else:
            status = re.search(r"result ?== ?(%s)" % STATUS, rule)
            found = (status.group(1), "0") if status else (None, None)
        if None in found:
            command.notes.append(f"{start.group(1)}: the text of its result is incomplete")
        if start.group(1) in command.conditions:
            command.notes.append(f"{start.group(1)}: stands twice")
        command.conditions[start.group(1)] = found


def read_order(command, text):
    """`[a, b] < [c]` again and again. A group that is not closed when the next one opens goes on
    where words stand that belong to none."""
    text = flat(text)
    if re.search(r"does not have any failure condition orderings", text):
        return
    groups, open_group, cut = [], None, None
    for token in re.findall(r"[\[\]<]|%s" % WORD, text):
        if token == "[":
            cut = open_group if open_group is not None else cut
            open_group = []
            groups.append(open_group)
        elif token == "]":
            open_group = None
        elif token == "<":
            groups.append("<")
        elif open_group is not None:
            open_group.append(token)
        elif cut is not None:
            cut.append(token)
            command.notes.append(f"order: `{token}` was taken from another line")
    for i, sign in enumerate(groups):
        if sign == "<" and 0 < i < len(groups) - 1:
            command.order |= {(a, b) for a in groups[i - 1] for b in groups[i + 1]}
    for name in sorted({n for edge in command.order for n in edge} - set(command.conditions)):
        command.notes.append(f"order: no condition `{name}`")


def read_text(folder):
    paths = sorted(glob.glob(os.path.join(glob.escape(folder), "**", "*.md"), recursive=True))
    found = {}
    for path in paths:
        with open(path, encoding="utf-8") as f:
            text = f.read().replace("\\_", "_")
        heads = list(HEADING.finditer(text))
        for i, head in enumerate(heads):
            end = heads[i + 1].start() if i + 1 < len(heads) else len(text)
            section, number = text[head.start():end], head.group(1)
            command = found.setdefault(head.group(2), Command(head.group(2), number))
            fid = re.search(r"FID, value (0x[0-9A-Fa-f]+)", section)
            command.fid = int(fid.group(1), 16) if fid else command.fid
            read_conditions(command, part(section, number + ".2", "Failure conditions"))
            read_order(command, part(section, number + ".2.1", "Failure condition ordering"))
    return found


# --- the model ------------------------------------------------------------------------------------

def table(ccasim, name):
    return json.loads(subprocess.run([ccasim, "list", name, "--json"], check=True,
                                     stdout=subprocess.PIPE).stdout)


def read_model(ccasim):
    """Only edges that the text states; those that follow from B1.6 have another source."""
    found = {}
    for c in table(ccasim, "commands"):
        found[c["command"]] = Command(c["command"], c["source"])
        found[c["command"]].fid = int(c["fid"], 16)
    implied = 0
    for c in table(ccasim, "conditions"):
        command = found[c["command"]]
        name = c["id"].split(".", 1)[1]
        command.conditions[name] = c["status"], c["index"]
        for edges in c["order"]:
            after = {p.split(".", 1)[1] for p in edges["precedes"]}
            if re.match(r"B[456]\.3\.", edges["source"]):
                command.order |= {(name, b) for b in after}
            else:
                implied += len(after)
    return found, implied


# --- what differs -----------------------------------------------------------------------------------

def compare(text, model):
    """Lines that say what differs: (command, what)."""
    for c in text.values():
        m = model.get(c.name)
        if m is None:
            yield c.name, "not in the model"
            continue
        if c.fid is not None and c.fid != m.fid:
            yield c.name, f"function identifier: text 0x{c.fid:X}, model 0x{m.fid:X}"
        if c.section != m.section:
            yield c.name, f"section: text {c.section}, model {m.section}"
        for name in c.conditions:
            if name not in m.conditions:
                yield c.name, f"{name}: not in the model"
                continue
            for what, t, k in zip(("status", "index"), c.conditions[name], m.conditions[name]):
                if t is not None and t != k:
                    yield c.name, f"{name}: {what}: text {t}, model {k}"
        for name in m.conditions:
            if name not in c.conditions:
                yield c.name, f"{name}: not in the text"
        for a, b in sorted(c.order - m.order):
            yield c.name, f"{a} < {b}: not in the model"
        for a, b in sorted(m.order - c.order):
            yield c.name, f"{a} < {b}: not in the text"
    for m in model.values():
        if m.name not in text:
            yield m.name, "not in the text"


def main():
    parser = argparse.ArgumentParser(
        description="Are the model's conditions those of the specification's text?",
        epilog="example: tools/spec_text.py ~/den0137-markdown build/ccasim")
    parser.add_argument("folder", help="with the specification's text as Markdown")
    parser.add_argument("ccasim", nargs="?", default="build/ccasim")
    parser.add_argument("--notes", action="store_true", help="what had to be guessed in the text")
    args = parser.parse_args()

    text = read_text(args.folder)
    if not text:
        parser.error(f"no command of DEN0137 in {args.folder}")
    model, implied = read_model(args.ccasim)
    differences = list(compare(text, model))
    for command, what in differences:
        print(f"{command}: {what}")
    for c in text.values() if args.notes else ():
        for note in c.notes:
            print(f"note: {c.name}: {note}")
    print(f"{len(text)} commands, {sum(len(c.conditions) for c in text.values())} conditions and "
          f"{sum(len(c.order) for c in text.values())} ordered pairs in the text; "
          f"{len(differences)} differences; {implied} more pairs of the model follow from B1.6")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
