"""The contracts of the syscalls: every error that a docstring lists has a test that provokes it, and none is missing there.

The second half is found by random calls: an error that isn't listed fails, and so does any other exception.
"""

from __future__ import annotations

import ast
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_sim.errors import Errno
from kernel_sim.syscalls.table import table
from tests.kernel_sim.calls import Call, calls, crowded, perform, show

HERE = Path(__file__).parent
LISTED = {(row.name, errno) for row in table() for errno in row.errors}


def registered() -> set[tuple[str, str]]:
    """The (syscall, errno) pairs of all `@provokes` in the tests of the syscalls, read from their source."""
    found = set()
    for path in sorted((HERE / "syscalls").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                values = [each.value for each in node.args if isinstance(each, ast.Constant)]
                if node.func.id == "provokes" and len(values) == len(node.args):
                    found |= {(str(values[0]), str(errno)) for errno in values[1:]}
                elif node.func.id == "every_path_call":
                    paths = {row.name for row in table() if row.group == "paths"} - {"getdents"}
                    found |= {(name, str(errno)) for name in paths for errno in values}
    return found


def test_every_listed_error_is_provoked() -> None:
    assert sorted(LISTED - registered()) == []


def test_every_provoked_error_is_listed() -> None:
    general = {(name, errno) for name, errno in registered() if errno == Errno.NOTCAPABLE}
    assert sorted(registered() - LISTED - general) == []


@settings(max_examples=600, deadline=None)
@given(st.booleans(), calls(25))
def test_no_other_error_and_no_other_exception(strict: bool, made: list[Call]) -> None:
    k = crowded(strict)
    root = k.kernel.root
    for call in made:
        row = call[0]
        outcome = perform(k, call)
        if outcome[0] == "fails":
            listed = set(row.errors) | ({Errno.NOTCAPABLE} if strict and row.rights else set())
            assert outcome[1] in listed, f"{show(call)} fails with {outcome[1]}, which its docstring doesn't list"
        assert 0 <= root.fs.used_bytes <= root.fs.max_bytes
        assert 0 <= root.fs.used_inodes <= root.fs.max_inodes
        assert len(k.process.fds) <= k.process.fds.limit
