"""What a run showed: exit codes, endings, a short text."""

from __future__ import annotations

import pytest

from agave_wasi import Result, World
from agave_wasi.engines.base import Frame, GuestTrap, Interrupted
from agave_wasi.result import ENDINGS, ending
from kernel_sim.errors import Deadlock, LimitReached
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


@pytest.mark.parametrize(
    ("error", "code", "ended_by", "message"),
    [
        (GuestTrap("unreachable", [Frame(1, 2, 3, "f")]), 134, "trap", "unreachable"),
        (Interrupted("timeout"), 124, "timeout", "stopped by the timeout"),
        (LimitReached("fuel", 5), 125, "limit", "the fuel limit of 5 was reached"),
        (Deadlock("nobody can run"), 125, "deadlock", "nobody can run"),
    ],
)
def test_what_ends_a_guest_is_a_result(error: BaseException, code: int, ended_by: str, message: str) -> None:
    assert isinstance(error, ENDINGS)
    result = ending(error)
    assert (result.exit_code, result.ended_by, result.message, result.ok) == (code, ended_by, message, False)
    assert [frame.name for frame in result.frames] == (["f"] if ended_by == "trap" else [])


def test_other_exceptions_are_no_results() -> None:
    assert not isinstance(KeyboardInterrupt(), ENDINGS) and not isinstance(ValueError(), ENDINGS)


def test_long_output_is_cut_in_the_text_only() -> None:
    result = Result(0)
    result.stdout, result.stderr = b"x" * 60, b"y" * 61
    shown = repr(result)
    assert repr(b"x" * 60) in shown and f"{b'y' * 57!r}... (61 bytes)" in shown
    assert len(result.stderr) == 61
