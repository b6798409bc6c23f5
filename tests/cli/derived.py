#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What is derived from the help texts: the manual page has every command and option, and no tool finds fault with it; bash,
zsh and fish complete commands, options, their words, and files. TAP.

usage: derived.py CCASIM FOLDER-OF-DERIVED-FILES
"""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

CCASIM, FOLDER = map(os.path.abspath, sys.argv[1:3])
MAN, BASH, ZSH, FISH = (os.path.join(FOLDER, n) for n in ("ccasim.1", "ccasim.bash", "_ccasim", "ccasim.fish"))
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


def skip(name, why):
    global count
    count += 1
    print("ok", count, "-", name, "# SKIP", why)


def run(*args, **more):
    return subprocess.run(args, capture_output=True, text=True, check=False, **more)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def commands():
    """command -> its help; read here anew, not by what derives."""
    names = re.findall(r"^  (\w+) ", run(CCASIM, "--help").stdout, re.M)
    return {n: run(CCASIM, n, "--help").stdout for n in names if n != "ccasim"}


def options(text):
    """Every word of a help text that looks like an option, in the lines that list them."""
    found = set()
    for line in text.splitlines():
        head = re.match(r"  (-[^ ].*?)(  |$)", line)
        if head:
            found |= set(re.findall(r"(?<![\w-])--?[A-Za-z][A-Za-z-]*", head[1]))
    return found


HELP = commands()

# --- the manual page ---


def sections():
    """command -> its subsection of the page, with roff's dashes as they are read."""
    text = read(MAN).replace("\\-", "-").replace("\\&", "")
    parts = re.split(r"^\.S[sh] ", text, flags=re.M)
    return {p.split(":")[0]: p for p in parts}


def missing_in(section, text):
    for option in options(text):
        if not re.search(rf"^\.It .*Fl {re.escape(option[1:])}( |$)", section, re.M):
            yield option


def check_man():
    parts = sections()
    check("help lists commands", [] if len(HELP) > 10 and "run" in HELP else HELP)
    check("each command is in the manual page", (n for n in HELP if n not in parts))
    for name, text in HELP.items():
        check(f"the page has every option of {name}", missing_in(parts.get(name, ""), text))
    what = sections()
    check("a page without an option is noticed",
          [] if list(missing_in(what["run"].replace(".It Fl -tap", ""), HELP["run"])) == ["--tap"] else ["it is not"])
    shown = options(HELP["run"])
    check("options are found in a help text", [] if {"--filter", "-j", "--tap", "-v"} <= shown else shown)
    if shutil.which("mandoc"):
        r = run("mandoc", "-T", "lint", "-W", "style", MAN)
        check("mandoc finds no fault with the page", (r.stdout + r.stderr).splitlines() or ([r] if r.returncode else []))
    else:
        skip("mandoc finds no fault with the page", "no mandoc")
    if shutil.which("man") and shutil.which("groff"):
        r = run("man", "--warnings", "-Tutf8", "-Z", "-l", MAN, env=dict(os.environ, LC_ALL="C.UTF-8"))
        check("groff finds no fault with the page", r.stderr.splitlines() or ([r] if r.returncode else []))
    else:
        skip("groff finds no fault with the page", "no man, or no groff")


# --- completion ---

def in_bash(folder, *words, patience=0):
    """What bash offers for the last of the words, which it split where it does."""
    del patience
    script = (f"source '{BASH}'; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _ccasim; "
              "printf '%s\\n' \"${COMPREPLY[@]}\"")
    return [w for w in run("bash", "--norc", "-c", script, "bash", "ccasim", *words, cwd=folder).stdout.splitlines() if w]


def in_fish(folder, *words, patience=0):
    del patience
    out = run("fish", "--no-config", "-c", f"source '{FISH}'; complete -C \"$argv\"", "ccasim " + " ".join(words),
              cwd=folder, env=dict(os.environ, HOME=folder)).stdout
    return [line.split("\t")[0] for line in out.splitlines()]


ZPTY = r"""
zmodload zsh/zpty
zpty z "PS1= TERM=dumb zsh -f -i"
send() { zpty -w z "$1" }
send "stty -echo; PROMPT=; cd '$1'; fpath=('$2' \$fpath); autoload -Uz compinit; compinit -u -D"
send "LISTMAX=1000; COLUMNS=60; LINES=500; zstyle ':completion:*' list-colors; unsetopt auto_menu always_last_prompt; setopt auto_list"
send "zstyle ':completion:*' insert-tab false; zstyle ':completion:*:default' list-prompt ''; bindkey '^I' list-choices; print READY"
while zpty -r z line && [[ $line != *READY* ]]; do :; done
zpty -w -n z "$3"$'\t'
sleep $4
zpty -w -n z $'\C-u'"print DO"NE$'\n'
while zpty -r z line; do print -r -- "$line"; [[ $line == *DONE* ]] && break; done
zpty -d z
"""


def in_zsh(folder, *words, patience=0):
    """The words of all that a real zsh lists."""
    out = run("zsh", "-f", "-c", ZPTY, "zsh", folder, FOLDER, "ccasim " + " ".join(words), str(patience), timeout=60).stdout
    return re.findall(r"[\w.=/-]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", out))


def has_terminals():
    """zsh is typed at through one."""
    try:
        for end in os.openpty():
            os.close(end)
    except OSError:
        return False
    return True


def questions(bugs, shell):
    """What is typed, what must be offered, and what must not."""
    yield "commands", [""], list(HELP), ["good.yaml"]
    yield "a command by its first letters", ["co"], ["coverage"], ["run"]
    for name, text in HELP.items():
        yield f"the options of {name}", [name, "--"], sorted(o for o in options(text) if o.startswith("--")), ["--no-such"]
    yield "the words of an option", ["run", "--check", ""], ["all", "full", "none"], ["auto"]
    yield "other words of another", ["explain", "--realm", ""], ["auto", "unicorn", "script"], ["full"]
    if bugs:
        yield "planted bugs", ["run", "--break", "data-destroy"], [b for b in bugs if b.startswith("data-destroy")], \
            [b for b in bugs if b.startswith("rtt")]
    # fish puts them first, and offers other files too.
    yield "scenario files", ["run", "--tap", ""], ["good.yaml"], [] if shell == "fish" else ["other.txt"]
    yield "any file where an option wants one", ["run", "--trace", "oth"], ["other.txt"], ["good.yaml"]
    yield "the words of list", ["list", ""], ["conditions", "bugs", "invariants"], ["good.yaml"]


def check_words(shell, complete, folder):
    """The same questions to each of them."""
    bugs = [b["name"] for b in json.loads(run(CCASIM, "list", "--json", "bugs").stdout)]

    def answer(question):
        _, words, must, _ = question
        for patience in (0.2, 2, 10):  # a shell that is typed at may still be busy
            got = {w.rstrip("=") for w in complete(folder, *words, patience=patience)}
            if got >= set(must):
                break
        return got

    asked = list(questions(bugs, shell))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(answer, asked))
    for (name, _, must, must_not), got in zip(asked, answers):
        check(f"{shell}: {name}", [f"not offered: {w}" for w in must if w not in got] +
              [f"offered: {w}" for w in must_not if w in got])


def main():
    check_man()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("good.yaml", "other.txt", "folder/inside.yaml"):
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            with open(os.path.join(folder, name), "w", encoding="utf-8"):
                pass
        check_words("bash", in_bash, folder)
        check("bash: folders too", [] if "folder" in in_bash(folder, "run", "") else ["no folder"])
        check("bash: --option=value, three words", [] if in_bash(folder, "run", "--check", "=", "f") == ["full"] else
              in_bash(folder, "run", "--check", "=", "f"))
        check("bash: --option=, two words", [] if "full" in in_bash(folder, "run", "--check", "=") else ["nothing"])
        for shell, complete in (("fish", in_fish), ("zsh", in_zsh)):
            if not shutil.which(shell):
                skip(f"{shell}: completion", f"no {shell}")
            elif shell == "zsh" and not has_terminals():
                skip("zsh: completion", "no pseudo-terminals here")
            else:
                check_words(shell, complete, folder)
    print(f"1..{count}")
    return 0 if all_ok else 1


if __name__ == "__main__":
    sys.exit(main())
