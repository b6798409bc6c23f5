#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The library from outside: an installed tree, its headers one by one, what the shared libraries export, and the programs of
docs/library.md, built with pkg-config against either kind of library. TAP.

usage: library.py MESON BUILD_ROOT SOURCE_ROOT UNICORN SANITIZERS COMPILER...
UNICORN: "system", "none" (then programs that need it say so), or the folder that it is in.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

MESON, BUILD, ROOT, UNICORN, SANITIZERS = sys.argv[1:6]
CC = sys.argv[6:]
CXX = shutil.which("c++") or shutil.which("g++")
SANITIZE = [] if SANITIZERS == "none" else ["-fsanitize=" + SANITIZERS]
LIBRARIES = ("ccasim", "ccasim-cpu", "ccasim-scenario")
# What the shared library itself may ask for, and what it must not.
FOREIGN = {
    "ccasim": (set(), {"unicorn", "capstone", "yaml", "jansson", "elf"}),
    "ccasim-cpu": ({"ccasim", "capstone"}, {"yaml", "jansson", "elf"}),
    "ccasim-scenario": ({"ccasim", "yaml", "jansson", "elf"}, {"unicorn", "capstone"}),
}
count = 0
all_ok = True


def check(name, problems):
    """Problems: an iterable of lines; none: fine."""
    global count, all_ok
    problems = list(problems)
    count += 1
    all_ok &= not problems
    print("not ok" if problems else "ok", count, "-", name, flush=True)
    for line in "\n".join(problems).splitlines():
        print("#", line)


def skip(name, why):
    global count
    count += 1
    print("ok", count, "-", name, "# SKIP", why, flush=True)


def run(*args, **more):
    """(exit code, both outputs)"""
    r = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
    return r.returncode, r.stdout


def failed(*args, **more):
    code, out = run(*args, **more)
    return [f"{' '.join(args)}: {code}", out] if code else []


class Tree:
    """What `meson install` puts into an empty folder."""

    def __init__(self, folder):
        self.folder = folder
        self.problems = failed(MESON, "install", "-C", BUILD, "--no-rebuild", "--destdir", folder)
        found = glob.glob(folder + "/**/ccasim.pc", recursive=True)
        self.pc = os.path.dirname(found[0]) if found else folder
        self.lib = os.path.dirname(self.pc)
        found = glob.glob(folder + "/**/ccasim/types.h", recursive=True)
        self.headers = os.path.dirname(found[0]) if found else folder
        self.env = dict(os.environ, PKG_CONFIG_PATH=self.pc)

    def pkg_config(self, *args):
        code, out = run("pkg-config", *args, env=self.env)
        return out.split() if code == 0 else None

    def without_shared(self, folder):
        """A copy that has only the static libraries, elsewhere."""
        shutil.copytree(self.folder, folder, symlinks=True)
        for path in glob.glob(folder + "/**/libccasim*.so*", recursive=True):
            os.remove(path)
        return folder


# --- headers and symbols ---

def headers(tree):
    return sorted(os.path.basename(p) for p in glob.glob(tree.headers + "/*.h"))


def compiles_alone(compiler, tree, name):
    include = os.path.dirname(tree.headers)
    return failed(*compiler, "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", include, "-",
                  input=f"#include <ccasim/{name}>\n#include <ccasim/{name}>\n")


def without_bodies(text):
    """Drops what is in braces, and static functions with their bodies."""
    out, depth = [], 0
    for part in re.split(r"([{}])", text):
        if part == "{":
            depth += 1
            continue
        if part == "}":
            depth -= 1
            if depth == 0 and re.search(r"\bstatic\b[^;]*$", "".join(out)):
                out.append(";")
            continue
        if depth == 0:
            out.append(part)
    return "".join(out)


def declared(tree, names):
    """Functions and variables that the headers declare: name -> header."""
    include = os.path.dirname(tree.headers)
    text = "".join(f"#include <ccasim/{n}>\n" for n in names)
    code, out = run(*CC, "-E", "-I", include, "-", input=text)
    if code:
        raise SystemExit(out)
    mine = {}
    header = None
    for line in out.splitlines():
        mark = re.match(r'# \d+ "([^"]*)"', line)
        if mark:
            header = os.path.basename(mark[1]) if "/ccasim/" in mark[1] else None
        elif header and not line.startswith("#"):
            mine.setdefault(header, []).append(line)
    found = {}
    for header, lines in mine.items():
        for statement in without_bodies(" ".join(lines)).split(";"):
            statement = re.sub(r"__attribute__\s*\(\(.*?\)\)(?=\s|$)", "", statement).strip()
            name = None
            if re.match(r"typedef\b|_Static_assert\b", statement) or "static" in statement.split():
                continue
            if statement.startswith("extern"):
                name = re.search(r"(\w+)\s*(\[[^\]]*\]\s*)*$", statement)
            elif "(" in statement:
                name = re.search(r"(\w+)\s*\(", statement)
            if name:
                found[name[1]] = header
    return found


def exported(path):
    code, out = run("nm", "-D", "--defined-only", path)
    if code:
        raise SystemExit(out)
    names = {line.split()[-1].split("@")[0] for line in out.splitlines()}
    return {n for n in names if not n.startswith("__odr_asan")}


def check_symbols(tree):
    said = declared(tree, headers(tree))
    shown = {}
    for name in LIBRARIES:
        for symbol in exported(f"{tree.lib}/lib{name}.so"):
            shown.setdefault(symbol, []).append(name)
    check("the headers declare something, and the libraries export something",
          [] if len(said) > 100 and len(shown) > 100 else [f"{len(said)} declared, {len(shown)} exported"])
    check("each symbol that is exported is declared in a public header",
          (f"{s} of lib{shown[s][0]}" for s in sorted(set(shown) - set(said))))
    check("each symbol that a public header declares is exported",
          (f"{s} of {said[s]}" for s in sorted(set(said) - set(shown))))
    check("no symbol is exported twice", (f"{s}: {', '.join(l)}" for s, l in sorted(shown.items()) if len(l) > 1))


def needed(path):
    _, out = run("readelf", "-d", path)
    return (re.findall(r"\(NEEDED\).*\[lib(.+?)(?:-\d+)?\.so", out), re.findall(r"\(SONAME\).*\[(.*)\]", out))


def check_shape(tree, name):
    path = f"{tree.lib}/lib{name}.so"
    uses, soname = needed(path)
    must, must_not = FOREIGN[name]
    problems = [] if soname and re.fullmatch(rf"lib{name}\.so\.\d+", soname[0]) else [f"soname {soname}"]
    problems += [] if soname and os.path.exists(f"{tree.lib}/{soname[0]}") else ["no file has its soname"]
    problems += [f"needs no lib{n}" for n in sorted(must - set(uses))] + \
        [f"needs lib{n}" for n in sorted(must_not & set(uses))]
    check(f"lib{name} has a versioned soname, and needs what it says", problems)


# Writable memory of the static library: who is told of a model bug (model_bug_hook).
STATE = {("event.c.o", ".bss", 16)}


def writable(path):
    """(object, section, size) of what is not constant: a value that is not in a machine would be there."""
    member = ""
    for line in run("size", "-A", path)[1].splitlines():
        head = re.match(r"(\S+)\s+\(ex ", line)
        member = head[1] if head else member
        section = re.match(r"(\.(?:t?data|t?bss)\S*)\s+([1-9]\d*)", line)
        if section and not section[1].startswith(".data.rel.ro"):
            yield member, section[1], int(section[2])


def check_no_state(tree):
    if SANITIZE:
        skip("libccasim has no global state but what is named", "the sanitizer's is there")
        return
    found = set(writable(f"{tree.lib}/libccasim.a"))
    check("libccasim has no global state but what is named", (str(x) for x in sorted(found ^ STATE)))


# --- programs ---

def examples():
    """(program, what it prints) of docs/library.md, in order."""
    with open(os.path.join(ROOT, "docs", "library.md"), encoding="utf-8") as f:
        text = f.read()
    found = re.findall(r"```c\n(.*?)```\n\n((?: {4}[^\n]*\n)+)", text, re.S)
    return [(c, "".join(line[4:] for line in out.splitlines(True) if not line.startswith("    $ "))) for c, out in found]


def build(tree, folder, name, text, packages, static, compiler, suffix=".c"):
    """Problems, and the program."""
    source, program = os.path.join(folder, name + suffix), os.path.join(folder, name)
    with open(source, "w", encoding="utf-8") as f:
        f.write(text)
    flags = tree.pkg_config("--cflags", *packages)
    libs = tree.pkg_config(*(["--static"] if static else []), "--libs", *packages)
    if flags is None or libs is None:
        return ["pkg-config fails"], program
    return failed(*compiler, *SANITIZE, "-Wall", "-Wextra", "-Werror", "-o", program, source, *flags, *libs), program


def run_program(tree, program, args=()):
    env = dict(os.environ, LD_LIBRARY_PATH=tree.lib + (":" + UNICORN if UNICORN not in ("system", "none") else ""))
    code, out = run(program, *args, env=env, cwd=ROOT)
    # gcc's sanitizer says so when a stack is switched, although it is told of each switch.
    return code, re.sub(r"==\d+==WARNING: ASan doesn't fully support makecontext.*\n", "", out)


def check_examples(tree, folder, static):
    kind = "static" if static else "shared"
    packages = (["ccasim"], ["ccasim-scenario", "ccasim-cpu"], ["ccasim-cpu"])
    args = ([], ["scenarios/first_realm.yaml"], [])
    for n, (text, expected) in enumerate(examples()):
        problems, program = build(tree, folder, f"{kind}{n}", text, packages[n], static, CC)
        if not problems and n > 0 and UNICORN == "none":
            code, out = run_program(tree, program, args[n])
            problems = [] if code == 1 and "emulated CPU" in out else [f"exit code {code}", out]
        elif not problems:
            code, out = run_program(tree, program, args[n])
            problems = [] if (code, out) == (0, expected) else [f"exit code {code}", out, "not", expected]
            uses = needed(program)[0]
            problems += ["is not linked as asked"] if ("ccasim" in uses) == static else []
        check(f"program {n + 1} of docs/library.md, {kind}: {' '.join(packages[n])}", problems)


CPLUSPLUS = """
#include <cstdio>
%s
int main()
{
    struct impl i;
    struct machine *m;
    impl_default(&i);
    if (machine_new(&i, &m) != CCA_OK || boot_end_name(BOOT_OFF) == nullptr || scenario_schema() == nullptr)
        return 1;
    std::printf("%%zu\\n", abi_rmi_command_count);
    machine_free(m);
    return abi_rmi_command_count == 0;
}
"""


def check_cplusplus(tree, folder):
    if not CXX:
        for name in headers(tree):
            skip(f"{name} alone, in C++", "no C++ compiler")
        skip("a C++ program links all three", "no C++ compiler")
        return
    for name in headers(tree):
        check(f"{name} alone, in C++", compiles_alone([CXX, "-x", "c++"], tree, name))
    if SANITIZE:
        skip("a C++ program links all three", "sanitizers of another compiler")
        return
    text = CPLUSPLUS % "".join(f"#include <ccasim/{n}>\n" for n in headers(tree))
    problems, program = build(tree, folder, "cplusplus", text, LIBRARIES, False, [CXX], ".cc")
    if not problems:
        code, out = run_program(tree, program)
        problems = [] if code == 0 else [f"exit code {code}", out]
    check("a C++ program links all three", problems)


def main():
    if not shutil.which("pkg-config"):
        print("1..0 # SKIP no pkg-config")
        return 0
    with tempfile.TemporaryDirectory() as top:
        tree = Tree(os.path.join(top, "first"))
        check("meson install", tree.problems)
        source = {os.path.basename(p) for p in glob.glob(os.path.join(ROOT, "include", "ccasim", "*.h"))}
        check("every public header is installed", source ^ set(headers(tree)))
        for name in headers(tree):
            check(f"{name} alone, in C", compiles_alone([*CC, "-std=gnu11", "-x", "c"], tree, name))
        check_cplusplus(tree, top)
        for name in LIBRARIES:
            check_shape(tree, name)
        check_symbols(tree)
        check_no_state(tree)
        check_examples(tree, top, False)
        moved = Tree.__new__(Tree)
        moved.folder = tree.without_shared(os.path.join(top, "moved"))
        moved.pc, moved.lib = (p.replace(tree.folder, moved.folder) for p in (tree.pc, tree.lib))
        moved.env = dict(os.environ, PKG_CONFIG_PATH=moved.pc)
        check_examples(moved, top, True)
    print(f"1..{count}")
    return 0 if all_ok else 1


if __name__ == "__main__":
    sys.exit(main())
