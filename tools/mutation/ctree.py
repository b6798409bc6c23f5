# SPDX-License-Identifier: BSD-3-Clause
"""A parser for the C that this project is written in: functions, statements and expressions with their places in the
text. It knows no types beyond what it needs to tell a cast from a parenthesis and a declaration from an expression."""

import re

TOKEN = re.compile(r"""
    (?P<space>\s+|/\*.*?\*/|//[^\n]*)
  | (?P<pp>\#(?:[^\n\\]|\\.)*)
  | (?P<str>(?:L|u8)?"(?:[^"\\]|\\.)*")
  | (?P<chr>'(?:[^'\\]|\\.)*')
  | (?P<num>(?:0[xX][0-9a-fA-F]+|[0-9]+)[uUlL]*)
  | (?P<id>[A-Za-z_]\w*)
  | (?P<op><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%&|^~!<>=?:;,.(){}\[\]])
""", re.X | re.S)

TYPE_WORDS = {"struct", "enum", "union", "const", "volatile", "static", "unsigned", "signed", "int", "char", "long",
              "short", "void", "bool", "_Bool", "__typeof__", "typeof", "register", "extern"}
ASSIGN = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="}
PRECEDENCE = {}
for _level, _ops in enumerate(["||", "&&", "|", "^", "&", "== !=", "< <= > >=", "<< >>", "+ -", "* / %"]):
    for _op in _ops.split():
        PRECEDENCE[_op] = _level
# Their arguments may be types.
OPAQUE_CALLS = {"sizeof", "offsetof", "__builtin_offsetof", "va_arg", "_Static_assert", "_Alignof"}


class Token:
    __slots__ = ("kind", "text", "start", "end")

    def __init__(self, kind, text, start, end):
        self.kind, self.text, self.start, self.end = kind, text, start, end


class Node:
    """kind: num id str call index member unary postfix binary cond assign cast paren init opaque;
    block if while for do switch return jump case decl expr none."""

    def __init__(self, kind, start, end, op="", kids=(), **more):
        self.kind, self.start, self.end, self.op, self.kids = kind, start, end, op, list(kids)
        self.__dict__.update(more)


class Function:
    def __init__(self, name, body):
        self.name, self.body = name, body


class ParseError(Exception):
    pass


def tokenize(text):
    """Tokens, and the preprocessor lines apart."""
    tokens, lines, at = [], [], 0
    while at < len(text):
        m = TOKEN.match(text, at)
        if m is None:
            raise ParseError(f"offset {at}: {text[at:at + 20]!r}")
        if m.lastgroup == "pp":
            lines.append(Token("pp", m.group(), at, m.end()))
        elif m.lastgroup != "space":
            tokens.append(Token(m.lastgroup, m.group(), at, m.end()))
        at = m.end()
    return tokens, lines


class Parser:
    def __init__(self, tokens):
        self.t, self.i = tokens + [Token("end", "", tokens[-1].end if tokens else 0, 0)], 0

    # --- tokens

    def peek(self, n=0):
        return self.t[min(self.i + n, len(self.t) - 1)]

    def next(self):
        self.i += 1
        return self.t[self.i - 1]

    def at(self, *texts):
        return self.peek().kind in ("op", "id") and self.peek().text in texts

    def take(self, text):
        if not self.at(text):
            raise ParseError(f"offset {self.peek().start}: expected {text!r}, found {self.peek().text!r}")
        return self.next()

    def last_end(self):
        return self.t[self.i - 1].end

    def skip_group(self):
        """From an opening bracket past the closing one."""
        depth = 0
        while True:
            tok = self.next()
            if tok.kind == "end":
                raise ParseError("unbalanced brackets")
            if tok.text in "([{" and tok.kind == "op":
                depth += 1
            elif tok.text in ")]}" and tok.kind == "op":
                depth -= 1
                if depth == 0:
                    return tok.end

    def is_type(self, n=0):
        tok = self.peek(n)
        return tok.kind == "id" and (tok.text in TYPE_WORDS or (tok.text.endswith("_t") and self.peek(n + 1).text != "("))

    def is_declaration(self):
        """Of a type with a name of its own: `name x` or `name *x =`; nothing multiplies for no use."""
        return self.peek().kind == "id" and (
            self.peek(1).kind == "id" or (self.peek(1).text == "*" and self.peek(2).kind == "id" and
                                          self.peek(3).text in ("=", ";", ",", "[")))

    # --- expressions

    def expression(self):
        e = self.assignment()
        while self.at(","):
            self.next()
            right = self.assignment()
            e = Node("binary", e.start, right.end, ",", [e, right])
        return e

    def assignment(self):
        left = self.conditional()
        if self.peek().kind == "op" and self.peek().text in ASSIGN:
            op = self.next().text
            right = self.assignment()
            return Node("assign", left.start, right.end, op, [left, right])
        return left

    def conditional(self):
        c = self.binary(0)
        if not self.at("?"):
            return c
        self.next()
        a = self.expression()
        self.take(":")
        b = self.conditional()
        return Node("cond", c.start, b.end, "?", [c, a, b])

    def binary(self, lowest):
        left = self.unary()
        while self.peek().kind == "op" and PRECEDENCE.get(self.peek().text, -1) >= lowest:
            op = self.next().text
            right = self.binary(PRECEDENCE[op] + 1)
            left = Node("binary", left.start, right.end, op, [left, right])
        return left

    def unary(self):
        tok = self.peek()
        if tok.kind == "op" and tok.text in ("!", "~", "-", "+", "*", "&", "++", "--"):
            self.next()
            e = self.unary()
            return Node("unary", tok.start, e.end, tok.text, [e])
        if tok.text == "(" and self.is_type(1):
            end = self.skip_group()
            if self.at("{"):
                init = self.initializer()
                return self.postfix(Node("init", tok.start, init.end, kids=init.kids))
            e = self.unary()
            return Node("cast", tok.start, e.end, "cast", [e], type_end=end)
        return self.postfix(self.primary())

    def primary(self):
        tok = self.next()
        if tok.kind in ("num", "chr"):
            return Node("num", tok.start, tok.end, tok.text)
        if tok.kind == "str":
            while self.peek().kind == "str":
                self.next()
            return Node("str", tok.start, self.last_end())
        if tok.kind == "id":
            if tok.text in OPAQUE_CALLS:
                if self.at("("):
                    self.skip_group()
                else:
                    self.unary()
                return Node("opaque", tok.start, self.last_end())
            return Node("id", tok.start, tok.end, tok.text)
        if tok.text == "(":
            e = self.expression()
            end = self.take(")").end
            return Node("paren", tok.start, end, "(", [e])
        raise ParseError(f"offset {tok.start}: no expression begins with {tok.text!r}")

    def postfix(self, e):
        while self.peek().kind == "op":
            if self.at("("):
                self.next()
                args = []
                while not self.at(")"):
                    if self.is_type():  # a macro that takes a type
                        start = self.peek().start
                        while not self.at(",", ")"):
                            self.next()
                        args.append(Node("opaque", start, self.last_end()))
                    else:
                        args.append(self.assignment())
                    if self.at(","):
                        self.next()
                e = Node("call", e.start, self.take(")").end, e.op if e.kind == "id" else "", [e] + args)
            elif self.at("["):
                self.next()
                index = self.expression()
                e = Node("index", e.start, self.take("]").end, "[", [e, index])
            elif self.at(".", "->"):
                self.next()
                name = self.next()
                e = Node("member", e.start, name.end, name.text, [e])
            elif self.at("++", "--"):
                e = Node("postfix", e.start, self.next().end, "++", [e])
            else:
                break
        return e

    def initializer(self):
        """{...}: kids are the values, each with .field when it is designated."""
        start, kids = self.take("{").start, []
        while not self.at("}"):
            first, field = self.peek().start, None
            while self.at(".", "["):
                if self.at("["):
                    self.skip_group()
                    field = "[]"
                else:
                    self.next()
                    field = self.next().text
            if field:
                self.take("=")
            value = self.initializer() if self.at("{") else self.assignment()
            value.field, value.row_start = field, first
            kids.append(value)
            if self.at(","):
                self.next()
        return Node("init", start, self.take("}").end, "{", kids)

    # --- statements

    def statement(self):
        tok = self.peek()
        handler = getattr(self, "stmt_" + tok.text, None) if tok.kind == "id" else None
        if handler:
            return handler()
        if self.at("{"):
            return self.block()
        if self.at(";"):
            self.next()
            return Node("none", tok.start, tok.end)
        if tok.kind == "id" and tok.text in ("break", "continue", "goto"):
            while not self.at(";"):
                self.next()
            return Node("jump", tok.start, self.next().end, tok.text)
        if tok.text == "_Static_assert":
            while not self.at(";"):
                self.next()
            return Node("none", tok.start, self.next().end)
        if self.is_type() or self.is_declaration():
            return self.declaration()
        e = self.expression()
        return Node("expr", tok.start, self.take(";").end, kids=[e])

    def block(self):
        start, kids = self.take("{").start, []
        while not self.at("}"):
            kids.append(self.statement())
        return Node("block", start, self.take("}").end, kids=kids)

    def declaration(self):
        start, static, kids = self.peek().start, False, []
        while not self.at(";"):
            static = static or self.peek().text == "static"
            if self.at("="):
                name = self.t[self.i - 1]
                self.next()
                value = self.initializer() if self.at("{") else self.assignment()
                value.variable = name.text if name.kind == "id" else None
                kids.append(value)
            elif self.at("(", "[", "{"):
                self.skip_group()
            else:
                self.next()
        return Node("decl", start, self.next().end, kids=kids, static=static)

    def stmt_if(self):
        start = self.next().start
        self.take("(")
        cond = self.expression()
        self.take(")")
        then, other = self.statement(), None
        if self.at("else"):
            self.next()
            other = self.statement()
        return Node("if", start, self.last_end(), kids=[cond, then] + ([other] if other else []))

    def stmt_while(self):
        start = self.next().start
        self.take("(")
        cond = self.expression()
        self.take(")")
        body = self.statement()
        return Node("while", start, body.end, kids=[cond, body])

    def stmt_do(self):
        start = self.next().start
        body = self.statement()
        self.take("while")
        self.take("(")
        cond = self.expression()
        self.take(")")
        return Node("do", start, self.take(";").end, kids=[body, cond])

    def stmt_for(self):
        start, parts = self.next().start, []
        self.take("(")
        if self.at(";"):
            parts.append(Node("none", start, self.next().end))
        else:
            parts.append(self.statement())
        cond = None if self.at(";") else self.expression()
        self.take(";")
        step = None if self.at(")") else self.expression()
        self.take(")")
        body = self.statement()
        return Node("for", start, body.end, kids=[parts[0], body], cond=cond, step=step)

    def stmt_switch(self):
        start = self.next().start
        self.take("(")
        value = self.expression()
        self.take(")")
        body = self.statement()
        return Node("switch", start, body.end, kids=[value, body])

    def stmt_case(self):
        start = self.next().start
        label = self.conditional()
        self.take(":")
        return Node("case", start, self.last_end(), label=label)

    def stmt_default(self):
        start = self.next().start
        self.take(":")
        return Node("none", start, self.last_end())

    def stmt_return(self):
        start = self.next().start
        kids = [] if self.at(";") else [self.expression()]
        return Node("return", start, self.take(";").end, kids=kids)


class Source:
    """A file: its functions, its constant tables, its macros with a value."""

    def __init__(self, path, text):
        self.path, self.text = path, text
        self.functions, self.tables, self.macros = [], [], []
        tokens, lines = tokenize(text)
        self.parse(Parser(tokens))
        for line in lines:
            self.macro(line)

    def parse(self, p):
        while p.peek().kind != "end":
            first = p.i
            while not p.at(";", "{", "="):
                if p.peek().kind == "end":
                    return
                if p.at("(", "["):
                    p.skip_group()
                else:
                    p.next()
            if p.at("="):
                name = self.table_name(p, first)
                p.next()
                value = p.initializer() if p.at("{") else p.assignment()
                self.tables.append((name, value))
            elif p.at("{") and p.t[p.i - 1].text == ")":
                name = next(p.t[k].text for k in range(first, p.i) if p.t[k + 1].text == "(")
                self.functions.append(Function(name, p.block()))
            elif p.at("{"):
                p.skip_group()
            else:
                p.next()

    @staticmethod
    def table_name(p, first):
        """The declared name: what stands before `=` or before the dimensions of an array."""
        k = next((k for k in range(first, p.i) if p.t[k].text == "["), p.i)
        return p.t[k - 1].text

    def macro(self, line):
        m = re.match(r"#\s*define\s+([A-Z]\w*)[ \t]+", line.text)
        if m is None:
            return
        tokens, _ = tokenize(line.text[m.end():].replace("\\\n", " \n"))
        if not tokens or tokens[0].text != "(":
            return
        for tok in tokens:
            tok.start += line.start + m.end()
            tok.end += line.start + m.end()
        p = Parser(tokens)
        try:
            value = p.unary()
        except ParseError:
            return
        if p.peek().kind == "end":
            self.macros.append((m.group(1), value))
