"""Running a command in a process group of its own, which is gone afterwards whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_OUTPUT = 64 << 20
"""Bytes; a command that writes more is stopped."""
LOOK = 0.25
"""Seconds between looks at how much has been written."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: `exit_code` is negative where a signal ended it; `stopped` says why we did, if we did."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    stopped: str = ""
    seconds: float = 0.0


class Groups:
    """The process groups that are alive, so that all can be ended at once."""

    def __init__(self) -> None:
        self._alive: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._closed = False

    def add(self, process: subprocess.Popen[bytes]) -> None:
        """Look after a process that leads a group."""
        with self._lock:
            self._alive[process.pid] = process
            closed = self._closed
        if closed:
            end_group(process)

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """End its whole group, and forget it."""
        end_group(process)
        with self._lock:
            self._alive.pop(process.pid, None)

    def end_all(self) -> None:
        """End every group, and whatever is added later."""
        with self._lock:
            self._closed = True
            alive = list(self._alive.values())
        for process in alive:
            end_group(process)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End everybody in the group that a process leads, and wait for the process itself."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # nobody is left; macOS says it the second way
        pass
    process.wait()


def run_group(
    argv: Sequence[str],
    folder: Path,
    timeout: float,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    groups: Groups | None = None,
) -> Ended:
    """Run a command to its end, with files in `folder` for its streams; OSError if it can't be started."""
    streams = [folder / name for name in ("stdin", "stdout", "stderr")]
    streams[0].write_bytes(stdin)
    start = time.monotonic()
    with streams[0].open("rb") as given, streams[1].open("wb") as out, streams[2].open("wb") as err:
        process = subprocess.Popen(argv, stdin=given, stdout=out, stderr=err, env=env, start_new_session=True)
    mine = groups or Groups()
    mine.add(process)
    try:
        stopped = _wait(process, start + timeout, streams[1:])
    finally:
        mine.end(process)
    seconds = time.monotonic() - start
    outputs = [read_start(path) for path in streams[1:]]
    return Ended(process.returncode, outputs[0], outputs[1], stopped, seconds)


def _wait(process: subprocess.Popen[bytes], deadline: float, outputs: Sequence[Path]) -> str:
    """Wait for the end; why it must be stopped, if it must."""
    while True:
        left = deadline - time.monotonic()
        try:
            process.wait(max(0.0, min(LOOK, left)))
            return ""
        except subprocess.TimeoutExpired:
            if left <= 0:
                return "timeout"
            if sum(path.stat().st_size for path in outputs) > MOST_OUTPUT:
                return f"wrote more than {MOST_OUTPUT >> 20} MiB"


def read_start(path: Path) -> bytes:
    """What a stream's file holds, as far as anybody wants to read it."""
    with path.open("rb") as file:
        return file.read(MOST_OUTPUT)


def python_command(module: str) -> list[str]:
    """The command that runs one of our modules in a Python of its own, whatever lies in the current folder.

    The module is the one beside this one, which comes behind the standard library and before whatever else is installed.
    """
    home = str(Path(__file__).resolve().parents[1])
    program = f"""
import runpy, sys
sys.path.insert(next((at for at, path in enumerate(sys.path) if path.endswith("-packages")), len(sys.path)), {home!r})
runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""
    return [sys.executable, "-P", "-c", program]


def how_it_broke(exit_code: int) -> str:
    """The words for a process that a signal has ended."""
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:
        name = f"signal {-exit_code}"
    return f"the runtime was ended by {name}"
