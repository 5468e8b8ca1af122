"""A job on a worker of the cluster: done by a process of its own, so that nothing a guest does can hurt the worker.

The process reads its job from stdin, which then stays open: where that ends, be it because the worker has died or because
nobody wants the result any longer, the process ends itself and all that it has started.
"""

from __future__ import annotations

import pickle
import subprocess
import tempfile
from collections.abc import Callable
from typing import Any

from agave_wasi import __version__
from conformance.errors import HarnessError
from conformance.processes import how_it_broke, python_command

LOOK = 0.5
"""Seconds between looks at whether the result is still wanted."""


class Lost(Exception):
    """The process that did a job has ended without a word; another one may do better."""


def job(function: Callable[..., Any], *args: Any) -> bytes:
    """A job: to call a function that can be imported."""
    return pickle.dumps((function, args))


def work(version: str, given: bytes) -> Any:
    """Do a job that a version of agave-wasi wants done; HarnessError as the job raised it, Lost."""
    if version != __version__:
        raise HarnessError(f"a worker has agave-wasi {__version__}, and this is {version}: install the same on both")
    with tempfile.TemporaryFile() as answers:
        child = subprocess.Popen(
            python_command("conformance.fleet.child"), stdin=subprocess.PIPE, stdout=answers, start_new_session=True
        )
        assert child.stdin is not None
        try:
            child.stdin.write(given)
            child.stdin.flush()
            code = _wait(child)
        except BrokenPipeError:  # it has ended already
            code = child.wait()
        finally:
            try:
                child.stdin.close()  # which ends the child, if it is still there
            except BrokenPipeError:
                pass
            child.wait()
        answers.seek(0)
        try:
            good, found = pickle.load(answers)
        except (EOFError, pickle.UnpicklingError):
            raise Lost(how_it_broke(code) if code < 0 else f"the process ended with {code}, and no word") from None
    if not good:
        raise found
    return found


def _wait(child: subprocess.Popen[bytes]) -> int:
    """The exit code; a child whose result nobody wants any longer is left alone with the end of its stdin."""
    while True:
        try:
            return child.wait(LOOK)
        except subprocess.TimeoutExpired:
            if not wanted():
                return 0


def wanted() -> bool:
    """Does anybody still want the result of the task that this is?"""
    from distributed import get_worker

    try:
        worker = get_worker()
    except ValueError:  # not on a worker
        return True
    task = worker.state.tasks.get(worker.get_current_task())
    return task is not None and task.state == "executing"
