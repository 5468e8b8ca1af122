"""Running cases on runtimes: each alone in a fresh folder, in any order, on as many threads as is said.

Threads only wait: guests run in processes, in worker processes where the runtime is agave-wasi itself. So a guest that is
stuck can always be stopped, and one that breaks its runtime breaks nothing else.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue

from conformance.adapters.base import Runtime, Session
from conformance.case import Case
from conformance.expectations import Expectations
from conformance.folders import fresh_folder
from conformance.observation import Observation
from conformance.outcome import Outcome, skipped, weighed
from conformance.processes import Groups

PATIENCE = 0.1
"""Seconds between moments in which Ctrl-C is heard."""
DEFAULT_TIMEOUT = 30.0


@dataclass(frozen=True)
class Options:
    """How cases are run: threads, seconds for each, how often each, and the seed of another order than theirs."""

    jobs: int = 1
    timeout: float = DEFAULT_TIMEOUT
    repeat: int = 1
    shuffle: int | None = None
    lenient: bool = False
    expectations: Expectations = field(default_factory=Expectations)
    reference: str = ""


Task = tuple[int, Case, Runtime]


def run_cases(
    cases: Sequence[Case],
    runtimes: Sequence[Runtime],
    options: Options,
    tell: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Run every case on every runtime; outcomes come in the order of cases, whichever ends first. `tell` hears of each at once.

    HarnessError if a case's files can't be had; KeyboardInterrupt leaves nothing running.
    """
    tasks: list[Task] = []
    for case in cases:
        for runtime in runtimes:
            tasks.append((len(tasks), case, runtime))
    if options.shuffle is not None:
        random.Random(options.shuffle).shuffle(tasks)
    return _Run(tasks, options, tell).outcomes()


class _Run:
    """The tasks that are left, and the outcomes so far."""

    def __init__(self, tasks: list[Task], options: Options, tell: Callable[[Outcome], None]) -> None:
        self.options = options
        self.tell = tell
        self.found: dict[int, Outcome] = {}
        self.groups = Groups()
        self.lock = threading.Lock()
        self.failed: list[BaseException] = []
        self.stop = threading.Event()
        self.ended = threading.Semaphore(0)
        self.tasks: SimpleQueue[Task] = SimpleQueue()
        for task in tasks:
            self.tasks.put(task)
        self.count = len(tasks)

    def outcomes(self) -> list[Outcome]:
        threads = [threading.Thread(target=self._work) for _ in range(max(1, min(self.options.jobs, self.count)))]
        for thread in threads:
            thread.start()
        try:
            for _ in threads:
                while not self.ended.acquire(timeout=PATIENCE):  # not join: a thread whose join is interrupted counts as ended
                    pass
        finally:
            self.stop.set()
            if any(thread.is_alive() for thread in threads):
                self.groups.end_all()
            for thread in threads:
                thread.join()
        if self.failed:
            raise self.failed[0]
        return [self.found[number] for number in sorted(self.found)]

    def _work(self) -> None:
        """One thread: works, and says when it has ended."""
        try:
            self._take_tasks()
        finally:
            self.ended.release()

    def _take_tasks(self) -> None:
        """Take tasks until there are none."""
        sessions: dict[str, Session] = {}
        with ExitStack() as stack:
            while not self.stop.is_set():
                try:
                    number, case, runtime = self.tasks.get_nowait()
                except Empty:
                    return
                try:
                    if runtime.name not in sessions:
                        sessions[runtime.name] = stack.enter_context(runtime.session(self.groups))
                    outcome = outcome_of(case, runtime, sessions[runtime.name], self.options)
                    if self.stop.is_set():
                        return
                    with self.lock:
                        self.found[number] = outcome
                        self.tell(outcome)
                except BaseException as error:
                    self.failed.append(error)
                    self.stop.set()
                    return


def outcome_of(case: Case, runtime: Runtime, session: Session, options: Options) -> Outcome:
    """What comes of one case on one runtime."""
    reference = runtime.name == options.reference
    expected = options.expectations.of(case.suite, case.name, runtime.name)
    if expected is not None and expected.skips:
        return skipped(case, runtime.name, expected.told, expected, reference)
    refused = runtime.refuses(case)
    if refused:
        return skipped(case, runtime.name, refused, expected, reference)
    seen = [observe(case, session, options.timeout) for _ in range(max(1, options.repeat))]
    return weighed(case, runtime.name, seen, expected, options.lenient, reference)


def observe(case: Case, session: Session, timeout: float) -> Observation:
    """Run a case once in a folder that is new, and gone afterwards, links in it and all; messages don't name it."""
    with fresh_folder() as folder:
        seen = session.run(case, folder, timeout)
    return replace(seen, message=seen.message.replace(str(folder), "(the case's folder)"))
