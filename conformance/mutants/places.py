"""Where in a module's syntax tree something may be mutated, and every mutant that there can be.

A mutant is found again by what it does: the function that it is in, and its statement before and after. Lines come and go
meanwhile; the same change in the same function a second time is told apart by its number.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.mutants.operators import OPERATORS
from conformance.mutants.scope import ATTRIBUTES, CONSTANTS, COUNTERS, FUNCTIONS, QUICK_LOOKS, SPEED, SYMBOLS, WHOLE_CHECKS

LONGEST = 120
"""So many letters of a statement are shown as they are."""
ROUND = 30
"""So many letters stand on both sides of what differs in a longer one."""

NEVER = ("annotation", "returns", "bases", "decorator_list", "defaults", "kw_defaults")
"""Fields of nodes in which nothing is mutated."""

HEARD = ("KernelError", "WouldBlock", "ProcessExit", "Trap")
"""Exceptions that a guest hears of in some way; of all others only the text is left."""

Field = tuple[ast.AST, str, int | None]
"""Where a node hangs: its parent, the field, and the place in it if that is a list."""


@dataclass(frozen=True)
class Place:
    """A node, where it hangs, the statement that it is part of, and the function round it ("" for a module's own code)."""

    node: ast.AST
    field: Field
    statement: ast.stmt
    function: str


@dataclass(frozen=True, order=True)
class Mutant:
    """One small change of a module. `lines` are those whose running runs the change."""

    module: str
    function: str
    before: str
    after: str
    number: int
    operator: str
    first: int
    last: int

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What it is found again by."""
        return self.module, self.function, self.before, self.after, self.number

    @property
    def lines(self) -> range:
        """The lines of its statement, or of that one's head."""
        return range(self.first, self.last + 1)

    def __str__(self) -> str:
        return f"{self.module}:{self.first} {self.function or '(module)'}: {self.before}  =>  {self.after}"


def mutants(module: str, source: str) -> list[Mutant]:
    """Every mutant of a module, in the order of its source."""
    return [mutant for mutant, _, _ in _changes(module, ast.parse(source))]


def mutated(mutant: Mutant, source: str) -> ast.Module:
    """The module's tree with the mutant's change in it; LookupError if the source has no such place."""
    tree = ast.parse(source)
    for each, field, node in _changes(mutant.module, tree):
        if each.key == mutant.key:
            _put(field, node)
            return ast.fix_missing_locations(tree)
    raise LookupError(f"there is no such place: {mutant}")


def _changes(module: str, tree: ast.Module) -> Iterator[tuple[Mutant, Field, ast.AST]]:
    seen: Counter[tuple[str, str, str]] = Counter()
    for place in places(module, tree):
        for name, operator in OPERATORS.items():
            if name == "comparison" and _is_quick_look(module, place):
                continue
            if name == "arithmetic" and _counts(module, place.node):
                continue
            for node in operator(place.node):
                new = ast.copy_location(node, place.node) if hasattr(place.node, "lineno") else node
                before = _shown(place.statement)
                _put(place.field, new)
                after = _shown(new if isinstance(new, ast.stmt) else place.statement)
                _put(place.field, place.node)
                before, after = _shortened(before, after)
                number = seen[place.function, before, after]
                seen[place.function, before, after] += 1
                first, last = _lines(place.statement)
                yield Mutant(module, place.function, before, after, number, name, first, last), place.field, new


def _put(field: Field, node: ast.AST) -> None:
    parent, name, at = field
    if at is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[at] = node


# Places


def places(module: str, tree: ast.Module) -> Iterator[Place]:
    """Every place of a module that may be mutated."""
    yield from _below(tree, None, "", module)


def _below(node: ast.AST, statement: ast.stmt | None, function: str, module: str) -> Iterator[Place]:
    for name, value in ast.iter_fields(node):
        if name in NEVER or (name == "value" and _counts(module, node)):
            continue
        for at, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(child, ast.AST) and not _is_left_out(child, function, module):
                yield from _from((node, name, at), child, statement, function, module)


def _from(field: Field, node: ast.AST, statement: ast.stmt | None, function: str, module: str) -> Iterator[Place]:
    if isinstance(node, ast.stmt):
        statement = node
    if statement is not None:
        yield Place(node, field, statement, function)
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        function = f"{function}.{node.name}" if function else node.name
        if f"{module}:{function}" in FUNCTIONS or node.name == "__repr__":
            return
    yield from _below(node, statement, function, module)


def _is_left_out(node: ast.AST, function: str, module: str) -> bool:
    """Is this one of the things that are never mutated? (`scope` says why.)"""
    match node:
        case ast.Expr(value=ast.Constant()):  # a docstring, or what stands behind an assignment to explain it
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.Assert() | ast.Import() | ast.ImportFrom() | ast.JoinedStr():
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name))) if name not in HEARD:
            return True
        case ast.Assign(targets=[ast.Name(id=name)]):
            names = ("TYPE_CHECKING", "__slots__", "__all__")
            return name in names or f"{module}:{name}" in CONSTANTS or f"{module}:{function}" in SYMBOLS
        case ast.Assign(targets=[ast.Attribute(attr=name)]) | ast.AugAssign(target=ast.Attribute(attr=name)):
            return f"{module}:{name}" in ATTRIBUTES
        case ast.Assign(targets=[ast.Tuple(elts=[ast.Attribute(attr=name), *_])]):
            return f"{module}:{name}" in ATTRIBUTES
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
            return f"{module}:{name}" in ATTRIBUTES
        case ast.Compare():  # with a number that only decides how fast
            found = (each.id for each in ast.walk(node) if isinstance(each, ast.Name))
            return any(CONSTANTS.get(f"{module}:{each}") == SPEED for each in found)
        case ast.BinOp(op=ast.BitOr(), right=ast.Name(id=name)):  # a union of types
            return name != name.upper()
    return False


def _counts(module: str, node: ast.AST) -> bool:
    """Does this give something a number that only has to be another one?"""
    match node:
        case ast.AugAssign(target=ast.Attribute(attr=name)):
            return f"{module}:{name}" in COUNTERS
    return False


def _is_quick_look(module: str, place: Place) -> bool:
    """Is this a comparison behind which all is checked once more?"""
    node, names = place.node, QUICK_LOOKS.get(module, ())
    if f"{module}:{place.function}" in WHOLE_CHECKS:
        return False
    return isinstance(node, ast.Compare) and any(isinstance(each, ast.Name) and each.id in names for each in node.comparators)


# How a change is shown


def _head(statement: ast.stmt) -> ast.stmt:
    """The statement without the statements in it."""
    if not hasattr(statement, "body"):
        return statement
    fields = {name: getattr(statement, name) for name in statement._fields}
    fields["body"] = [ast.Pass()]
    for name in ("orelse", "finalbody", "handlers"):
        if name in fields:
            fields[name] = []
    if isinstance(statement, ast.Try):
        fields["finalbody"] = [ast.Pass()]
    return type(statement)(**fields)


def _shown(statement: ast.stmt) -> str:
    """The statement's own text, in one line."""
    text = ast.unparse(ast.fix_missing_locations(ast.copy_location(_head(statement), statement)))
    return text.removesuffix("    pass").rstrip() if hasattr(statement, "body") else " ".join(text.split("\n"))


def _shortened(before: str, after: str) -> tuple[str, str]:
    """What differs, with a little of what stands round it, where the whole is too long to be read."""
    if max(len(before), len(after)) <= LONGEST:
        return before, after
    start = _same(before, after)
    end = _same(before[start:][::-1], after[start:][::-1])
    first = max(0, start - ROUND)
    return _piece(before, first, len(before) - end + ROUND), _piece(after, first, len(after) - end + ROUND)


def _same(one: str, other: str) -> int:
    """How many letters both begin with."""
    return next((at for at, (mine, theirs) in enumerate(zip(one, other)) if mine != theirs), min(len(one), len(other)))


def _piece(text: str, first: int, last: int) -> str:
    return ("..." if first else "") + text[first:last] + ("..." if last < len(text) else "")


def _lines(statement: ast.stmt) -> tuple[int, int]:
    """The lines that run when the change does: a compound statement's head, or the whole of a simple one."""
    body = getattr(statement, "body", None)
    if body:
        return statement.lineno, max(statement.lineno, body[0].lineno - 1)
    return statement.lineno, statement.end_lineno or statement.lineno
