"""After each test of the engines nothing is left of a watch."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from agave_wasi.engines import interrupt
from agave_wasi.engines.interrupt import state


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Handlers and marks are as before, whatever happened."""
    handler = signal.getsignal(signal.SIGINT)
    yield
    assert signal.getsignal(signal.SIGINT) is handler
    assert (state.exposed, state.deadline, state.store) == (True, None, None)
    assert interrupt._watches == []
    assert interrupt._watcher().running == []
    assert interrupt._watcher().deadlines == {}
