"""What an adapter is: a runtime, found or not, that runs a case somewhere and returns what it showed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from conformance.case import Case, copy_of
from conformance.conversation import Address, converse
from conformance.features import FEATURES
from conformance.observation import Entry, Observation, files_below
from conformance.processes import Ended, Groups, how_it_broke, run_group


@dataclass(frozen=True)
class Found:
    """A runtime that is there."""

    version: str
    where: str


@dataclass(frozen=True)
class Missing:
    """One that isn't, and how to get it."""

    cure: str


class Session(ABC):
    """A runtime at work for one thread: runs cases one after the other."""

    @abstractmethod
    def run(self, case: Case, folder: Path, timeout: float) -> Observation:
        """Run a case; `folder` is an empty one, which is removed afterwards. HarnessError if the case can't be had."""

    def close(self) -> None:
        """Give back what it has."""
        return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.close()


class Runtime(ABC):
    """A runtime: `name` on the command line, `about` in words, `provides` of the features that cases may need."""

    name: str
    about: str
    provides: frozenset[str] = frozenset()

    @abstractmethod
    def find(self) -> Found | Missing:
        """Is it on this machine?"""

    @abstractmethod
    def session(self, groups: Groups) -> Session:
        """Start working; its processes are added to `groups`."""

    @property
    def lacks(self) -> list[str]:
        """What it can't do, in words."""
        return [words for feature, words in FEATURES.items() if feature not in self.provides]

    def refuses(self, case: Case) -> str:
        """Why a case can't be run here; empty if it can."""
        if "unsupported" in case.manifest:
            return str(case.manifest["unsupported"])
        lacking = case.features - self.provides
        if not lacking:
            return ""
        return "needs " + (case.manifest.get("needs") or " and ".join(FEATURES[each] for each in sorted(lacking)))


def lay_out(case: Case, folder: Path) -> list[tuple[str, Path, str]]:
    """Fresh copies of a case's folders below `folder`: (guest's name, where, mode) of each."""
    return [
        (each.guest, copy_of(each.source, folder / f"folder{number}"), each.mode) for number, each in enumerate(case.folders)
    ]


def files_afterwards(case: Case, folders: Sequence[tuple[str, Path, str]]) -> dict[str, Entry] | None:
    """What lies in the folders that a guest has had, if the case asks for it."""
    if not case.looks_at_files:
        return None
    found: dict[str, Entry] = {}
    for guest, folder, _ in folders:
        found |= files_below(folder, guest if guest.startswith("/") else f"/{guest}")
    return found


def played(
    argv: Sequence[str], case: Case, folder: Path, folders: Sequence[tuple[str, Path, str]], timeout: float, groups: Groups,
    env: Mapping[str, str] | None = None, address: Address | None = None,
) -> Observation:  # fmt: skip
    """What a command showed that runs a case, with a conversation if the case has one; OSError if it can't be started."""
    if not case.steps:
        ended = run_group(argv, folder, timeout, case.stdin.encode(), env, groups)
        return observed(ended, files_afterwards(case, folders))
    talk = converse(argv, timeout, case.steps, env, groups, address)
    files = files_afterwards(case, folders)
    if talk.otherwise:
        shown = talk.ended
        return Observation("stopped", None, shown.stdout, shown.stderr, talk.otherwise, files, seconds=shown.seconds)
    if talk.killed and talk.ended.exit_code < 0 and not talk.ended.stopped:
        return replace(observed(replace(talk.ended, exit_code=0), files), exit_code=talk.ended.exit_code)
    return observed(talk.ended, files)


def observed(ended: Ended, files: dict[str, Entry] | None = None) -> Observation:
    """What a command showed that only has its exit code to tell how it ended."""
    ended_by, message, exit_code = "exit", "", ended.exit_code
    if ended.stopped:
        ended_by = "timeout" if ended.stopped == "timeout" else "crash"
        message = "stopped after its time was up" if ended.stopped == "timeout" else ended.stopped
    elif ended.exit_code < 0:
        ended_by, message = "crash", how_it_broke(ended.exit_code)
    return Observation(
        ended_by, exit_code if ended_by == "exit" else None, ended.stdout, ended.stderr, message, files, seconds=ended.seconds
    )
