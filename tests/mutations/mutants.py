# SPDX-License-Identifier: BSD-2-Clause
"""One-token changes in the bodies of C functions, found line by line: the sources are clang-formatted."""

import re
from dataclasses import dataclass

OPERATORS = [
    (r"(?<![<>=!-])==(?!=)", "!="),
    (r"!=", "=="),
    (r"(?<![<>-])<(?![<=])", "<="),
    (r"(?<![<>-])>(?![>=])", ">="),
    (r"(?<!<)<=(?!=)", "<"),
    (r"(?<!>)>=", ">"),
    (r"&&", "||"),
    (r"\|\|", "&&"),
    (r"\btrue\b", "false"),
    (r"\bfalse\b", "true"),
    (r"(?<=[\w)\]] )\+(?= [\w(])", "-"),
    (r"(?<=[\w)\]] )-(?= [\w(])", "+"),
]
NUMBER = re.compile(r"(?<![\w.#])\d{1,8}(?![\w.])")
# Not evaluated: sizeof(x[0]) is sizeof(x[1]).
SIZEOF = re.compile(r"\bsizeof\([^()]*\)")
CONDITION = re.compile(r"\bif \((?!!)")
STATEMENT = re.compile(r"\t+(?!return|goto|break|continue|(?:un)?signed|s?size_t|bool|char|int|long|double|const|static"
                       r"|struct|enum|union|u?int\d+_t|__u\d+|__be\d+)"
                       r"[*a-z_(][\w>.\[\]-]*(?:\(.*\)| [-+|&^*/]?=(?!=) .*|\+\+|--);$")
# Tables and declarations hold no code of their own.
NO_CODE = re.compile(r"\s*(?:#|static const\b|extern\b|struct .*;$|enum\b|typedef\b|\[|\{|\}|_Static_assert|case )")


@dataclass(frozen=True)
class Mutant:
    file: str
    line: int  # counted from 1
    old: str
    new: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.old.strip()}  =>  {self.new.strip()}"

    def applied(self, text):
        lines = text.split("\n")
        assert lines[self.line - 1] == self.old
        lines[self.line - 1] = self.new
        return "\n".join(lines)


def blank(text):
    """The text with strings, characters and comments blanked, line by line as long as before."""
    pattern = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|/\*.*?\*/|//[^\n]*', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " " if m[0][0] == "/" else "_", m[0]), text)


def of_line(old, code):
    """What the line may become: the changes of `old`, whose `code` is blanked."""
    code = SIZEOF.sub(lambda m: "sizeof(" + "_" * (len(m[0]) - 8) + ")", code)
    changes = [(m.start(), m.end(), new) for pattern, new in OPERATORS for m in re.finditer(pattern, code)]
    changes += [(m.start(), m.end(), str(int(m[0]) + 1)) for m in NUMBER.finditer(code)]
    if STATEMENT.match(code.rstrip()):
        changes.append((len(old) - len(old.lstrip()), len(old), ";"))
    for m in CONDITION.finditer(code):
        depth, end = 1, m.end()
        while end < len(code) and depth > 0:
            depth += (code[end] == "(") - (code[end] == ")")
            end += 1
        if depth == 0:
            changes.append((m.end(), end - 1, f"!({old[m.end():end - 1]})"))
    return [old[:start] + new + old[end:] for start, end, new in changes]


def of_file(path, text):
    """A list of the mutants of each line that has any."""
    found, inside = [], False
    for number, (old, code) in enumerate(zip(text.split("\n"), blank(text).split("\n")), 1):
        if code == "{":
            inside = True
        elif code.startswith("}"):
            inside = False
        elif inside and code.strip() and not NO_CODE.match(code):
            mutants = [Mutant(path, number, old, new) for new in of_line(old, code)]
            if mutants:
                found.append(mutants)
    return found
