"""Campaigns: what they count, what they find, and how small it gets."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from agave_wasi.preview2.filesystem import Descriptor, hashed
from agave_wasi.preview2.streams import OutputStream
from conformance.components.fuzz.campaign import draw, replay, run
from conformance.components.fuzz.lockstep import Lockstep
from conformance.components.fuzz.text import replayed, shown, text
from kernel_sim.errors import KernelError
from kernel_sim.syscalls import Syscalls
from tests.conformance.components.fuzz.programs import call, of, opening, reading, writing


def test_a_clean_campaign() -> None:
    done = run(3, 1500)
    assert not done.found and done.calls >= 1500 and sum(done.coverage.values()) == done.calls
    assert "of WASI 0.2" in text(done, [], False)[0] and "not explained: 0" in text(done, [], False)[-1]


def test_a_finding_is_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    def mkdirat(self: Any, fd: int, path: bytes) -> None:
        raise KernelError("ACCES")

    monkeypatch.setattr(Syscalls, "mkdirat", mkdirat)
    done = run(1, 300, tries=60)
    signature = "descriptor.create-directory-at", "errno", "access", "ok"
    found = next(each for each in done.found if each.first.signature == signature)
    assert len(found.small.steps) == 1
    told = text(done, [f"{number}.json" for number, _ in enumerate(done.found)], False)
    assert any("descriptor.create-directory-at(self=/, path=" in each for each in told)
    assert any("agave-wasi fuzz replay 0.json" in each for each in told)


def swapped_times(self: Descriptor, data_access_timestamp: Any, data_modification_timestamp: Any) -> None:
    self.kernel.futimens(self.fd, *self._times(data_modification_timestamp, data_access_timestamp))


def numbers_for_zeroes(self: OutputStream, len: int) -> None:
    self._use_permit(len)
    self._take(b"0" * len)


def identity(self: Descriptor, other: Descriptor) -> bool:
    return self is other


def links_followed(self: Descriptor, path_flags: Any, path: str) -> Any:
    return hashed(self.kernel.fstatat(self._base(), path.encode(), True))


@pytest.mark.parametrize(("kind", "name", "defect", "seen"), [
    (Descriptor, "set_times", swapped_times, "descriptor.stat"),
    (OutputStream, "write_zeroes", numbers_for_zeroes, ""),
    (Descriptor, "is_same_object", identity, "descriptor.is-same-object"),
    (Descriptor, "metadata_hash_at", links_followed, "descriptor.metadata-hash-at"),
])  # fmt: skip
def test_defects_are_found(kind: type, name: str, defect: Any, seen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind, name, defect)
    chains = (draw(Random(f"defects {number}"), Lockstep, 600) for number in range(30))
    found = next(each.finding for each in chains if each.finding is not None)
    assert seen in found.signature[0]


def test_files_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [opening(4, "a", "create"), writing(5, 4, "abc"), reading(6, 4, 3)]
    assert replay(steps, Lockstep).finding is None
    monkeypatch.setattr(Lockstep, "files", lambda self: [1])
    found = replay(steps, Lockstep)
    assert found.finding is not None and found.finding.files and found.calls == 3


def test_how_steps_are_shown() -> None:
    how = "path-flags={}, path='a', open-flags=create, flags=read|write"
    assert shown(opening(4, "a", "create")) == f"4: descriptor.open-at(self=/, {how})"
    assert shown(call(5, "poll.poll", in_=[of(4), of(6)])) == "5: poll.poll(in=[handle of 4, handle of 6])"
    moment = {"timestamp": {"seconds": 1, "nanoseconds": 2}}
    assert shown(call(5, "descriptor.set-times", self=of(4), data_access_timestamp=moment)).endswith(
        "data-access-timestamp=timestamp seconds 1, nanoseconds 2)"
    )
    assert replayed(replay([opening(4, "a", "create")], Lockstep), False) == ["1 call: the same"]
