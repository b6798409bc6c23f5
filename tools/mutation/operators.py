# SPDX-License-Identifier: BSD-3-Clause
"""What is changed: from a parsed source to its mutants. The table OPERATORS is what `tools/mutate --help` prints."""

import hashlib
import os
import re

OPERATORS = {
    "check": "the condition of an if, while, for or ?: becomes 0 or 1",
    "operand": "an operand of && or || is dropped",
    "relation": "< <= > >= move by one to either side; == and != change places",
    "status": "a status becomes each other one of its enumeration",
    "enum": "another enumerator becomes the next one of its enumeration; true and false change places",
    "index": "the index of rmi_result() goes up or down by one",
    "const": "a number goes up by one (beside < <= > >= relation does it)",
    "mask": "an operand of | or &, or a ~ is dropped",
    "arith": "the right operand of + - * / % << >> is dropped",
    "not": "a ! is dropped",
    "order": "two neighbouring checks with different answers, of which each ends the function or the chain, change places",
    "case": "a case label is not there",
    "row": "a row of a constant table is dropped, or its number goes up by one",
    "assign": "an assignment, ++ or -- is dropped",
    "lock": "a call that locks is dropped",
    "unlock": "a call that unlocks, or ends a walk, is dropped",
    "wipe": "a call that wipes is dropped",
    "tlbi": "a call that invalidates a TLB is dropped",
    "refcount": "a call that counts references is dropped",
    "slot": "a call that unmaps a slot is dropped",
    "measure": "a call that measures is dropped",
    "call": "another call is dropped",
}

NOT_MADE = """\
Not made, because no run could tell or no rule is broken:
  MODEL_BUG, MODEL_ASSERT  only a bug of the model reaches them
  BUG(m, X)                planted bugs are not in this build: such an operand counts as false
  mem_poison, mem_unpoison do something in sanitizer builds only
  ev, mem_note_write, object_changed
                           tell the checks of a change and are none; what they do not tell, a full check finds
                           (unseen-change), for which tests/check has its cases
  *_name()                 words for people
  rmm/boot.c               runs before the first step of a scenario: tests/attest/test_attest_boot has its cases
  CCA_ERR_*, OWNER_*       errors of the library, and notes for the checks
  el3m/host.c, psci.c      what host code alone calls: tests/boot/test_boot_psci has its cases
  bugs.c, view.c           the table of planted bugs; the abstraction function, which belongs to the checks
"""

SKIPPED_FILES = ("model/rmm/bugs.c", "model/rmm/bugs.h", "model/rmm/view.c", "model/rmm/boot.c",
                 "model/el3m/host.c", "model/el3m/psci.c")
SKIPPED_CALLS = re.compile(r"(MODEL_BUG|MODEL_ASSERT|mem_poison|mem_unpoison|ev|mem_note_write|object_changed)$")
SKIPPED_FUNCTIONS = re.compile(r"\w+_name$")
CALL_OPERATORS = [
    ("unlock", r"gst_unlock\w*|lock_set_release|lock_set_unwind|\w*_walk_end|\w*_unlock|realm_data_end"),
    ("lock", r"gst_lock|\w*_lock"),
    ("wipe", r"granule_wipe|mem_wipe|granule_take|granule_release"),
    ("tlbi", r"rtt_invalidate|tlbi_\w+"),
    ("refcount", r"gst_ref"),
    ("slot", r"slot_unmap|\w+_unmap"),
    ("measure", r"measure_\w+|extend_rim"),
]
STATUS_ENUMS = ("rmi_status", "rsi_status", "psci_status")


class Mutant:
    """Text from start to end becomes `text`. shape: expr, stmt (both can stand beside the original in one build), or
    text (a constant: built by itself)."""

    def __init__(self, path, function, operator, shape, start, end, was, text, line):
        self.path, self.function, self.operator, self.shape = path, function, operator, shape
        self.start, self.end, self.was, self.text, self.line = start, end, was, text, line
        self.key, self.number, self.shows = None, 0, None

    def change(self):
        return f"{self.was} -> {self.becomes() or '(nothing)'}"

    def becomes(self):
        return one_line(self.shows if self.shows is not None else self.text)


def one_line(text):
    return " ".join(re.sub(r"/\*.*?\*/", " ", text, flags=re.S).split())


def read_enums(root, paths):
    """enumerator -> (enum's name, its enumerators in order)"""
    enums = {}
    for path in paths:
        with open(os.path.join(root, path), encoding="utf-8") as f:
            text = re.sub(r"/\*.*?\*/", " ", f.read(), flags=re.S)
        for name, body in re.findall(r"\benum\s+(\w+)\s*\{([^}]*)\}", text):
            members = re.findall(r"(?:^|,)\s*([A-Z]\w*)", re.sub(r"=[^,}]*", "", body))
            members = [m for m in members if not re.search(r"_COUNT$|_NUM$", m)]
            if len(members) > 1:
                for m in members:
                    enums[m] = (name, members)
    return enums


class Maker:
    """Walks one source and makes its mutants."""

    def __init__(self, source, enums):
        self.s, self.enums, self.mutants = source, enums, []
        self.function, self.false = None, set()

    def all(self):
        for f in self.s.functions:
            if SKIPPED_FUNCTIONS.match(f.name):
                continue
            self.function, self.false = f.name, set()
            self.block(f.body)
        self.false = set()
        for name, value in self.s.macros:
            self.function = name
            self.macro(value)
        for name, value in self.s.tables:
            self.function = name
            self.table(value)
        self.keys()
        return self.mutants

    def src(self, node):
        return self.s.text[node.start:node.end]

    def add(self, operator, shape, node, text, start=None, end=None, shows=None):
        start, end = start if start is not None else node.start, end if end is not None else node.end
        was = one_line(self.s.text[start:end])
        line = self.s.text.count("\n", 0, start) + 1
        m = Mutant(self.s.path, self.function, operator, shape, start, end, was, text, line)
        m.shows = shows
        if was != m.becomes():
            self.mutants.append(m)

    def keys(self):
        """file:function:operator:hash of what was and what is. The same change again in a function: #2, #3 ..."""
        seen = {}
        for m in self.mutants:
            digest = hashlib.sha256(f"{m.was}\0{m.becomes()}".encode()).hexdigest()[:8]
            key = f"{m.path}:{m.function}:{m.operator}:{digest}"
            seen[key] = seen.get(key, 0) + 1
            m.key = key if seen[key] == 1 else f"{key}#{seen[key]}"

    # --- constants of this build

    def fold(self, e):
        """True or False where planted bugs decide, else None."""
        if e.kind == "call" and e.op == "BUG":
            return False
        if e.kind == "id" and e.op in self.false:
            return False
        if e.kind == "paren":
            return self.fold(e.kids[0])
        if e.kind == "unary" and e.op == "!":
            value = self.fold(e.kids[0])
            return None if value is None else not value
        if e.kind == "binary" and e.op in ("&&", "||"):
            values = [self.fold(k) for k in e.kids]
            decides = e.op == "||"
            if decides in values:
                return decides
            if None not in values:
                return not decides
        return None

    # --- statements

    def block(self, node):
        kids = node.kids
        for i, k in enumerate(kids):
            self.stmt(k)
            if k.kind == "if" and self.fold(k.kids[0]) is True and self.ends(k.kids[1]):
                kids = kids[:i]  # the rest is for planted bugs
                break
        self.swaps(kids)

    def stmt(self, s):
        handler = getattr(self, "stmt_" + s.kind, None)
        if handler:
            handler(s)

    stmt_block = block

    def stmt_if(self, s):
        value = self.fold(s.kids[0])
        if value is not None:
            live = s.kids[1:2] if value else s.kids[2:3]
            for k in live:
                self.stmt(k)
            return
        self.check(s.kids[0])
        for k in s.kids[1:]:
            self.stmt(k)
        other = s.kids[2] if len(s.kids) > 2 else None
        if other is not None and other.kind == "if" and self.fold(other.kids[0]) is None:
            first, second = (f"if ({self.src(i.kids[0])}) {self.src(i.kids[1])}" for i in (s, other))
            rest = f" else {self.src(other.kids[2])}" if len(other.kids) > 2 else ""
            self.add("order", "stmt", s, f"{second} else {first}{rest}",
                     shows=f"else-if ({self.src(other.kids[0])}) first")

    def stmt_while(self, s):
        self.check(s.kids[0], values=("0",))
        self.stmt(s.kids[1])

    def stmt_do(self, s):
        self.stmt(s.kids[0])
        self.check(s.kids[1], values=("0",))

    def stmt_for(self, s):
        self.stmt(s.kids[0])
        if s.cond:
            self.check(s.cond, values=("0",))
        self.stmt(s.kids[1])

    def stmt_switch(self, s):
        value, body = s.kids
        text = self.src(value)
        for case in self.cases(body):
            label = self.src(case.label)
            self.add("case", "expr", value,
                     f"__extension__({{ __typeof__({text}) v_ = ({text}); v_ == ({label}) ? (__typeof__(v_))-1 : v_; }})",
                     shows=f"no case {label}")
        self.expr(value)
        self.stmt(body)

    def cases(self, node):
        for k in node.kids:
            if k.kind == "case":
                yield k
            elif k.kind in ("block", "if", "for", "while", "do"):
                yield from self.cases(k)

    def stmt_return(self, s):
        for k in s.kids:
            self.expr(k)

    def stmt_decl(self, s):
        for k in s.kids:
            if s.static:
                self.table(k)
                continue
            if k.kind != "init" and self.fold(k) is False:
                self.false.add(k.variable)
                continue
            self.expr(k)

    def stmt_expr(self, s):
        e = s.kids[0]
        if e.kind == "call":
            if SKIPPED_CALLS.match(e.op):
                return
            operator = next((o for o, names in CALL_OPERATORS if re.fullmatch(names, e.op)), "call")
            self.add(operator, "stmt", s, "")
        elif e.kind in ("assign", "postfix", "unary"):
            self.add("assign", "stmt", s, "")
        self.expr(e)

    def ends(self, s):
        """The statement leaves the function."""
        if s.kind == "block":
            return bool(s.kids) and self.ends(s.kids[-1])
        return s.kind == "return"

    def swaps(self, kids):
        """Runs of neighbouring `if (...) return`: a mutant spans its run, so that spans nest."""
        run = []
        for k in kids + [None]:
            if k is not None and k.kind == "if" and len(k.kids) == 2 and self.ends(k.kids[1]) \
                    and self.fold(k.kids[0]) is None:
                run.append(k)
                continue
            for i in range(len(run) - 1):
                if self.src(run[i].kids[1]) == self.src(run[i + 1].kids[1]):
                    continue  # the same answer
                turned = run[:i] + [run[i + 1], run[i]] + run[i + 2:]
                self.add("order", "stmt", run[0], " ".join(self.src(n) for n in turned),
                         end=run[-1].end,
                         shows=f"if ({self.src(run[i + 1].kids[0])}) before if ({self.src(run[i].kids[0])})")
            run = []

    # --- expressions

    def check(self, cond, values=("0", "1")):
        if cond.kind != "num":
            for v in values:
                self.add("check", "expr", cond, v)
        self.expr(cond)

    def macro(self, e):
        """A mask loses each of its parts. What a bit's number is, is a fact of the architecture."""
        if e.kind == "binary" and e.op == "|":
            self.add("mask", "expr", e, f"({self.src(e.kids[1])})", shows=self.src(e.kids[1]))
            self.add("mask", "expr", e, f"({self.src(e.kids[0])})", shows=self.src(e.kids[0]))
        for k in e.kids:
            self.macro(k)

    def expr(self, e):
        if self.fold(e) is not None or e.kind == "opaque":
            return
        handler = getattr(self, "expr_" + e.kind, None)
        if handler and handler(e):
            return
        for k in e.kids:
            self.expr(k)

    def expr_call(self, e):
        """True: nothing inside is changed."""
        if e.op == "BUG" or SKIPPED_CALLS.match(e.op or "?"):
            return True
        if e.op == "__builtin_expect":  # the second argument is a hint
            self.expr(e.kids[1])
            return True
        if e.op == "rmi_result":
            self.expr(e.kids[1])
            index = self.src(e.kids[2])
            for d in ("+ 1", "- 1"):
                self.add("index", "expr", e.kids[2], f"({index}) {d}", shows=f"{index} {d}")
            if e.kids[2].kind != "num":
                self.expr(e.kids[2])
            return True
        for k in e.kids[1:]:
            self.expr(k)
        return True

    def expr_assign(self, e):
        """The left side is a place, not a value; indexes in it are values."""
        self.place(e.kids[0])
        self.expr(e.kids[1])
        return True

    def place(self, e):
        if e.kind == "index":
            self.place(e.kids[0])
            self.expr(e.kids[1])
        elif e.kind in ("member", "unary", "paren"):
            self.place(e.kids[0])

    def expr_postfix(self, e):
        self.place(e.kids[0])
        return True

    def expr_member(self, e):
        self.place(e.kids[0])
        return e.kids[0].kind != "call"

    def expr_index(self, e):
        self.place(e)
        return True

    def expr_cond(self, e):
        value = self.fold(e.kids[0])
        if value is not None:
            self.expr(e.kids[1 if value else 2])
            return True
        self.check(e.kids[0])
        for k in e.kids[1:]:
            self.expr(k)
        return True

    def expr_num(self, e):
        number = e.op.rstrip("uUlL")
        if e.op.startswith("'"):
            return True
        value = int(number, 16) if number[:2].lower() == "0x" else int(number, 10)
        self.add("const", "expr", e, f"({e.op} + 1)", shows=str(value + 1) if value < 10 else f"{e.op} + 1")
        return True

    def expr_id(self, e):
        if e.op in ("true", "false"):
            self.add("enum", "expr", e, "false" if e.op == "true" else "true")
            return True
        if e.op not in self.enums:
            return True
        name, members = self.enums[e.op]
        if name in ("cca_err", "owner_kind"):
            return True
        if name in STATUS_ENUMS:
            for m in members:
                if m != e.op:
                    self.add("status", "expr", e, m)
        else:
            self.add("enum", "expr", e, members[(members.index(e.op) + 1) % len(members)])
        return True

    def expr_unary(self, e):
        if e.op == "!":
            self.add("not", "expr", e, f"!!({self.src(e.kids[0])})", shows=self.src(e.kids[0]))
        elif e.op == "~":
            self.add("mask", "expr", e, f"({self.src(e.kids[0])})", shows=self.src(e.kids[0]))
        elif e.op == "&":
            self.place(e.kids[0])
            return True
        elif e.op == "-" and e.kids[0].kind == "num":
            self.add("const", "expr", e, f"({self.src(e)} + 1)")
            return True
        return e.op in ("++", "--")

    def expr_binary(self, e):
        left, right = e.kids
        a, b = self.src(left), self.src(right)
        if e.op in ("&&", "||"):
            self.logic(e)
            return True
        if e.op in ("<", "<=", ">", ">="):
            self.relation(e, a, b)
            for k in e.kids:
                if k.kind != "num":
                    self.expr(k)
            return True
        elif e.op in ("==", "!="):
            self.add("relation", "expr", e, f"{a} {'!=' if e.op == '==' else '=='} {b}")
        elif e.op == "|":
            self.add("mask", "expr", e, f"({b})", shows=b)
            self.add("mask", "expr", e, f"({a})", shows=a)
        elif e.op == "&":
            self.add("mask", "expr", e, f"({a})", shows=a)
        elif e.op in ("+", "-", "*", "/", "%", "<<", ">>", "^"):
            self.add("arith", "expr", e, f"({a})", shows=a)
        return False

    def relation(self, e, a, b):
        """Both bounds beside the one that is there."""
        low, high = (a, b) if e.op[0] == "<" else (b, a)
        if e.op in ("<", ">"):
            self.add("relation", "expr", e, f"({low}) <= ({high})", shows=f"{a} {e.op}= {b}")
            self.add("relation", "expr", e, f"({low}) < ({high}) && ({low}) + 1 != ({high})",
                     shows=f"{a} {e.op} {b}, not by one")
        else:
            self.add("relation", "expr", e, f"({low}) < ({high})", shows=f"{a} {e.op[0]} {b}")
            self.add("relation", "expr", e, f"({low}) <= ({high}) || ({low}) == ({high}) + 1",
                     shows=f"{a} {e.op} {b}, or by one")

    def logic(self, e):
        operands = []

        def flatten(n):
            if n.kind == "binary" and n.op == e.op:
                flatten(n.kids[0])
                flatten(n.kids[1])
            else:
                operands.append(n)

        flatten(e)
        real = [n for n in operands if self.fold(n) is None]
        if len(real) > 1:
            for n in real:
                rest = [self.src(k) for k in operands if k is not n]
                self.add("operand", "expr", e, "(" + f" {e.op} ".join(f"({r})" for r in rest) + ")",
                         shows=f"without {one_line(self.src(n))}")
        for n in real:
            self.expr(n)

    # --- constants

    def table(self, value):
        """Rows of numbers and names; words for people are left alone."""
        if value.kind != "init":
            return
        for row in value.kids:
            if row.kind == "init":
                self.table(row)
            elif row.kind == "num":
                self.add("row", "text", row, f"({row.op} + 1)")
            elif row.kind in ("id", "call") and (row.field == "[]" or row.kind == "call"):
                end = row.end
                comma = re.match(r"\s*,", self.s.text[end:])
                self.add("row", "text", row, "", start=row.row_start, end=end + (comma.end() if comma else 0))
