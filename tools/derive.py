#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The manual page and the completions of shells, out of what `ccasim --help` and `ccasim COMMAND --help` print: the help
texts are the one place in which commands and options are written down.

usage: derive.py CCASIM man TEMPLATE | bash | zsh | fish

What is printed is the file. The template holds the prose; a line `.\\" @NAME@` in it stands for what is derived.
"""
import collections
import json
import re
import subprocess
import sys
import textwrap

Term = collections.namedtuple("Term", "flags argument text")  # an option, or a word that can be given
Command = collections.namedtuple("Command", "name what usage prose options words exits example")

# Words that an option takes; of them, those that the command's help names.
WORDS = {
    "--check": ("all", "full", "none"),
    "--realm": ("auto", "unicorn", "script"),
    "--color": ("auto", "always", "never"),
}
# Options that take a name of `ccasim list WHAT`.
LISTED = {"--break": "bugs", "--platform": "platforms"}
FILE_ARGUMENTS = re.compile(r"(?:-\|)?FILE")
# What stands where no option does: scenario files and folders, but here.
ANY_FILE = {"token"}


def run(ccasim, *args):
    return subprocess.run([ccasim, *args], check=True, capture_output=True, text=True).stdout


# --- reading help ---

def paragraphs(text):
    return [p.strip("\n") for p in re.split(r"\n[ ]*\n", text) if p.strip("\n")]


def term_of(head, text):
    flags = re.findall(r"(?:^|[ ,])(--?[A-Za-z][A-Za-z-]*)", head)
    rest = re.sub(r"(?:^|, )--?[A-Za-z][A-Za-z-]*", "", head).strip()
    return Term(flags, rest, text) if flags else Term([], "", text)


def terms_of(paragraph):
    """`  TERM   text` with further lines of text below: (term as written, text)."""
    found = []
    for line in paragraph.splitlines():
        begin = re.match(r"  (\S.*?)(?:  +(\S.*))?$", line)
        if begin:
            found.append([begin[1], begin[2] or ""])
        elif found:
            found[-1][1] += (" " if found[-1][1] else "") + line.strip()
    return [tuple(t) for t in found]


def is_terms(paragraph):
    return all(line.startswith("  ") for line in paragraph.splitlines())


def command_of(name, what, text):
    usage, prose, options, words, exits, example = [], [], [], [], "", ""
    for p in paragraphs(text):
        if p.startswith("usage: "):
            usage = [line.strip() for line in p[len("usage: "):].splitlines()]
        elif re.match(r"(exit codes?|example): ?", p, re.I):
            tail = re.split(r"^example: ", p, flags=re.M | re.I)
            exits = " ".join(re.sub(r"^exit codes?: ?", "", tail[0], flags=re.I).split())
            example = tail[1].strip() if len(tail) > 1 else ""
        elif is_terms(p) and p.lstrip().startswith("-"):
            options += [term_of(*t) for t in terms_of(p)]
        elif is_terms(p):
            words += terms_of(p)
        else:
            prose.append(p)
    return Command(name, what, usage, prose, options, words, exits, example)


def read(ccasim):
    top = run(ccasim, "--help")
    rows = re.findall(r"^  ([a-z]+) +(\S.*)$", top, re.M)
    rows = [(n, w) for n, w in rows if n != "ccasim"]
    return [command_of(n, w, run(ccasim, n, "--help")) for n, w in rows]


def listed(ccasim, commands):
    """What `ccasim list` has a name for: kind -> names."""
    kinds = {w for c in commands if c.name == "list" for w, _ in c.words}
    return {k: [row["name"] for row in json.loads(run(ccasim, "list", "--json", k))]
            for k in LISTED.values() if k in kinds}


# --- the manual page: mdoc(7) ---

def literal(line):
    line = line.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + line if line[:1] in (".", "'") else line


def roff(text):
    """A sentence begins a line; lines are short."""
    out = []
    for sentence in re.split(r"(?<=[a-z0-9)][.?!]) +(?=[A-Z`(])", " ".join(text.split())):
        out += textwrap.wrap(sentence, 76, break_long_words=False, break_on_hyphens=False)
    return "\n".join(literal(line) for line in out)


def macro_word(word):
    """A word in a macro's line: no name of a macro, no delimiter, no end of a sentence."""
    return "\\&" + word.replace("\\", "\\e")


def flags_line(term):
    parts = []
    for flag in term.flags:
        parts.append(f"Fl \\&{flag[1:].replace('-', chr(92) + '-')}")
    line = " , ".join(parts)
    if term.argument:
        line += " Ar " + " ".join(macro_word(w) for w in term.argument.split())
    return line


def man_prose(paragraph):
    """Lines that are indented are shown as they are."""
    out = [".Pp"]
    for part in re.findall(r"(?:^  .*\n?)+|(?:^(?!  ).*\n?)+", paragraph, re.M):
        if part.startswith("  "):
            out += [".Dl " + " ".join(macro_word(w) for w in line.split()) for line in part.splitlines()]
        else:
            out.append(roff(part))
    return out


def tagged(rows):
    out = [".Bl -tag -width Ds"]
    for head, text in rows:
        out += [".It " + head] + ([roff(text)] if text else [])
    return out + [".El"]


def man_command(c):
    out = [f".Ss {c.name}: {literal(c.what)}", ".Bd -literal -compact"] + [literal(u) for u in c.usage] + [".Ed"]
    for p in c.prose:
        out += man_prose(p)
    if c.words:
        out += tagged([(macro_word(w), t) for w, t in c.words])
    if c.options:
        out += tagged([(flags_line(o), o.text) for o in c.options])
    if c.exits:
        out += [".Pp", roff("Exit codes: " + c.exits)]
    if c.example:
        out += [".Pp", "Example:", ".Bd -literal -offset indent -compact", literal(c.example), ".Ed"]
    return "\n".join(out)


def man(commands, template):
    with open(template, encoding="utf-8") as f:
        text = f.read()
    return text.replace('.\\" @COMMANDS@', "\n".join(man_command(c) for c in commands))


# --- completions ---

def choices(option, names):
    """The words that the option takes; None: nothing to offer; "file": files."""
    for flag in option.flags:
        if names.get(LISTED.get(flag)):
            return names[LISTED[flag]]
        if WORDS.get(flag):
            return [w for w in WORDS[flag] if re.search(rf"\b{w}\b", option.text)]
    if FILE_ARGUMENTS.match(option.argument):
        return "file"
    return None


def all_flags(command):
    flags = [f for o in command.options for f in o.flags]
    return flags if "--help" in flags else flags + ["--help"]


def positional(command):
    if command.words:
        return [w for w, _ in command.words]
    if command.name in ANY_FILE:
        return "file"
    return "scenario" if re.search(r"\b(FILE|PATH)\b", re.sub(r"\[?--\S+ \S*|>\S+", "", command.usage[0])) else None


BASH = """# SPDX-License-Identifier: BSD-3-Clause
# bash completion of ccasim; made by tools/derive.py

_ccasim_words()
{
    COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

_ccasim_files()
{
    local IFS=$'\\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$cur"))
}

_ccasim_scenarios()
{
    local IFS=$'\\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -d -- "$cur") $(compgen -f -X '!*.yaml' -- "$cur"))
}

_ccasim()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
    COMPREPLY=()
    # --option=value comes as three words
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if [[ $COMP_CWORD == 1 ]]; then
        _ccasim_words '@COMMANDS@ --help --version'
        return
    fi
    case $command:$prev in
@VALUES@
    esac
    if [[ $cur == -* ]]; then
        case $command in
@OPTIONS@
        esac
        return
    fi
    case $command in
@POSITIONAL@
    esac
}

complete -o bashdefault -o default -F _ccasim ccasim
"""


def bash_action(what):
    if what == "file":
        return "_ccasim_files"
    if what == "scenario":
        return "_ccasim_scenarios"
    return f"_ccasim_words '{' '.join(what)}'" if what else None


def bash(commands, names):
    values = collections.OrderedDict()
    for c in commands:
        for o in c.options:
            if o.argument:
                action = bash_action(choices(o, names)) or ":"
                values.setdefault(action, []).extend(f"{c.name}:{f}" for f in o.flags)
    lines = [f"    {' | '.join(keys)})\n        {action}\n        return\n        ;;" for action, keys in values.items()]
    options = [f"        {c.name}) _ccasim_words '{' '.join(all_flags(c))}' ;;" for c in commands]
    places = [f"    {c.name}) {bash_action(positional(c))} ;;" for c in commands if positional(c)]
    return BASH.replace("@COMMANDS@", " ".join(c.name for c in commands)).replace("@VALUES@", "\n".join(lines)) \
        .replace("@OPTIONS@", "\n".join(options)).replace("@POSITIONAL@", "\n".join(places))


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_action(what):
    if what == "file":
        return "_files"
    if what == "scenario":
        return '_files -g "*.yaml(-.)"'
    return f"({' '.join(what)})" if what else ""


def zsh_option(option, names):
    text = re.sub(r"([\[\]\\:])", r"\\\1", option.text)
    specs = []
    for flag in option.flags:
        spec = f"{flag}[{text}]"
        if option.argument:
            name = re.sub(r"[^A-Z]+", " ", option.argument).strip().lower() or "value"
            if flag.startswith("--"):
                spec = f"{flag}=[{text}]"
            spec += f":{name}:{zsh_action(choices(option, names))}"
        # May come again: the first alone is less useful than all.
        specs.append(quoted("*" + spec))
    return specs


def zsh(commands, names):
    out = ["#compdef ccasim", "# SPDX-License-Identifier: BSD-3-Clause",
           "# zsh completion of ccasim; made by tools/derive.py", "",
           "_ccasim()", "{", "    local -a commands", "    commands=("]
    out += [f"        {quoted(c.name + ':' + c.what.replace(':', chr(92) + ':'))}" for c in commands]
    out += ["    )", "    if (( CURRENT == 2 )); then", "        _describe command commands",
            "        _arguments '(- *)--help[the commands]' '(- *)--version[versions, for a report]'", "        return", "    fi",
            "    local command=$words[2]", "    shift words", "    (( CURRENT-- ))", "    case $command in"]
    for c in commands:
        specs = [s for o in c.options for s in zsh_option(o, names)]
        if "--help" not in [f for o in c.options for f in o.flags]:
            specs.append("'--help[the options]'")
        where = positional(c)
        if where:
            specs.append(quoted(f"*:{'scenario' if where == 'scenario' else 'word'}:{zsh_action(where)}"))
        out += [f"    {c.name})", "        _arguments -s \\"] + [f"            {s} \\" for s in specs[:-1]] + \
            [f"            {specs[-1]}", "        ;;"]
    return "\n".join(out + ["    esac", "}", "", '_ccasim "$@"', ""])


def fish(commands, names):
    out = ["# SPDX-License-Identifier: BSD-3-Clause", "# fish completion of ccasim; made by tools/derive.py",
           "complete -c ccasim -f", "complete -c ccasim -n __fish_use_subcommand -l help -d 'the commands'",
           "complete -c ccasim -n __fish_use_subcommand -l version -d 'versions, for a report'"]
    for c in commands:
        out.append(f"complete -c ccasim -n __fish_use_subcommand -a {c.name} -d {fish_quoted(c.what)}")
    for c in commands:
        head = f"complete -c ccasim -n '__fish_seen_subcommand_from {c.name}'"
        for o in c.options:
            flags = " ".join(("-l " if f.startswith("--") else "-s ") + f.lstrip("-") for f in o.flags)
            what = choices(o, names) if o.argument else None
            takes = " -r -F" if what == "file" else f" -x -a '{' '.join(what)}'" if what else " -x" if o.argument else ""
            out.append(f"{head} {flags}{takes} -d {fish_quoted(o.text)}")
        if "--help" not in [f for o in c.options for f in o.flags]:
            out.append(f"{head} -l help -d 'the options'")
        where = positional(c)
        if where in ("file", "scenario"):
            out.append(f"{head} -F" if where == "file" else f"{head} -a '(__fish_complete_suffix .yaml)'")
        elif where:
            out.append(f"{head} -a '{' '.join(where)}'")
    return "\n".join(out + [""])


def fish_quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def main():
    ccasim, kind = sys.argv[1:3]
    commands = read(ccasim)
    names = listed(ccasim, commands)
    made = {"man": lambda: man(commands, sys.argv[3]), "bash": lambda: bash(commands, names),
            "zsh": lambda: zsh(commands, names), "fish": lambda: fish(commands, names)}
    sys.stdout.write(made[kind]())


if __name__ == "__main__":
    main()
