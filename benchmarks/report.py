"""The table: one section a group, one column a runtime, the ratio, what is wanted, and a mark."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from .results import AGAVE, KERNEL, NODE, TRACED, WASMTIME, Row
from .wanted import TRACED_AT_MOST, factor_text

SHOWN = (WASMTIME, NODE, AGAVE)
MARKS = {True: "[green]met[/]", False: "[red]not met[/]", None: ""}


def figure(value: float, unit: str) -> str:
    """Three significant digits or so, with the unit."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:,.{digits}f} {unit}"


def cell(row: Row, side: str) -> str:
    """One runtime's figure, with a star if there is something to say about it."""
    if side not in row.figures:
        return "failed" if side in row.errors else "-"
    return figure(row.figures[side], row.unit) + (" *" if side in row.errors else "")


def add_traced(table: Table, rows: Sequence[Row]) -> None:
    """The section that sets traced calls against plain ones: programs as they run, calls as the kernel answers them.

    A traced call always enters the kernel; one that the vDSO answers does not.
    """
    for row in rows:
        plain = AGAVE if row.section == "programs" else KERNEL
        if TRACED not in row.figures or plain not in row.figures:
            continue
        ratio = row.figures[TRACED] / row.figures[plain]
        mark = MARKS[ratio <= TRACED_AT_MOST]
        taken, against = figure(row.figures[TRACED], row.unit), "plain" if plain == AGAVE else "in the kernel"
        wanted = f"≤ {TRACED_AT_MOST:.0f}x"
        table.add_row(f"{row.name}, traced", "", "", taken, f"{ratio:.1f}x {against}", wanted, mark)


def make_table(rows: Sequence[Row]) -> Table:
    """Everything that was measured."""
    table = Table(title="medians of interleaved rounds; all pinned to one CPU, unless it says so below")
    table.add_column("", no_wrap=True)
    for title in (*SHOWN, "agave-wasi is", "wanted"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    section = None
    for row in rows:
        if section is not None and section != row.section:
            table.add_section()
        section = row.section
        ratio = "" if row.speed_up is None else factor_text(row.speed_up)
        if row.unit == "MiB" and row.speed_up is not None:
            ratio = f"{1 / row.speed_up:.2f} of it"
        if row.against != WASMTIME and row.against in row.figures:
            ratio += f" than {row.against}, {figure(row.figures[row.against], row.unit)}"
        wanted = "" if row.wanted is None else factor_text(row.wanted)
        table.add_row(row.name, *(cell(row, side) for side in SHOWN), ratio, wanted, MARKS[row.met])
    table.add_section()
    add_traced(table, rows)
    return table


def print_report(rows: Sequence[Row], notes: Sequence[str], console: Console) -> None:
    """The table, and below it what went wrong, each thing once."""
    console.print(make_table(rows))
    said: dict[str, list[str]] = {}
    for row in rows:
        for side, error in row.errors.items():
            said.setdefault(f"{side}: {error}", []).append(row.name)
    for text, names in said.items():
        shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        console.print(f"{text} ({shown})", markup=False, highlight=False, soft_wrap=True)
    for note in notes:
        console.print(note, markup=False, highlight=False, soft_wrap=True)
