"""What a run showed: exit codes, endings, a short text."""

from __future__ import annotations

from agave_wasi import Result, World
from tests.agave_wasi.guests import prints, wat


def test_results() -> None:
    result = World().run(prints("out", 3))
    assert (result.exit_code, result.ok, result.ended_by, result.message) == (3, False, "exit", "")
    assert repr(result) == "<Result exit code 3, stdout b'out', stderr b''>"
    long = World().run(prints("x" * 100))
    assert "... (100 bytes)" in repr(long) and len(repr(long)) < 150
    trap = World().run(wat('(module (func $f unreachable) (func (export "_start") (call $f)))'))
    assert repr(trap) == "<Result trap: unreachable, stdout b'', stderr b''>"
    assert [frame.name for frame in trap.frames] == ["f", None] or len(trap.frames) == 2
    assert Result(0).ok and not Result(0, "limit", "x").ok
