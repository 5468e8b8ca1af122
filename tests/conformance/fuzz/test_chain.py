"""A chain is drawn the same from the same seed, replay shows the same, and bugs put in on purpose are found and made small."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from conformance.calls.known import FOLDER, read
from conformance.calls.rules import Difference
from conformance.fuzz.campaign import chain, smaller
from conformance.fuzz.chain import Finding, draw, replay
from conformance.fuzz.lockstep import Lockstep
from conformance.fuzz.steps import load, save
from kernel_sim.errors import KernelError
from kernel_sim.fs.memfs import MemFile
from kernel_sim.syscalls import Syscalls
from tests.conformance.fuzz.sides import on, opening, writing

MOST_CALLS = 6000


@pytest.fixture
def sides(tmp_path: Path) -> Any:
    yield partial(Lockstep, str(tmp_path))
    assert not list(tmp_path.glob("agave-wasi-fuzz-*"))


def found(seed: int, sides: Any) -> Finding:
    """The first finding of a seed, within a bounded number of calls."""
    calls = 0
    for number in range(100):
        done = chain(seed, number, sides)
        calls += done.calls
        if done.finding is not None:
            return done.finding
        assert calls < MOST_CALLS, "it isn't found"
    raise AssertionError("it isn't found")


def test_the_same_seed_gives_the_same_chain(sides: Any) -> None:
    one, other = (draw(Random(5), sides, 300) for _ in range(2))
    assert one.steps == other.steps and one.coverage == other.coverage
    assert draw(Random(6), sides, 300).steps != one.steps


def test_a_chain_can_be_long_and_mostly_succeeds(sides: Any) -> None:
    longest = max((chain(2, number, sides) for number in range(6)), key=lambda done: done.calls)
    assert longest.calls > 2000 and longest.finding is None
    answers = sum(count for (_, answer), count in longest.coverage.items() if answer == "SUCCESS")
    assert answers > 0.4 * longest.calls


def test_replay_goes_through_the_same_answers(sides: Any) -> None:
    drawn = chain(3, 0, sides)
    again = replay(drawn.steps, sides)
    assert (again.calls, again.coverage, again.known) == (drawn.calls, drawn.coverage, drawn.known)


def wrong_errno(monkeypatch: pytest.MonkeyPatch) -> None:
    rmdirat = Syscalls.rmdirat

    def spoiled(self: Any, fd: int, path: bytes) -> None:
        try:
            rmdirat(self, fd, path)
        except KernelError as error:
            raise KernelError("EXIST" if error.errno == "NOTEMPTY" else error.errno) from None

    monkeypatch.setattr(Syscalls, "rmdirat", spoiled)


def off_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    seek = Syscalls.seek

    def spoiled(self: Any, fd: int, offset: int, whence: str) -> int:
        return seek(self, fd, offset - (whence == "end" and offset < 0), whence)

    monkeypatch.setattr(Syscalls, "seek", spoiled)


def lost_append(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoiled(self: Any, buffers: Any) -> int:
        return self.write_at(0, buffers)  # type: ignore[no-any-return]

    monkeypatch.setattr(MemFile, "append", spoiled)


@pytest.mark.parametrize("bug, most_steps", [(wrong_errno, 4), (off_by_one, 4), (lost_append, 5)])
def test_a_bug_is_found_made_small_and_replayed(
    bug: Any, most_steps: int, sides: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        bug(patch)
        small = smaller(found(1, sides), sides)
        assert len(small.steps) <= most_steps
        save(tmp_path / "p.json", small.steps, {})
        again = replay(load(tmp_path / "p.json"), sides).finding
        assert again is not None and again.signature == small.signature
    assert replay(small.steps, sides).finding is None


def test_a_difference_in_files_alone_is_found(sides: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    symlinkat = Syscalls.symlinkat
    monkeypatch.setattr(Syscalls, "symlinkat", lambda self, target, fd, path: symlinkat(self, target + b"x", fd, path))
    monkeypatch.setattr(Syscalls, "readlinkat", lambda self, fd, path: b"")
    steps = [opening(4, "f"), writing(5, 4, [3]), on(6, "path_symlink", 3, old_path="to", new_path="l")]
    finding = replay(steps, sides).finding
    assert finding is not None and finding.files and finding.signature == ("the files", "file l")
    assert [each.name for each in smaller(finding, sides).steps] == ["path_symlink"]


def test_what_is_like_another_finding() -> None:
    differences, others = ([Difference("errno", "SUCCESS", theirs)] for theirs in ("BADF", "IO"))
    one = Finding([opening(4, "f")], differences)
    assert one.like(Finding([opening(4, "a"), opening(5, "g")], differences))
    assert not one.like(Finding([opening(4, "f")], others))
    assert not one.like(Finding([opening(4, "f")], differences, files=True))


FOLDER_OF_PROGRAMS = Path(draw.__code__.co_filename).parent / "found"
FOUND = sorted(FOLDER_OF_PROGRAMS.glob("*.json"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_found_is_known_or_mended(path: Path, sides: Any) -> None:
    name = json.loads(path.read_text(encoding="utf-8"))["divergence"]
    run = replay(load(path), sides)
    assert run.finding is None and set(run.known) == ({name} if name else set())


def test_every_divergence_that_was_found_has_its_program() -> None:
    there = {each.id for each in read(FOLDER / "wasmtime-preview1-fuzzed.toml")}
    assert there - {path.stem for path in FOUND} == {"clock-due-meanwhile"}, "that one depends on the host's speed"
