"""What a run showed: exit code, output, trace, files, and what ended it."""

from __future__ import annotations

from agave_wasi.engines.base import GuestTrap, Interrupted, UserStop
from kernel_sim.errors import Deadlock, LimitReached

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from agave_wasi.engines.base import Frame
    from agave_wasi.snapshots.snapshot import Snapshot
    from kernel_sim.trace import Event

EXIT_TRAP = 134
EXIT_TIMEOUT = 124
EXIT_OURS = 125
EXIT_INTERRUPTED = 130
"""Exit codes beside the guest's own: a trap, a timeout, an error of ours (a limit, a deadlock, a bad file), and Ctrl-C."""

ENDINGS = (GuestTrap, Interrupted, LimitReached, Deadlock, UserStop)
"""The exceptions that end a guest and are results of a run; any other comes out of it."""


class Result:
    """The result of `World.run`.

    `exit_code` is the guest's own, or 134, 124 or 125; `ended_by` says which, "exit" for the guest's own; `message` tells
    more, with the `frames` of a trap, or the `report` of a fault of machine code: lines about where it happened. `stdout` and
    `stderr` are bytes; `files` maps paths to contents as they were after the run. `instructions` is how many were executed
    where that was counted. A run that was stopped at a point (`agave_wasi.snapshots`) is ended by "snapshot", and its
    `snapshot` goes on from there.
    """

    __slots__ = (
        "exit_code", "ended_by", "message", "frames", "stdout", "stderr", "trace", "files", "values", "fuel", "report",
        "instructions", "snapshot",
    )  # fmt: skip

    def __init__(self, exit_code: int, ended_by: str = "exit", message: str = "", frames: list[Frame] | None = None) -> None:
        self.exit_code = exit_code
        self.ended_by = ended_by
        self.message = message
        self.frames: list[Frame] = frames or []
        self.stdout = b""
        self.stderr = b""
        self.trace: list[Event] = []
        self.files: Mapping[str, bytes] = {}
        self.values: tuple[Any, ...] = ()
        self.fuel: int | None = None
        self.instructions: int | None = None
        self.report: list[str] = []
        self.snapshot: Snapshot | None = None

    @property
    def ok(self) -> bool:
        """Did the guest end by itself, with exit code 0?"""
        return self.ended_by == "exit" and self.exit_code == 0

    def __repr__(self) -> str:
        how = f"exit code {self.exit_code}" if self.ended_by == "exit" else f"{self.ended_by}: {self.message}"
        return f"<Result {how}, stdout {_shown(self.stdout)}, stderr {_shown(self.stderr)}>"


def _shown(data: bytes) -> str:
    return repr(data) if len(data) <= 60 else f"{data[:57]!r}... ({len(data)} bytes)"


def ending(error: BaseException) -> Result:
    """The result that one of ENDINGS stands for."""
    if isinstance(error, GuestTrap):
        return Result(EXIT_TRAP, "trap", error.message, error.frames)
    if isinstance(error, Interrupted):
        return Result(EXIT_TIMEOUT, error.reason, f"stopped by the {error.reason}")
    if isinstance(error, UserStop):
        return Result(EXIT_INTERRUPTED, "interrupt", "interrupted by Ctrl-C")
    if isinstance(error, LimitReached):
        return Result(EXIT_OURS, "limit", str(error))
    return Result(EXIT_OURS, "deadlock", str(error))
