"""The worker: takes cases from its stdin, runs each in a world of its own, and answers with what it showed.

It counts its own open descriptors before and after each case: one that is left open was the case's.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

from agave_wasi import BadProgram, LinkError, Result
from conformance.case import Case
from conformance.errors import HarnessError
from conformance.observation import Entry, Observation, files_below
from conformance.processes import MOST_OUTPUT
from conformance.suites.worlds import CaseWorld, open_world
from conformance.trees import tree_entries
from kernel_sim.fs.memfs import MemDirectory

OPEN = next((path for path in ("/proc/self/fd", "/dev/fd") if os.path.isdir(path)), "")
OWN_ENDINGS = ("exit", "trap", "timeout")


def observe(case: Case, folder: Path, timeout: float, mode: str = "memory", engine: str = "wasmtime") -> Observation:
    """Run a case in a world of its own; HarnessError if its files can't be had. `mode` as of `open_world`, `engine` of `World`.

    What the first case leaves open may be the library's own, opened once for all worlds, as code that all guests share is. So a
    case under suspicion runs once more, and what that leaves open again is a leak.
    """
    before = descriptors()
    start = time.monotonic()
    seen = guarded(case, folder / "first", timeout, mode, engine)
    seconds = time.monotonic() - start
    leaked: list[str] = []
    if news(before):
        before = descriptors()
        guarded(case, folder / "again", timeout, mode, engine)
        leaked = news(before)
    return Observation(leaked=tuple(leaked), seconds=seconds, **seen)


def guarded(case: Case, folder: Path, timeout: float, mode: str, engine: str) -> dict[str, Any]:
    """What a run showed, whatever happened in it."""
    folder.mkdir()
    try:
        return run(case, folder, timeout, mode, engine)
    except (BadProgram, LinkError) as error:
        return {"ended_by": "refused", "exit_code": None, "message": str(error)}
    except HarnessError:
        raise
    except Exception as error:  # a bug of ours: the case has found it
        return {"ended_by": "crash", "exit_code": None, "message": f"{type(error).__name__}: {error}"}


def news(before: dict[int, str]) -> list[str]:
    """What is open now and wasn't before; what only waits for the collector isn't counted."""
    if descriptors().keys() - before.keys():
        gc.collect()
    after = descriptors()
    return [after[fd] for fd in sorted(after.keys() - before.keys())]


def run(case: Case, folder: Path, timeout: float, mode: str, engine: str) -> dict[str, Any]:
    """What a run showed, as parts of an observation."""
    with open_world(case, folder, mode, timeout=timeout, max_output=MOST_OUTPUT, engine=engine) as world:
        result: Result = world.run_case()
        files = files_of(world, folder) if case.looks_at_files else None
    return {
        "ended_by": result.ended_by if result.ended_by in OWN_ENDINGS else "stopped",
        "exit_code": result.exit_code if result.ended_by not in ("trap", "timeout") else None,
        "stdout": result.stdout,
        "stderr": result.stderr,
        "message": result.message,
        "files": files,
    }


def files_of(world: CaseWorld, folder: Path) -> dict[str, Entry]:
    """What lies in the folders that the guest has had; where `/` is a folder of the host's, in that alone."""
    found: dict[str, Entry] = {}
    for guest, top in world.preopens:
        if isinstance(top, MemDirectory):
            name = guest.decode()
            found |= tree_entries(top, name if name.startswith("/") else f"/{name}")
        elif guest == b"/":
            found |= files_below(folder / "root")
    return found


def descriptors() -> dict[int, str]:
    """The open descriptors of this process, with what they refer to."""
    found = {}
    for name in os.listdir(OPEN) if OPEN else ():
        try:
            found[int(name)] = os.readlink(f"{OPEN}/{name}")
        except OSError:  # the one that was listed with, or no link here: not on this system
            continue
    return found


def serve(given: BinaryIO, answers: BinaryIO, engine: str) -> None:
    """Answer every case, run on this engine, until there are no more."""
    while True:
        try:
            case, folder, timeout = pickle.load(given)  # from the process that has started us
        except EOFError:
            return
        answer: Observation | HarnessError
        try:
            answer = observe(case, folder, timeout, engine=engine)
        except HarnessError as error:
            answer = error
        pickle.dump(answer, answers)
        answers.flush()


def main() -> None:
    """Serve on stdin and stdout, on the engine that the first argument names; whatever else is printed goes to stderr."""
    with os.fdopen(os.dup(0), "rb") as given, os.fdopen(os.dup(1), "wb") as answers:
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)
        serve(given, answers, sys.argv[1])


if __name__ == "__main__":
    main()
    sys.exit(0)
