"""The worker: what it makes of a run, and of descriptors that are left open."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters import worker
from conformance.suites.cases import cases
from tests.conformance.made import one


def test_a_descriptor_that_is_left_open_each_time_is_a_leak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []
    plain = worker.run

    def leaky(*args: Any) -> dict[str, Any]:
        left.append(os.open(os.devnull, os.O_RDONLY))
        return plain(*args)

    case = one(tmp_path / "s")
    (tmp_path / "a").mkdir()
    monkeypatch.setattr(worker, "run", leaky)
    seen = worker.observe(case, tmp_path / "a", 30)
    for fd in left:
        os.close(fd)
    assert seen.leaked == (os.devnull,)
    assert case.differences(seen)[-1] == f"left open: {os.devnull}"


def test_one_that_is_opened_once_for_all_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []
    plain = worker.run

    def once(*args: Any) -> dict[str, Any]:
        if not left:
            left.append(os.open(os.devnull, os.O_RDONLY))
        return plain(*args)

    (tmp_path / "a").mkdir()
    monkeypatch.setattr(worker, "run", once)
    seen = worker.observe(one(tmp_path / "s", stdout="hello\n"), tmp_path / "a", 30)
    os.close(left[0])
    assert seen.leaked == () and seen.stdout == b"hello\n"


def test_our_own_bugs_are_crashes_that_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise KeyError("oops")

    (tmp_path / "a").mkdir()
    monkeypatch.setattr(worker, "open_world", broken)
    seen = worker.observe(one(tmp_path / "s"), tmp_path / "a", 30)
    assert (seen.ended_by, seen.exit_code, seen.message) == ("crash", None, "KeyError: 'oops'")


def test_a_guest_that_waits_for_nothing_is_stopped(tmp_path: Path) -> None:
    (found,) = cases("sock_recv")
    waits = type(found)(found.path, {**found.manifest, "world": {"peers": []}})
    seen = worker.observe(waits, tmp_path, 30)
    assert (seen.ended_by, seen.exit_code) == ("stopped", 125) and seen.message
    assert waits.differences(seen)[:2] == [f"stopped: {seen.message}", "exit_code 125, expected 0"]
