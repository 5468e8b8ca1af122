"""Cases on a cluster: each shard has a few of them with all of their files, and brings back their outcomes.

An outcome is made where the case ran, by the same code as here; only the case in it is put back to the one that was asked
for. Runtimes must be there on the workers too, in the same version, or the report would speak of one that didn't run.
"""

from __future__ import annotations

import io
import os
import random
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.adapters.base import Found, Runtime, Session
from conformance.case import Case
from conformance.errors import HarnessError
from conformance.fleet.cluster import connected
from conformance.fleet.work import job
from conformance.folders import fresh_folder
from conformance.manifest import Manifest
from conformance.outcome import Outcome
from conformance.processes import Groups
from conformance.runner import Options, outcome_of

MOST = 32
"""Cases of a shard: what is lost with a worker."""
ROUNDS = 3
"""A thread of the cluster gets about so many shards, so that all end at about the same time."""

Chosen = Sequence[tuple[Runtime, Found]]
Task = tuple[int, Case, Runtime]


@dataclass(frozen=True)
class Packed:
    """A case for another machine; `place` is where its folder is laid out below one that is made for it."""

    path: Path
    place: str
    manifest: Manifest
    suite: str


@dataclass(frozen=True)
class Shard:
    """Some cases on some runtimes: (number, which case, which runtime) each; `files` is a tar archive of all places."""

    tasks: tuple[tuple[int, int, str], ...]
    cases: tuple[Packed, ...]
    files: bytes
    runtimes: tuple[tuple[Runtime, Found], ...]
    options: Options


def run_cases(
    scheduler: str, cases: Sequence[Case], chosen: Chosen, options: Options, tell: Callable[[Outcome], None]
) -> list[Outcome]:
    """As `conformance.runner.run_cases`, on a cluster; HarnessError if it can't be had, or not to the end."""
    tasks: list[Task] = []
    for case in cases:
        for runtime, _ in chosen:
            tasks.append((len(tasks), case, runtime))
    order = list(tasks)
    if options.shuffle is not None:
        random.Random(options.shuffle).shuffle(order)
    found: dict[int, Outcome] = {}
    with connected(scheduler) as cluster:
        size = max(1, min(MOST, -(-len(tasks) // (ROUNDS * max(1, cluster.threads)))))
        shards = (order[at : at + size] for at in range(0, len(order), size))
        for _, outcomes in cluster.results(job(run_shard, pack(each, chosen, options)) for each in shards):
            for number, outcome in outcomes:
                found[number] = replace(outcome, case=tasks[number][1])
                tell(found[number])
    missing = [case.full_name for number, case, _ in tasks if number not in found]
    if missing:
        raise HarnessError(f"the cluster has brought back nothing of {len(missing)} cases, {missing[0]} among them")
    return [found[number] for number, _, _ in tasks]


def pack(tasks: Sequence[Task], chosen: Chosen, options: Options) -> Shard:
    """The shard of some tasks; HarnessError if a case's files can't be had."""
    folders = {folder: f"{number}/{folder.resolve().name}" for number, folder in enumerate(_folders(tasks))}
    cases: dict[Path, tuple[int, Packed]] = {}
    added: set[str] = set()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for _, case, _ in tasks:
            if case.path in cases:
                continue
            home = case.path.parent
            cases[case.path] = len(cases), Packed(case.path, folders[home], case.manifest, case.suite)
            for path in (case.program, *(each.source for each in case.folders if each.source is not None)):
                name = os.path.normpath(os.path.join(folders[home], os.path.relpath(path, home)))
                if name not in added and path.exists():  # one that isn't there is for whoever needs it to complain of
                    added.add(name)
                    _add(tar, path, name)
    used = {runtime.name for _, _, runtime in tasks}
    rows = tuple((number, cases[case.path][0], runtime.name) for number, case, runtime in tasks)
    return Shard(
        rows, tuple(each for _, each in cases.values()), buffer.getvalue(),
        tuple((runtime, there) for runtime, there in chosen if runtime.name in used), replace(options, jobs=1, shuffle=None),
    )  # fmt: skip


def _folders(tasks: Sequence[Task]) -> dict[Path, None]:
    return dict.fromkeys(case.path.parent for _, case, _ in tasks)


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    try:
        tar.add(os.path.realpath(path), name)
    except (OSError, RecursionError) as error:
        raise HarnessError(f"{path} can't be read: {error}") from None


def run_shard(shard: Shard) -> list[tuple[int, Outcome]]:
    """The outcomes of a shard by number: run on a worker, in files of its own that are gone afterwards. HarnessError."""
    runtimes = dict(_found(shard))
    groups = Groups()
    with fresh_folder() as folder, ExitStack() as stack:
        stack.callback(groups.end_all)
        with tarfile.open(fileobj=io.BytesIO(shard.files)) as tar:
            tar.extraction_filter = lambda member, path: member  # our own files, links to anywhere and all
            tar.extractall(folder)
        cases = [Case(folder / each.place / each.path.name, each.manifest, each.suite) for each in shard.cases]
        names = {str(folder / each.place): str(each.path.parent) for each in shard.cases}
        sessions: dict[str, Session] = {}
        found = []
        try:
            for number, case, name in shard.tasks:
                if name not in sessions:
                    sessions[name] = stack.enter_context(runtimes[name].session(groups))
                outcome = outcome_of(cases[case], runtimes[name], sessions[name], shard.options)
                found.append((number, _named(outcome, names)))
        except HarnessError as error:
            raise HarnessError(_text(str(error), names)) from None
    return found


def _found(shard: Shard) -> Iterator[tuple[str, Runtime]]:
    """The shard's runtimes, in the version in which they are wanted."""
    for runtime, wanted in shard.runtimes:
        there = runtime.find()
        if not isinstance(there, Found):
            raise HarnessError(f"{runtime.name} is not found on a worker of the cluster: {there.cure}")
        if there.version != wanted.version:
            raise HarnessError(
                f"{runtime.name} is {there.version} on a worker of the cluster, and {wanted.version} here: install the same"
            )
        yield runtime.name, runtime


def _named(outcome: Outcome, names: dict[str, str]) -> Outcome:
    """An outcome that names folders as they are called where it was asked for: programs are named by runtimes, too."""
    seen = [
        replace(
            each,
            message=_text(each.message, names),
            stdout=os.fsencode(_text(os.fsdecode(each.stdout), names)),
            stderr=os.fsencode(_text(os.fsdecode(each.stderr), names)),
        )
        for each in outcome.seen
    ]
    return replace(outcome, reasons=tuple(_text(each, names) for each in outcome.reasons), seen=tuple(seen))


def _text(text: str, names: dict[str, str]) -> str:
    for here, there in names.items():
        text = text.replace(here, there)
    return text
