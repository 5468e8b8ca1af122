"""poll_oneoff: one kernel call for all subscriptions, and events for those that are true."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.preview1.poll import Poll
from kernel_sim.errors import WouldBlock
from kernel_sim.syscalls.polling import Ready, Subscription
from tests.kernel_sim.scripts import world


class Request:
    """As much of a PollBuffer as the function uses."""

    def __init__(self, *subscriptions: Subscription) -> None:
        self.subscriptions = subscriptions
        self.stored: list[Ready] = []

    def store(self, ready: list[Ready]) -> int:
        self.stored = ready
        return len(ready)


def test_what_is_ready_is_stored_and_counted() -> None:
    k = world(stdin=[b"in"])
    request: Any = Request(Subscription(0, False), Subscription(1, True), Subscription(None, False, "monotonic", 10**9))
    assert Poll(k.sys).poll_oneoff(request) == 2
    assert [each.index for each in request.stored] == [0, 1]


def test_nothing_is_stored_before_something_is_ready() -> None:
    k = world(stdin=[None])
    request: Any = Request(Subscription(0, False), Subscription(None, False, "monotonic", 10**9))
    with pytest.raises(WouldBlock) as waits:
        Poll(k.sys).poll_oneoff(request)
    assert request.stored == []
    assert waits.value.wait.readable == (0,) and waits.value.wait.deadline is not None
