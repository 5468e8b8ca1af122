"""Waits for the host end with the run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from time import monotonic

import pytest

from agave_wasi.engines.base import Interrupted
from agave_wasi.engines.interrupt import state
from agave_wasi.host.stdio import BufferStream, HostStream
from agave_wasi.patience import PatientClock, PatientWait, left

SOON = 0.05


@pytest.fixture
def silent() -> Iterator[PatientWait]:
    """What waits for a pipe on which nothing arrives."""
    reading, writing = os.pipe()
    yield PatientWait({"pipe": HostStream(reading, False)})
    os.close(reading)
    os.close(writing)


def test_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    assert left() is None
    monkeypatch.setattr(state, "deadline", monotonic() + 1000)
    rest = left()
    assert rest is not None and 0 < rest <= 1000 * 10**9
    monkeypatch.setattr(state, "deadline", monotonic() - 1)
    with pytest.raises(Interrupted, match="timeout"):
        left()


@pytest.mark.parametrize("timeout", [None, 1000 * 10**9])
def test_a_wait_is_cut_at_the_deadline(silent: PatientWait, timeout: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "deadline", monotonic() + SOON)
    with pytest.raises(Interrupted, match="timeout"):
        silent.wait([("pipe", False)], timeout)


def test_a_shorter_wait_is_as_long_as_it_is(silent: PatientWait, monkeypatch: pytest.MonkeyPatch) -> None:
    assert silent.wait([("pipe", False)], 1) is False
    monkeypatch.setattr(state, "deadline", monotonic() + 1000)
    assert silent.wait([("pipe", False)], 1) is False
    assert PatientWait({"buffer": BufferStream()}).wait([("buffer", False)], None) is True


def test_a_sleep_is_cut_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = PatientClock()
    clock.sleep_until(clock.monotonic() + 1)
    monkeypatch.setattr(state, "deadline", monotonic() + SOON)
    clock.sleep_until(0)
    with pytest.raises(Interrupted, match="timeout"):
        clock.sleep_until(clock.monotonic() + 1000 * 10**9)
