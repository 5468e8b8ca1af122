"""Each operator makes the slips that it is for, and no others."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from conformance.mutants.operators import OPERATORS


def made(operator: str, source: str) -> list[str]:
    """What an operator makes of the nodes of a statement, as text; each alone."""
    found = []
    for number in range(len(list(ast.walk(ast.parse(source))))):
        tree = ast.parse(source)
        node = list(ast.walk(tree))[number]
        found += [ast.unparse(ast.fix_missing_locations(new)) for new in changed(operator, node)]
    return found


def changed(operator: str, node: ast.AST) -> Iterator[ast.AST]:
    for new in OPERATORS[operator](node):
        assert new is not node
        yield new


@pytest.mark.parametrize(
    "operator, source, expected",
    [
        ("comparison", "a < b", ["a <= b"]),
        ("comparison", "a >= b", ["a > b"]),
        ("comparison", "0 <= a <= b", ["0 < a <= b", "0 <= a < b"]),
        ("comparison", "a == b", ["a != b"]),
        ("comparison", "a is not None", ["a is None"]),
        ("comparison", "a in b", ["a not in b"]),
        ("condition", "x if a else y", ["x if not a else y"]),
        ("condition", "while a < b: pass", ["while not a < b:\n    pass"]),
        ("condition", "if a == b: pass", []),
        ("condition", "if not a: pass", []),
        ("condition", "[a for a in b if a and c]", [" for a in b if not (a and c)"]),
        ("logic", "a and b", ["a or b"]),
        ("logic", "a or b or c", ["a and b and c"]),
        ("sign", "not a", ["a"]),
        ("sign", "-a", ["a"]),
        ("sign", "~a", ["a"]),
        ("arithmetic", "a + b", ["a - b"]),
        ("arithmetic", "a << 3", ["a >> 3"]),
        ("arithmetic", "a & b", ["a | b"]),
        ("arithmetic", "a -= b", ["a += b"]),
        ("arithmetic", "a |= b", ["a &= b"]),
        ("arithmetic", "a + b'x'", []),
        ("arithmetic", "[1] + b", []),
        ("constant", "7", ["8"]),
        ("constant", "True", ["False"]),
        ("constant", "'name'", ["'namex'"]),
        ("constant", "b''", ["b'x'"]),
        ("constant", "None", []),
        ("constant", "1.5", []),
        ("errno", "raise KernelError(Errno.BADF)", ["Errno.IO"]),
        ("errno", "Errno.IO", ["Errno.INVAL"]),
        ("errno", "Status.APPEND", []),
        ("call", "min(a, b)", ["max(a, b)"]),
        ("call", "any(a)", ["all(a)"]),
        ("call", "len(a)", []),
        ("bound", "a[b:c]", [":c", "b:"]),
        ("bound", "a[:c]", [":"]),
        ("bound", "a[b]", []),
        ("jump", "while a: break", ["continue"]),
        ("jump", "while a: continue", ["break"]),
        ("deletion", "a.close()", ["pass"]),
        ("deletion", "a.b = c", ["pass"]),
        ("deletion", "a[b] = c", ["pass"]),
        ("deletion", "a = c", []),
        ("deletion", "a += c", ["pass"]),
        ("deletion", "del a[b]", ["pass"]),
        ("deletion", "raise KernelError(a)", ["pass"]),
        ("deletion", "def f(): return", ["pass"]),
        ("deletion", "def f(): return a", []),
    ],
)
def test_what_is_made(operator: str, source: str, expected: list[str]) -> None:
    assert made(operator, source) == expected


def test_every_operator_is_shown_at_work() -> None:
    shown = {each[0] for each in test_what_is_made.pytestmark[0].args[1] if each[2]}  # type: ignore[attr-defined]
    assert shown == OPERATORS.keys()
