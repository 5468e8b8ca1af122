"""Calls in step: equal ones, known divergences and how both sides go on behind them, and what isn't explained."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.components.fuzz.lockstep import FAR, MENDED, Lockstep, Outcome, known, mistakes
from conformance.components.fuzz.values import BadValue
from conformance.fuzz.steps import TOP, Step
from kernel_sim.errors import KernelError
from kernel_sim.syscalls import Syscalls
from tests.conformance.components.fuzz.programs import call, of, opening, reading, run, writing


def ids(outcome: Outcome) -> list[str]:
    assert not outcome.unknown, outcome.unknown
    return [each.id for each in outcome.known]


def test_equal_calls() -> None:
    found = run(opening(4, "a", "create"), writing(5, 4, "abc"), reading(6, 4, 9), opening(7, "b"), reading(8, 7, 1))
    assert [(each.ours, each.theirs) for each in found] == [
        ("ok", "ok"), ("ok", "ok"), ("ok", "ok"), ("no-entry", "no-entry"), ("skipped", "skipped"),
    ]  # fmt: skip
    assert not any(each.known or each.unknown or each.over for each in found)


def test_a_divergence_of_ours_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def mkdirat(self: Any, fd: int, path: bytes) -> None:
        raise KernelError("ACCES")

    monkeypatch.setattr(Syscalls, "mkdirat", mkdirat)
    found = run(call(4, "descriptor.create-directory-at", self=TOP, path="a"))[0]
    assert [(each.what, each.ours, each.theirs) for each in found.unknown] == [("errno", "access", "ok")]


def test_files_that_differ_are_found() -> None:
    with Lockstep() as both:
        assert not both.files()
        both.ours.call(opening(4, "a", "create"))
        assert [each.what for each in both.files()] == ["file a"]


def test_behind_a_stream_for_nothing() -> None:
    found = run(
        opening(4, "a", "create", flags=("write",)), call(5, "descriptor.read-via-stream", self=of(4), offset=0),
        call(6, "input-stream.blocking-read", self=of(5), len=1),
    )  # fmt: skip
    assert ids(found[1]) == ["streams-for-nothing"] and not found[1].over and found[2].ours == found[2].theirs == "skipped"


def test_behind_a_read_of_no_bytes() -> None:
    found = run(
        opening(4, "a", "create"), writing(5, 4, "abc"), call(6, "descriptor.read-via-stream", self=of(4), offset=0),
        call(7, "input-stream.blocking-read", self=of(6), len=0), call(8, "input-stream.blocking-read", self=of(6), len=1),
    )  # fmt: skip
    assert ids(found[3]) == ["read-of-no-bytes"] and found[4].ours == "skipped"


def test_what_was_read_ahead() -> None:
    found = run(
        opening(4, "a", "create"), writing(5, 4, "abc"), call(6, "descriptor.read-via-stream", self=of(4), offset=0),
        call(7, "input-stream.subscribe", self=of(6)), call(8, "pollable.block", self=of(7)), writing(9, 4, "xyz"),
        call(10, "input-stream.blocking-read", self=of(6), len=3),
    )  # fmt: skip
    assert ids(found[6]) == ["read-ahead"]


def test_what_was_not_read_ahead_is_no_excuse(monkeypatch: pytest.MonkeyPatch) -> None:
    def preadv(self: Any, fd: int, buffers: Any, offset: int) -> int:
        return 1

    with Lockstep() as both:
        for step in (opening(4, "a", "create"), writing(5, 4, "abc"),
                     call(6, "descriptor.read-via-stream", self=of(4), offset=0)):  # fmt: skip
            both.step(step)
        monkeypatch.setattr(Syscalls, "preadv", preadv)
        found = both.step(call(7, "input-stream.blocking-read", self=of(6), len=3))
    assert found.unknown and not found.known


def test_writes_are_waited_for() -> None:
    with Lockstep() as both:
        steps = [
            opening(4, "a", "create"), call(5, "descriptor.write-via-stream", self=of(4), offset=0),
            call(6, "output-stream.check-write", self=of(5)), call(7, "output-stream.write", self=of(5), contents="abc"),
        ]  # fmt: skip
        assert all(both.step(each).succeeded for each in steps)
        assert not both.files() and both.theirs.tree()["a"].size == 3


def test_a_write_that_fails_later() -> None:
    found = run(
        opening(4, "a", "create"), call(5, "descriptor.write-via-stream", self=of(4), offset=(1 << 63) - 2),
        call(6, "output-stream.check-write", self=of(5)), call(7, "output-stream.write", self=of(5), contents="abc"),
    )  # fmt: skip
    assert ids(found[3]) == ["failed-writes"] and found[3].theirs == "ok; later last-operation-failed"


def test_listings() -> None:
    listing = Step(9, "descriptor.read-directory", {"self": TOP}, walk=True)
    found = run(opening(4, "b", "create"), opening(5, "a", "create"), listing)[2]
    assert found.succeeded and found.calls == 4
    with Lockstep() as both:
        both.ours.call(opening(4, "a", "create"))
        assert [each.what for each in both.step(listing).unknown] == ["entries", "entry a"]


def test_endings() -> None:
    found = run(call(4, "poll.poll", in_=[]))[0]
    assert (found.ours, found.theirs, found.over) == ("trap", "trap", True) and not found.unknown
    found = run(call(4, "exit.exit-with-code", status_code=3))[0]
    assert (found.ours, found.theirs) == ("exit 3", "exit 3")
    permit = run(opening(4, "a", "create"), call(5, "descriptor.append-via-stream", self=of(4)),
                 call(6, "output-stream.write", self=of(5), contents="a"))[2]  # fmt: skip
    assert ids(permit) == ["permits"] and permit.over


def test_an_exception_of_ours_is_never_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    with Lockstep() as both:
        def run(text: str) -> str:
            raise ValueError("odd")

        both.ours.run = run
        found = both.step(call(4, "poll.poll", in_=[]))
    assert found.unknown[0].ours == "bug: ValueError: odd"


def test_a_wait_without_an_end_is_not_begun() -> None:
    found = run(call(4, "monotonic-clock.subscribe-duration", when=FAR), call(5, "pollable.block", self=of(4)))[1]
    assert found.over and not found.unknown and found.calls == 0


def test_what_is_no_step() -> None:
    with pytest.raises(BadValue, match=r"no function descriptor\.fly"):
        run(call(4, "descriptor.fly"))


def test_what_is_mended_is_known() -> None:
    assert MENDED.keys() <= {each.id for each in known()}


def test_mistakes_that_a_text_shows() -> None:
    def shown(path: str) -> list[str]:
        return list(mistakes(call(4, "descriptor.stat-at", self=TOP, path_flags=["symlink-follow"], path=path)))

    assert [shown(each) for each in ("a", "a/b", "", "/a", "a/../b", "a\0", "é" * 128, "a/")] == [
        [], [], ["no-entry"], ["not-permitted"], ["not-permitted"], ["invalid"], ["name-too-long"], ["not-directory"],
    ]  # fmt: skip
    two = call(4, "descriptor.symlink-at", self=TOP, old_path="a", new_path="a/b")
    assert list(mistakes(two)) == ["not-directory", "not-permitted", "loop"]


def test_a_mistake_excuses_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    def mkdirat(self: Any, fd: int, path: bytes) -> None:
        return

    monkeypatch.setattr(Syscalls, "mkdirat", mkdirat)
    found = run(call(4, "descriptor.create-directory-at", self=TOP, path="../a"))[0]
    assert [(each.ours, each.theirs) for each in found.unknown] == [("ok", "not-permitted")] and not found.known


def test_a_source_that_was_read_ahead_of_is_not_spliced() -> None:
    found = run(
        opening(4, "a", "create"), writing(5, 4, "abcdef"), call(6, "descriptor.read-via-stream", self=of(4), offset=0),
        call(7, "descriptor.append-via-stream", self=of(4)),
        call(8, "output-stream.blocking-splice", self=of(7), src=of(6), len=1), writing(9, 4, "xyz"),
        call(10, "output-stream.blocking-splice", self=of(7), src=of(6), len=1),
    )  # fmt: skip
    assert found[4].succeeded and found[6].ours == found[6].theirs == "skipped" and found[6].calls == 0


def test_a_file_that_is_too_large_to_be_read() -> None:
    with Lockstep() as both:
        both.theirs.call(opening(4, "a", "create"))
        assert both.files()
        with (both.theirs.root / "a").open("r+b") as file:
            file.truncate(1 << 40)
        assert not both.files()
