"""What a mutant may do to a node of the syntax tree: one small slip that a person could have made.

An operator takes a node and gives what may stand in its place. Which nodes are asked at all, `places` decides.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

Operator = Callable[[ast.AST], Iterator[ast.AST]]

NEIGHBOURS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPPOSITES: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr,
}  # fmt: skip
TWINS = {"min": "max", "max": "min", "any": "all", "all": "any"}
NEGATED = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
"""Comparisons that `comparison` turns into their negation: `condition` would do the same once more."""


def comparison(node: ast.AST) -> Iterator[ast.AST]:
    """`<` becomes `<=`, `==` becomes `!=`, `is` becomes `is not`, and so on."""
    if isinstance(node, ast.Compare):
        for at, each in enumerate(node.ops):
            ops = [*node.ops[:at], NEIGHBOURS[type(each)](), *node.ops[at + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)


def condition(node: ast.AST) -> Iterator[ast.AST]:
    """A condition becomes its negation."""
    if isinstance(node, ast.If | ast.While | ast.IfExp) and _is_plain(node.test):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.comprehension):
        for at, each in enumerate(node.ifs):
            if _is_plain(each):
                yield _with(node, ifs=[*node.ifs[:at], ast.UnaryOp(ast.Not(), each), *node.ifs[at + 1 :]])


def _is_plain(test: ast.expr) -> bool:
    """Isn't there another operator that negates it?"""
    return not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)) and not (
        isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], NEGATED)
    )


def logic(node: ast.AST) -> Iterator[ast.AST]:
    """`and` becomes `or`, and the other way round."""
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def sign(node: ast.AST) -> Iterator[ast.AST]:
    """`not x`, `-x` and `~x` become `x`."""
    if isinstance(node, ast.UnaryOp):
        yield node.operand


def arithmetic(node: ast.AST) -> Iterator[ast.AST]:
    """`+` becomes `-`, `<<` becomes `>>`, `&` becomes `|`, and the other way round; also where the result is assigned."""
    if isinstance(node, ast.BinOp) and not (_is_text(node.left) or _is_text(node.right)):
        yield ast.BinOp(node.left, OPPOSITES[type(node.op)](), node.right)
    elif isinstance(node, ast.AugAssign):
        yield ast.AugAssign(node.target, OPPOSITES[type(node.op)](), node.value)


def _is_text(node: ast.expr) -> bool:
    value = node.value if isinstance(node, ast.Constant) else None
    return isinstance(node, ast.List | ast.JoinedStr) or isinstance(value, str | bytes)


def constant(node: ast.AST) -> Iterator[ast.AST]:
    """A number becomes the next one, a truth value the other one; a text gets a letter more."""
    if isinstance(node, ast.Constant):
        match node.value:
            case bool():
                yield ast.Constant(not node.value)
            case int():
                yield ast.Constant(node.value + 1)
            case str():
                yield ast.Constant(node.value + "x")
            case bytes():
                yield ast.Constant(node.value + b"x")


def errno(node: ast.AST) -> Iterator[ast.AST]:
    """An error becomes another one."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Errno":
        yield ast.Attribute(node.value, "INVAL" if node.attr == "IO" else "IO", node.ctx)


def call(node: ast.AST) -> Iterator[ast.AST]:
    """`min` becomes `max`, `any` becomes `all`, and the other way round."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TWINS:
        yield ast.Call(ast.Name(TWINS[node.func.id], ast.Load()), node.args, node.keywords)


def bound(node: ast.AST) -> Iterator[ast.AST]:
    """A slice loses its beginning, or its end."""
    if isinstance(node, ast.Slice):
        for name in ("lower", "upper"):
            if getattr(node, name) is not None:
                yield _with(node, **{name: None})


def jump(node: ast.AST) -> Iterator[ast.AST]:
    """`break` becomes `continue`, and the other way round."""
    if isinstance(node, ast.Break):
        yield ast.Continue()
    elif isinstance(node, ast.Continue):
        yield ast.Break()


def deletion(node: ast.AST) -> Iterator[ast.AST]:
    """A statement isn't there: a call, an assignment to part of something, `del`, `raise`, `return` without a value."""
    if isinstance(node, ast.Assign):
        gone = all(isinstance(each, ast.Attribute | ast.Subscript) for each in node.targets)
    elif isinstance(node, ast.Return):
        gone = node.value is None
    else:
        gone = isinstance(node, ast.AugAssign | ast.Delete | ast.Raise) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        )
    if gone:
        yield ast.Pass()


def _with(node: ast.AST, **fields: object) -> ast.AST:
    """The node with other values in some of its fields."""
    return type(node)(**{**{name: getattr(node, name) for name in node._fields}, **fields})


OPERATORS: dict[str, Operator] = {
    each.__name__: each
    for each in (
        comparison, condition, logic, sign, arithmetic, constant, errno, call, bound, jump, deletion,
    )
}  # fmt: skip
"""All operators by name, each of them alone."""
