"""What a process waits for, as plain data."""

from __future__ import annotations

import pytest

from kernel_sim.wait import Wait


def test_without_a_deadline_a_wait_is_for_ever() -> None:
    wait = Wait((1, 2), (3,))
    assert (wait.readable, wait.writable, wait.deadline, wait.least) == ((1, 2), (3,), None, 0)
    assert (Wait().readable, Wait().writable, Wait(deadline=0, least=9).deadline) == ((), (), 0)


def test_nothing_else_can_be_waited_for() -> None:
    with pytest.raises(AttributeError):
        Wait().condition = None  # type: ignore[attr-defined]
