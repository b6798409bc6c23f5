# SPDX-License-Identifier: BSD-3-Clause
"""One program that holds every mutant: where the source changes, it asks which mutant this run is. What cannot be
decided at run time (rows of constant tables) gets a program of its own. Everything else, the specification and the
checks above all, is linked from a build folder as it is."""

import json
import os
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

from .operators import one_line

RUNTIME_H = """\
#pragma once
extern unsigned mutant_id;
extern unsigned char *mutant_reached;
#define MUT(n) (mutant_reached[n] = 1, mutant_id == (n))
"""

# The file of what was reached is mapped, not written at the end: a run may end anywhere.
RUNTIME_C = """\
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
unsigned mutant_id;
static unsigned char none[%(size)d];
unsigned char *mutant_reached = none;
__attribute__((constructor)) static void mutant_choose(void)
{
    const char *id = getenv("CCASIM_MUTANT"), *file = getenv("CCASIM_MUTANT_REACHED");
    int fd = file ? open(file, O_RDWR) : -1;

    mutant_id = id ? (unsigned)atoi(id) : 0;
    if (fd >= 0)
        mutant_reached = mmap(NULL, sizeof(none), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}
"""

# Variables that a mutant leaves without a value have the same one in each run.
FLAGS = ["-O1", "-w", "-ftrivial-auto-var-init=pattern"]


class BuildError(Exception):
    pass


def run(args, cwd):
    done = subprocess.run(args, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def instrument(text, mutants):
    """The source with its mutants beside the original. No line moves."""
    groups = {}
    for m in mutants:
        groups.setdefault((m.start, -m.end), []).append(m)
    spans = sorted(groups)
    out, at = [], 0

    def emit(i, end):
        """From text[at] to end; spans[i] is the next one that begins. Returns the first span that begins later."""
        nonlocal at
        while i < len(spans) and spans[i][0] < end:
            group = groups[spans[i]]
            first, last = spans[i][0], -spans[i][1]
            if last > end:
                raise BuildError(f"mutants cross: {group[0].key}")
            out.append(text[at:first])
            at = first
            if group[0].shape == "expr":
                out.append("(" + "".join(f"MUT({m.number}) ? ({one_line(m.text)}) : " for m in group) + "(")
                i = emit(i + 1, last)
                out.append("))")
            else:
                out.append("{ " + "".join(f"if (MUT({m.number})) {{ {one_line(m.text)} }} else " for m in group) + "{ ")
                i = emit(i + 1, last)
                out.append(" } }")
        out.append(text[at:end])
        at = end
        return i

    emit(0, len(text))
    return "".join(out)


class Build:
    def __init__(self, root, base, work, jobs):
        """`base`: a build folder of the project. `work`: where the mutants' sources and programs go."""
        self.root, self.base, self.work, self.jobs = root, os.path.abspath(base), work, jobs
        self.gen = os.path.join(work, "gen")
        self.commands = self.read_commands()
        self.objects = {}
        self.not_built = []
        os.makedirs(self.gen, exist_ok=True)

    def read_commands(self):
        """Source file below the root -> (directory, compiler's arguments)."""
        with open(os.path.join(self.base, "compile_commands.json"), encoding="utf-8") as f:
            entries = json.load(f)
        commands = {}
        for e in entries:
            path = os.path.relpath(os.path.join(e["directory"], e["file"]), self.root)
            commands.setdefault(path, (e["directory"], shlex.split(e["command"])))
        return commands

    def write(self, name, text):
        path = os.path.join(self.gen, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def compile(self, source, path, output):
        directory, args = self.commands[source]
        keep, skip = [], False
        for a in args[1:]:
            if skip or a in ("-o", "-c", "-MF", "-MQ"):
                skip = not skip
                continue
            if a in ("-MD", "-Werror") or a.startswith(("-O", "-fdiagnostics-color", "-DCCASIM_BREAK")):
                continue
            keep.append(a)
        first = [f"-I{os.path.join(self.gen, d)}" for d in (".", "include", "model")]
        runtime = ["-include", os.path.join(self.gen, "mutant.h")]
        return run([args[0], *FLAGS, *runtime, *first, *keep, "-c", path, "-o", output], directory)

    def refused(self, source, said):
        """Those mutants whose lines the compiler complains of and that are no C even alone."""
        places = set(re.findall(re.escape(self.gen) + r"/(?:\./)?(\S+?):(\d+):\d+: error", said))
        bad = []
        for path in {p for p, _ in places}:
            mine = [m for m in self.of.get(path, []) if (path, str(m.line)) in places]
            for m in mine:
                name = self.write(path, instrument(self.sources[path].text, [m]))
                unit = name if path == source else os.path.join(self.root, source)
                if self.compile(source, unit, os.devnull)[0] != 0:
                    bad.append(m)
            self.write_instrumented(path)
        return bad

    def write_instrumented(self, path):
        return self.write(path, instrument(self.sources[path].text, self.of.get(path, [])))

    def compile_unit(self, source):
        """(object, compiler's complaint)"""
        output = os.path.join(self.work, source.replace("/", "_") + ".o")
        code, said = self.compile(source, self.write_instrumented(source), output)
        return output, said if code else ""

    def link(self, output, objects):
        code, said = run(["ninja", "-t", "commands", "ccasim"], self.base)
        if code != 0:
            raise BuildError(said)
        args = shlex.split(said.strip().splitlines()[-1])
        at = args.index("-o")
        args = args[:at] + ["-o", output] + objects + args[at + 2:]
        code, said = run(args, self.base)
        if code != 0:
            raise BuildError(said)
        return output

    def all(self, sources, mutants):
        """Builds the program of all mutants but those of shape `text`. Numbers the mutants from 1."""
        together = [m for m in mutants if m.shape != "text"]
        for number, m in enumerate(together, 1):
            m.number = number
        self.write("mutant.h", RUNTIME_H)
        runtime = self.write("mutant.c", RUNTIME_C % {"size": len(together) + 1})
        runtime_o = os.path.join(self.work, "mutant.o")
        code, said = run(["cc", "-O1", "-c", runtime, "-o", runtime_o], self.work)
        if code != 0:
            raise BuildError(said)
        self.sources, self.of = sources, {}
        for m in together:
            self.of.setdefault(m.path, []).append(m)
        for path in [p for p in self.of if p.endswith(".h")]:
            self.write_instrumented(path)
        header = any(p.endswith(".h") for p in self.of)
        units = [p for p in sources if p.endswith(".c") and p in self.commands and (header or p in self.of)]
        self.objects = self.compile_all(units)
        self.runtime_o = runtime_o
        return self.link(os.path.join(self.work, "mutants"), [runtime_o, *self.objects.values()])

    def compile_all(self, units):
        """Leaves out what the compiler refuses: a sum of pointers, a name that the function does not know."""
        for _ in range(20):
            with ThreadPoolExecutor(self.jobs) as pool:
                built = dict(zip(units, pool.map(self.compile_unit, units)))
            wrong = {p: said for p, (_, said) in built.items() if said}
            if not wrong:
                return {p: output for p, (output, _) in built.items()}
            path, said = next(iter(wrong.items()))
            for path, said in wrong.items():
                bad = self.refused(path, said)
                self.not_built += bad
                for m in bad:
                    self.of[m.path].remove(m)
                    self.write_instrumented(m.path)
                if bad and any(m.path.endswith(".h") for m in bad):
                    break
            if not bad:
                break
        raise BuildError(f"{path}:\n{said}")

    def alone(self, source, mutant):
        """The program of one mutant of shape `text`."""
        text = source.text[:mutant.start] + mutant.text + source.text[mutant.end:]
        stem = os.path.join(self.work, f"alone-{mutant.key.replace('/', '_').replace(':', '-').replace('#', '-')}")
        path = self.write(os.path.join("alone", os.path.basename(stem), source.path), text)
        code, said = self.compile(source.path, path, stem + ".o")
        if code != 0:
            return None
        others = [o for p, o in self.objects.items() if p != source.path]
        program = self.link(stem, [self.runtime_o, stem + ".o", *others])
        os.remove(stem + ".o")
        return program
