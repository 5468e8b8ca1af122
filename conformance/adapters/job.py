"""Runtimes that are libraries: a child process of ours loads one, does a job that a file describes, and reports how it ended.

The job is JSON: program, argv, env, folders [{guest, host, mode}], report. The report, written to that file, is JSON too:
ended_by, exit_code, message. So a guest that exits with 134 can be told from one that trapped.
"""

from __future__ import annotations

import json
import os
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conformance.adapters.base import Runtime, Session, lay_out, played
from conformance.case import Case
from conformance.observation import ENDINGS, Observation
from conformance.processes import Groups


class ChildRuntime(Runtime):
    """A runtime in a child process of ours."""

    @abstractmethod
    def command(self) -> list[str]:
        """The child's command line; the job's file comes behind it."""

    def environment(self) -> dict[str, str]:
        """The child's own environment, which no guest sees."""
        return dict(os.environ)

    def session(self, groups: Groups) -> Session:
        return ChildSession(self.command(), self.environment(), groups)


class ChildSession(Session):
    """A new child process for each case."""

    def __init__(self, command: list[str], environment: dict[str, str], groups: Groups) -> None:
        self.command = command
        self.environment = environment
        self.groups = groups

    def run(self, case: Case, folder: Path, timeout: float) -> Observation:
        folders = lay_out(case, folder)
        job, report = folder / "job.json", folder / "report.json"
        job.write_text(
            json.dumps(
                {
                    "program": str(case.program.resolve()),
                    "argv": [case.program.name, *case.args],
                    "env": case.env,
                    "folders": [{"guest": guest, "host": str(host), "mode": mode} for guest, host, mode in folders],
                    "report": str(report),
                }
            ),
            encoding="utf-8",
        )
        seen = played([*self.command, str(job)], case, folder, folders, timeout, self.groups, self.environment)
        killed = seen.exit_code is not None and seen.exit_code < 0  # by the case itself, before there was a report
        return reported(seen, report) if seen.ended_by == "exit" and not killed else seen


def reported(seen: Observation, report: Path) -> Observation:
    """An observation with what the child says of the end; a child that says nothing has ended without its guest."""
    try:
        told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return replace(seen, ended_by="crash", exit_code=None, message=f"the runtime ended with {seen.exit_code}, and no word")
    ended_by = told["ended_by"] if told.get("ended_by") in ENDINGS else "crash"
    exit_code = told.get("exit_code") if ended_by == "exit" else None
    return replace(seen, ended_by=ended_by, exit_code=exit_code, message=str(told.get("message", "")))


# The child's side, for runtimes that are Python packages


@dataclass(frozen=True)
class Job:
    """What a child is to do."""

    program: str
    argv: list[str]
    env: dict[str, str]
    folders: list[dict[str, str]]
    report: str


class GuestTrapped(Exception):
    """The guest trapped; the text says how."""


class GuestRefused(Exception):
    """The runtime doesn't want to run the guest; the text says why."""


class GuestLedOut(BaseException):
    """The runtime was about to let the guest out of its folders; it must not take this for an error of its own."""


def serve(arguments: list[str], run: Callable[[Job], int]) -> int:
    """Do the job that a file describes: `run` returns the guest's exit code, or raises one of the above."""
    job = Job(**json.loads(Path(arguments[0]).read_text(encoding="utf-8")))
    told: dict[str, Any]
    try:
        told = {"ended_by": "exit", "exit_code": run(job)}
    except GuestTrapped as error:
        told = {"ended_by": "trap", "message": str(error)}
    except GuestRefused as error:
        told = {"ended_by": "refused", "message": str(error)}
    except GuestLedOut as error:
        told = {"ended_by": "crash", "message": str(error)}
    except Exception as error:  # the runtime's own: whatever it is, it is what the run has shown
        told = {"ended_by": "crash", "message": f"{type(error).__name__}: {error}"}
    Path(job.report).write_text(json.dumps(told), encoding="utf-8")
    return 0
