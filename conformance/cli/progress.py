"""Progress on a terminal: how many of how many, what is unexpected so far, and the case that has ended last."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from agave_wasi.terminal import one_line
from conformance.outcome import Outcome


class Shown:
    """The bar; told of each outcome, by whichever thread has it."""

    def __init__(self, total: int) -> None:
        self.bar = Progress(
            SpinnerColumn(),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[unexpected]}", style="red", markup=False),
            TextColumn("{task.description}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.bar.add_task("", total=total, unexpected="")
        self.unexpected = 0

    def __enter__(self) -> Callable[[Outcome], None]:
        self.bar.__enter__()
        return self.tell

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.bar.__exit__(kind, error, where)

    def tell(self, outcome: Outcome) -> None:
        """One more."""
        self.unexpected += outcome.unexpected
        words = f"{self.unexpected} unexpected" if self.unexpected else ""
        self.bar.update(self.task, advance=1, description=one_line(outcome.case.full_name), unexpected=words)
