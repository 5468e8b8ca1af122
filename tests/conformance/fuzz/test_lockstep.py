"""A call on both sides: what is the same, what may differ, what is known, and what is told as new."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.fuzz.layout import MEMORY
from conformance.fuzz.lockstep import Lockstep
from conformance.fuzz.steps import NEVER_OPEN, Step
from kernel_sim.errors import KernelError
from kernel_sim.syscalls import Syscalls
from tests.conformance.fuzz.sides import DIRECTORY, on, opening, reading, run, seeking, writing


def test_everyday_calls_are_the_same() -> None:
    outcomes = run(
        opening(4, "f"), writing(5, 4, [100]), seeking(6, 4, -10, 1), reading(7, 4, [50]), on(8, "fd_filestat_get", 4),
        on(9, "path_create_directory", 3, path="d"), opening(10, "d", DIRECTORY, rights=0), opening(11, "g", fd={"of": 10}),
        on(12, "fd_fdstat_get", 11), on(13, "fd_close", 4), Step(14, "args_get"), Step(15, "environ_get"),
        Step(16, "random_get", {"buf": 70}), Step(17, "clock_time_get", {"id": 1, "precision": 0}), on(18, "fd_prestat_get", 3),
    )  # fmt: skip
    assert all(each.succeeded and not each.unknown and not each.known for each in outcomes)


def test_descriptors_correspond_where_their_numbers_differ() -> None:
    outcomes = run(
        opening(4, "a"), opening(5, "b"), on(6, "fd_close", 4), on(7, "fd_close", 5), opening(8, "c"), opening(9, "d"),
        writing(10, 8, [5]), on(11, "fd_tell", 8), on(12, "fd_renumber", 9, to={"of": 8}), on(13, "fd_tell", 8),
        on(14, "fd_tell", 9),
    )  # fmt: skip
    assert [each.answers()[0] for each in outcomes] == ["SUCCESS"] * 10 + ["BADF"]
    assert not any(each.unknown for each in outcomes)


def test_a_descriptor_that_was_never_opened_is_never_open() -> None:
    outcomes = run(on(4, "fd_tell", 99), Step(5, "fd_tell", {"fd": NEVER_OPEN}))
    assert [each.answers() for each in outcomes] == [("BADF", "BADF")] * 2


def test_a_known_divergence_is_named_and_the_sides_go_on() -> None:
    clock, tell = run(Step(4, "clock_time_get", {"id": 2, "precision": 0}), Step(5, "sched_yield"))
    assert [each.id for each in clock.known] == ["cpu-clocks"] and not clock.unknown and not clock.over
    assert tell.succeeded


def test_a_read_of_several_buffers_is_known_and_the_offsets_are_brought_together() -> None:
    outcomes = run(opening(4, "f"), writing(5, 4, [100]), seeking(6, 4, 0), reading(7, 4, [10, 10]), on(8, "fd_tell", 4))
    assert [each.id for each in outcomes[3].known] == ["first-buffer-only"] and not outcomes[3].over
    assert outcomes[4].succeeded and not outcomes[4].unknown


def test_a_write_of_several_buffers_is_known_and_mended() -> None:
    outcome = run(opening(4, "f"), writing(5, 4, [10, 10]))[-1]
    assert [each.id for each in outcome.known] == ["first-buffer-only"] and not outcome.over and not outcome.unknown


def test_traps_on_both_sides_are_the_same_and_behind_an_effect_the_end() -> None:
    clock = Step(4, "clock_time_get", {"id": 0, "precision": 0}, {2: 3})
    seek = Step(6, "fd_seek", {"fd": {"of": 5}, "offset": 0, "whence": 0}, {3: 3})
    harmless, _, effect = run(clock, opening(5, "f"), seek)
    assert harmless.answers()[0].startswith("trap") and not harmless.unknown and not harmless.over
    assert not effect.unknown and effect.over


def test_a_poll_with_descriptors_in_memory_compares_the_rest_of_it() -> None:
    poll = [{"fd": {"of": 9}, "for": "read", "user": 3}, {"clock": 1, "timeout": 0, "flags": 0, "user": 4}]
    outcomes = run(
        opening(4, "a"), opening(5, "b"), on(6, "fd_close", 4), on(7, "fd_close", 5), opening(9, "c"), writing(10, 9, [1]),
        seeking(11, 9, 0), Step(12, "poll_oneoff", {"poll": poll}),
    )  # fmt: skip
    assert outcomes[-1].answers() == ("SUCCESS", "SUCCESS") and not outcomes[-1].unknown


def spoil(monkeypatch: pytest.MonkeyPatch, name: str, spoiled: Any) -> None:
    original = getattr(Syscalls, name)
    monkeypatch.setattr(Syscalls, name, lambda self, *values: spoiled(original, self, *values))


def test_another_errno_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(original: Any, self: Any, *values: Any) -> Any:
        raise KernelError("ACCES")

    spoil(monkeypatch, "mkdirat", refuse)
    outcome = run(on(4, "path_create_directory", 3, path="d"))[0]
    assert [(each.what, each.ours, each.theirs) for each in outcome.unknown] == [("errno", "ACCES", "SUCCESS")]


def test_another_result_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(monkeypatch, "tell", lambda original, self, fd: original(self, fd) + 1)
    assert [each.what for each in run(opening(4, "f"), on(5, "fd_tell", 4))[1].unknown] == ["result"]


@pytest.mark.parametrize("side", ["ours", "theirs"])
@pytest.mark.parametrize("at", [0, 77, 0x8001, MEMORY - 1])
def test_a_byte_anywhere_in_memory_is_new_at_that_very_call(monkeypatch: pytest.MonkeyPatch, side: str, at: int) -> None:
    with Lockstep() as both:
        scribbling = getattr(both, side)
        original = scribbling.call

        def call(name: str, slots: Any) -> Any:
            answer = original(name, slots)
            scribbling.memory[at] ^= 1
            return answer

        steps = (Step(5, "sched_yield"), Step(6, "clock_time_get", {"id": 0, "precision": 0}), on(7, "fd_tell", 99))
        assert not both.step(Step(4, "sched_yield")).unknown
        monkeypatch.setattr(scribbling, "call", call)
        for step in steps:
            assert [each.what for each in both.step(step).unknown] == [f"memory from {at:#x} on"]
        monkeypatch.undo()
        assert not both.step(Step(8, "sched_yield")).unknown


def test_an_exception_of_ours_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(original: Any, self: Any, *values: Any) -> Any:
        raise ZeroDivisionError("oh")

    spoil(monkeypatch, "fsync", fail)
    outcome = run(opening(4, "f"), on(5, "fd_sync", 4))[-1]
    (found,) = outcome.unknown
    assert (found.what, found.ours, found.theirs) == ("ending", "bug: ZeroDivisionError: oh", "SUCCESS")


def test_files_are_compared() -> None:
    with Lockstep() as both:
        both.step(opening(4, "f"))
        assert not both.files()
        (both.theirs.root / "f").write_bytes(b"x")
        (found,) = both.files()
        assert found.what == "file f" and "0 bytes" in str(found.ours) and "1 bytes" in str(found.theirs)
