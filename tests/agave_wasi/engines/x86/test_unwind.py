"""Frames, and where exceptions land: on a stack made by hand."""

from __future__ import annotations

import pytest

from agave_wasi.engines.base import EngineError
from agave_wasi.engines.x86.exceptions import ANY, ExceptionTable
from agave_wasi.engines.x86.unwind import frames, landing
from tests.agave_wasi.engines.x86.test_exceptions import section

EXIT, INNER, MIDDLE, OUTER, ENTRY = 0x1000, 0x1100, 0x1200, 0x1300, 0x1400
"""rbp of the stub, of three functions and of the trampoline."""
STACK = {
    EXIT: INNER, EXIT + 8: 0xBAD,
    INNER: MIDDLE, INNER + 8: 20,
    MIDDLE: OUTER, MIDDLE + 8: 30,
    OUTER: ENTRY, OUTER + 8: 40,
    MIDDLE - 0x40 + 8: 0xA0, OUTER - 0x60 + 16: 0xB0,
}  # fmt: skip
"""The frames, and VMContexts in two of them."""
TABLE = ExceptionTable(section(((20, 0x40, ((3, 8, 21),)), (30, 0x60, ((3, 16, 31), (7, 16, 32), (ANY, ANY, 33))))), 0, 100)


def trace() -> list[tuple[int, int]]:
    return list(frames(STACK.__getitem__, 10, EXIT, ENTRY))


def test_frames_go_from_the_stub_to_the_trampoline() -> None:
    assert trace() == [(10, INNER), (20, MIDDLE), (30, OUTER)]


def test_there_may_be_no_frame_between_them() -> None:
    assert list(frames({EXIT: ENTRY}.__getitem__, 10, EXIT, ENTRY)) == []


@pytest.mark.parametrize("wrong", [MIDDLE, INNER, 0, ENTRY + 16])
def test_a_stack_that_leads_elsewhere_is_damaged(wrong: int) -> None:
    stack = STACK | {MIDDLE: wrong}
    with pytest.raises(EngineError, match="stack is damaged: behind the frame at 0x1200"):
        list(frames(stack.__getitem__, 10, EXIT, ENTRY))


@pytest.mark.parametrize(
    "identity, expected",
    [
        ((0xA0, 3), (21, MIDDLE - 0x40, MIDDLE)),  # the innermost frame that catches it
        ((0xB0, 3), (31, OUTER - 0x60, OUTER)),  # the same number is another tag in another instance
        ((0xB0, 7), (32, OUTER - 0x60, OUTER)),
        ((0xA0, 7), (33, OUTER - 0x60, OUTER)),  # by what catches all
    ],
)
def test_an_exception_lands_where_its_tag_is_caught(identity: tuple[int, int], expected: tuple[int, int, int]) -> None:
    found = landing(trace(), TABLE.find, STACK.__getitem__, lambda context, tag: (context, tag) == identity)
    assert found is not None
    assert (found.rip, found.rsp, found.rbp) == expected


def test_an_exception_that_nobody_catches_lands_nowhere() -> None:
    assert landing(trace()[:2], TABLE.find, STACK.__getitem__, lambda context, tag: False) is None
    assert landing([], TABLE.find, STACK.__getitem__, lambda context, tag: True) is None
