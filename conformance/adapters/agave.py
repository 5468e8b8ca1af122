"""agave-wasi itself: in process, where a worker serves one case after the other, and as a command."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from conformance.adapters.base import Found, Missing, Runtime, Session, lay_out, played
from conformance.case import Case
from conformance.conversation import free_address
from conformance.errors import HarnessError
from conformance.features import ALL
from conformance.observation import Observation
from conformance.processes import Groups, how_it_broke, python_command

OF_THE_HOST = {"conversation", "listening socket"}
"""Features that a world in memory has no use for."""
GRACE = 10.0
"""Seconds that a worker has beyond a case's own before it is taken for stuck."""


def version() -> str:
    """agave-wasi's version, with its engine's."""
    from agave_wasi import __version__

    return f"{__version__} (wasmtime {engine_version()})"


def engine_version() -> str:
    """The installed wasmtime's version."""
    from importlib.metadata import version as installed

    return installed("wasmtime")


def model_version() -> str | None:
    """The installed Unicorn's version; None where there is none."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("unicorn")
    except PackageNotFoundError:
        return None


class InProcess(Runtime):
    """Every case in a world of its own, many of them in one worker process, which is watched from outside.

    One that is talked with is given to the command: it needs streams and sockets of the host.
    """

    name = "agave-wasi"
    about = "agave-wasi, in process: a world in memory for each case"
    provides = ALL

    def find(self) -> Found | Missing:
        return Found(version(), str(Path(sys.executable)))

    def session(self, groups: Groups) -> Session:
        return WorkerSession(groups)


class OnModel(InProcess):
    """The same on the CPU model: compiled code is executed by a simulated x86-64 CPU."""

    name = "agave-wasi-x86"
    about = "agave-wasi with --engine x86, in process: the guest's machine code on a model of a CPU"

    def find(self) -> Found | Missing:
        unicorn = model_version()
        if unicorn is None:
            return Missing("the CPU model isn't installed: pip install 'agave-wasi[metal]'")
        return Found(f"{version()[:-1]}, unicorn {unicorn})", str(Path(sys.executable)))

    def session(self, groups: Groups) -> Session:
        return WorkerSession(groups, "x86")


class WorkerSession(Session):
    """The worker for one thread, on one engine; a new one is started when the last one is gone."""

    def __init__(self, groups: Groups, engine: str = "wasmtime") -> None:
        self.groups = groups
        self.engine = engine
        self.worker: subprocess.Popen[bytes] | None = None

    def run(self, case: Case, folder: Path, timeout: float) -> Observation:
        if case.features & OF_THE_HOST:
            return CommandSession(self.groups, ("--engine", self.engine)).run(case, folder, timeout)
        worker = self.worker = self.worker or self._start()
        assert worker.stdin is not None and worker.stdout is not None
        overdue: list[bool] = []

        def stop() -> None:
            overdue.append(True)  # first: the worker's end is seen in the other thread at once
            self.groups.end(worker)

        stuck = threading.Timer(timeout + GRACE, stop)
        start = time.monotonic()
        stuck.start()
        try:
            pickle.dump((case, folder, timeout), worker.stdin)
            worker.stdin.flush()
            answer = pickle.load(worker.stdout)  # what our own child has written
        except (EOFError, OSError, pickle.UnpicklingError):
            return self._broken(worker, time.monotonic() - start, bool(overdue))
        finally:
            stuck.cancel()
        if isinstance(answer, HarnessError):
            raise answer
        assert isinstance(answer, Observation)
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        command = [*python_command("conformance.adapters.worker"), self.engine]
        worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        self.groups.add(worker)
        return worker

    def _broken(self, worker: subprocess.Popen[bytes], seconds: float, overdue: bool) -> Observation:
        """What is seen where the worker ends in the middle of a case: it was stuck and stopped, or it broke."""
        self.close()
        code = worker.returncode
        if overdue:
            return Observation("timeout", None, message="the runtime was stuck, and was stopped", seconds=seconds)
        message = how_it_broke(code) if code < 0 else f"the worker ended with {code}"
        return Observation("crash", None, message=message, seconds=seconds)

    def close(self) -> None:
        """End the worker."""
        worker, self.worker = self.worker, None
        if worker is None:
            return
        for stream in (worker.stdin, worker.stdout):
            assert stream is not None
            try:
                stream.close()
            except OSError:  # it is gone, and nothing is lost
                pass
        try:
            worker.wait(1)  # it ends when there is nothing more to read
        except subprocess.TimeoutExpired:
            pass
        self.groups.end(worker)


class Command(Runtime):
    """`agave-wasi run`, a process for each case, with folders of the host."""

    name = "agave-wasi-command"
    about = "agave-wasi, the command: a process for each case, on folders of the host"
    provides = frozenset(
        {"exit code", "unstable", "relative folders", "stdin", "read-only folder", "memory folder", "max_fds", "rights"}
        | {"signals", "component"} | OF_THE_HOST
    )

    def find(self) -> Found | Missing:
        return Found(version(), str(Path(sys.executable)))

    def session(self, groups: Groups) -> Session:
        return CommandSession(groups)


class CommandSession(Session):
    """One command after the other; `more` are further options of each."""

    def __init__(self, groups: Groups, more: Sequence[str] = ()) -> None:
        self.groups = groups
        self.more = more

    def run(self, case: Case, folder: Path, timeout: float) -> Observation:
        folders = lay_out(case, folder)
        address = free_address() if "listening socket" in case.features else None
        listening = ["--listen", f"{address[0]}:{address[1]}"] if address else []
        program = [*options(case, folders), *self.more, *listening, str(case.program.resolve()), *case.args]
        environment = {**os.environ, "NO_COLOR": "1"}
        argv = [*python_command("agave_wasi"), "run", *program]
        return played(argv, case, folder, folders, timeout, self.groups, environment, address)


def options(case: Case, folders: list[tuple[str, Path, str]]) -> list[str]:
    """The command's options for a case: the host's clock, for its files have the host's time stamps."""
    found = ["--realtime"]
    for guest, host, mode in folders:
        found += ["--mem", guest] if mode == "memory" else ["--dir", f"{host}::{guest}:{mode}"]
    for name, value in case.env.items():
        found += ["--env", f"{name}={value}"]
    if "max_fds" in case.world:
        found += ["--max-fds", str(case.world["max_fds"])]
    if case.world.get("rights") == "strict":
        found += ["--rights", "strict"]
    return found
