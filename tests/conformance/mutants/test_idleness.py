"""Who waits is idle; who computes, or waits for a processor, isn't, and neither is who waits for what it has started."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.mutants import idleness
from conformance.mutants.idleness import Idleness
from tests.waiting import until


class Told:
    """A system that tells of threads what it is told, and a clock that stands still unless it is moved."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.now = 100.0
        monkeypatch.setattr(idleness, "PROCESSES", folder)
        monkeypatch.setattr(idleness, "monotonic", lambda: self.now)

    def thread(self, process: int, thread: int, computed: float, queued: float = 0.0, children: str = "") -> None:
        """What a thread has done so far, in seconds, and the processes that it has started."""
        place = self.folder / str(process) / "task" / str(thread)
        place.mkdir(parents=True, exist_ok=True)
        (place / "schedstat").write_text(f"{int(computed * 1e9)} {int(queued * 1e9)} 7\n")
        (place / "children").write_text(children)


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    return Told(tmp_path, monkeypatch)


def test_computing_and_queueing_are_no_idleness(told: Told) -> None:
    told.thread(7, 7, computed=5, queued=50)
    idle = Idleness(7)
    told.now += 10
    told.thread(7, 7, computed=8, queued=54)
    idle.look()
    assert idle.seconds == pytest.approx(3)
    told.now += 10
    idle.look()
    assert idle.seconds == pytest.approx(13)


def test_all_threads_and_what_was_started_count(told: Told) -> None:
    told.thread(7, 7, computed=0, children="9 ")
    told.thread(7, 8, computed=0)
    told.thread(9, 9, computed=0)
    idle = Idleness(7)
    told.now += 10
    told.thread(7, 8, computed=1)
    told.thread(9, 9, computed=2, queued=3)
    idle.look()
    assert idle.seconds == pytest.approx(4)


def test_more_than_one_processor_saves_nothing_up(told: Told) -> None:
    for thread in (7, 8, 9):
        told.thread(7, thread, computed=0)
    idle = Idleness(7)
    told.now += 10
    for thread in (7, 8, 9):
        told.thread(7, thread, computed=10)
    idle.look()
    told.now += 10
    idle.look()
    assert idle.seconds == pytest.approx(10)


@pytest.mark.parametrize("text", [None, "", "x y z", "1 2"])
def test_a_system_that_does_not_tell(told: Told, text: str | None) -> None:
    told.thread(7, 7, computed=0)
    if text is None:
        (told.folder / "7" / "task" / "7" / "schedstat").unlink()
    else:
        (told.folder / "7" / "task" / "7" / "schedstat").write_text(text)
    idle = Idleness(7)
    told.now += 10
    idle.look()
    assert idle.seconds == pytest.approx(10)


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="this system tells nothing of threads")
def test_here_a_loop_is_seen() -> None:
    before = dict(idleness._threads(os.getpid()))

    def seen() -> bool:
        sum(range(3_000_000))  # the system needn't count each moment
        after = dict(idleness._threads(os.getpid()))
        return sum(after.values()) > sum(before.get(thread, 0.0) for thread in after) > 0

    until(seen)
