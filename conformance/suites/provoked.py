"""What the cases provoke, measured, and whether preview1/COVERAGE.md says just that.

    python -m conformance.suites.provoked [--write]

Every case runs on agave-wasi while each answer to a call is listened to. The document is true when

- every answer (function, errno) that some case gets has a row;
- a row that names cases is right about each of them: it gets that answer, and fails if it gets another one instead;
- a row that names none gives a reason, and no case gets that answer.

With --write, the names of cases are measured anew (at most three a row, those first for which it is the larger part of
what they hear), missing rows are added where they belong, and reasons stay. A reason never begins with a backquote, and a
row of names does.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from ctypes import c_uint32
from pathlib import Path
from typing import Any

from agave_wasi.engines.base import RESUME, HostFunction
from agave_wasi.hostcall import RETRY
from agave_wasi.preview1.errno import NAMES, NUMBERS
from agave_wasi.preview1.interface import MODULE
from conformance.case import Case
from conformance.suites.cases import cases
from conformance.suites.worlds import CaseWorld, open_world
from kernel_sim.errors import ProcessExit

COVERAGE = Path(__file__).parent / "preview1" / "COVERAGE.md"
HEADER = "| function | POSIX | errno | case, or why none |"
ENDS = "(ends)"
OTHER = "2BIG"
"""What stands in for an answer: an errno that no function has and no case accepts."""
MOST = 3
ABOUT_NUMBERS = ("errno_numbers",)
"""Cases whose disk fails in every way that has a number, also as no disk does: what they hear says nothing of a function."""
FUEL = 100_000_000
"""Instructions, so that a case that hears something else can't go on for ever."""

Answer = tuple[str, str]


class Listening(CaseWorld):
    """A world in which every answer to a function of Preview 1 is heard, and one kind of answer may be exchanged."""

    heard: Counter[Answer]
    exchanged: Answer | None

    def start(self, *args: Any, **options: Any) -> Any:
        """As `World.start`; the guest's imports are wrapped when they are resolved."""
        guest = super().start(*args, **options)
        resolve = guest._resolve

        def listening(outline: Any) -> Any:
            imports, host, missing = resolve(outline)
            if any(space == MODULE for space, _ in imports):  # the older module's answers are not what the document is about
                for (space, name), item in imports.items():
                    if isinstance(item, HostFunction) and (space == MODULE or (space, name) == RESUME):
                        imports[space, name] = self._wrap(name, item, guest)
            return imports, host, missing

        guest.fast = False  # every answer is to be heard
        guest._resolve = listening  # type: ignore[method-assign]
        return guest

    def _wrap(self, name: str, item: HostFunction, guest: Any) -> HostFunction:
        callback = item.callback

        def call(environment: int, caller: int, slots: int) -> int:
            parked = guest.process.parked  # what a resumed call is about
            trap = callback(environment, caller, slots)
            self._hear(name if parked is None or name != RESUME[1] else parked[0], trap, c_uint32.from_address(slots), guest)
            return trap

        return item.calling(call)

    def _hear(self, function: str, trap: int, result: c_uint32, guest: Any) -> None:
        if trap:
            if isinstance(guest.store.pending, ProcessExit):
                self.heard[function, ENDS] += 1
            return
        if result.value == RETRY:
            return
        answer = function, NAMES[result.value]
        self.heard[answer] += 1
        if answer == self.exchanged:
            result.value = NUMBERS[OTHER]


def hear(case: Case, exchanged: Answer | None = None) -> tuple[Counter[Answer], bool]:
    """Run a case: every answer that it got, and whether it passed. `exchanged` is given to it as another one."""
    fuel = None if "beside" in case.world else FUEL  # those that count wait on the spot: none goes on before those above it
    with tempfile.TemporaryDirectory() as folder, open_world(case, Path(folder), kind=Listening, fuel=fuel) as world:
        assert isinstance(world, Listening)
        world.heard = Counter()
        world.exchanged = exchanged
        result = world.run_case()
    stdout, stderr = (output.decode(errors="replace") for output in (result.stdout, result.stderr))
    return world.heard, result.ended_by == "exit" and not case.faults(result.exit_code, stdout, stderr)


def notices(case: Case, answer: Answer) -> bool:
    """Does a case fail when it gets another answer instead? How a program ends can't be exchanged: its exit code shows it."""
    return answer[1] == ENDS or not hear(case, answer)[1]


class Row:
    """A row of the document: a function and an errno, and the last cell. `posix` is the function's mirror, if there is one."""

    def __init__(self, function: str, posix: str, errno: str, cell: str) -> None:
        self.function = function
        self.posix = posix
        self.errno = errno
        self.cell = cell

    @property
    def answer(self) -> Answer:
        """What the row is about."""
        return self.function, self.errno

    @property
    def names(self) -> list[str]:
        """The cases that it names."""
        return re.findall(r"`(\w+)`", self.cell) if self.cell.startswith("`") else []

    def line(self, first: bool) -> str:
        """The row as text; only a function's first one has its name."""
        return f"| {f'`{self.function}`' if first else ''} | {self.posix if first else ''} | {self.errno} | {self.cell} |"


def read(text: str) -> tuple[str, list[Row], str]:
    """The document: what stands before the rows, the rows, and what stands behind them."""
    before, _, rest = text.partition(HEADER + "\n|---|---|---|---|\n")
    table, _, behind = rest.partition("\n\n")
    rows: list[Row] = []
    for line in table.splitlines():
        function, posix, errno, cell = (each.strip() for each in line.strip("|").split("|"))
        if function:
            rows.append(Row(function.strip("`"), posix, errno, cell))
        else:
            rows.append(Row(rows[-1].function, rows[-1].posix, errno, cell))
    return before, rows, behind


def written(before: str, rows: list[Row], behind: str) -> str:
    """The document from its parts."""
    lines = [row.line(at == 0 or rows[at - 1].function != row.function) for at, row in enumerate(rows)]
    return f"{before}{HEADER}\n|---|---|---|---|\n" + "\n".join(lines) + "\n\n" + behind


def measured(chosen: list[Case]) -> dict[Answer, list[Case]]:
    """Every answer that a case gets, with those cases: first those for which it is the larger part of what they hear."""
    shares: dict[Answer, list[tuple[float, str, Case]]] = {}
    for case in chosen:
        if case.name in ABOUT_NUMBERS:
            continue
        heard, passed = hear(case)
        assert passed, case.name
        for answer, count in heard.items():
            shares.setdefault(answer, []).append((-count / heard.total(), case.name, case))
    return {answer: [case for _, _, case in sorted(found, key=lambda each: each[:2])] for answer, found in shares.items()}


def complaints(
    rows: list[Row], answers: dict[Answer, list[Case]], tested: Callable[[Case, Answer], bool] = notices
) -> list[str]:
    """What isn't true in the document, a line each; `tested` says whether a case notices another answer."""
    found = []
    for row in rows:
        where = f"{row.function} {row.errno}"
        by_name = {case.name: case for case in answers.get(row.answer, ())}
        if not row.names and by_name:
            found.append(f"{where}: {', '.join(by_name)} provoke it, and the row names none")
        if not row.cell:
            found.append(f"{where}: neither a case nor a reason")
        for name in row.names:
            if name not in by_name:
                found.append(f"{where}: {name} doesn't provoke it")
            elif not tested(by_name[name], row.answer):
                found.append(f"{where}: {name} doesn't notice another answer")
    for function, errno in sorted(answers.keys() - {row.answer for row in rows}):
        found.append(f"{function} {errno}: no row, and {answers[function, errno][0]} provokes it")
    return found


def name_cases(rows: list[Row], answers: dict[Answer, list[Case]]) -> None:
    """Measure the names of cases anew, and add rows for answers that have none."""
    for function, errno in sorted(answers.keys() - {row.answer for row in rows}):
        own = [at for at, row in enumerate(rows) if row.function == function]
        at = next((at for at in own[1:] if rows[at].errno > errno), own[-1] + 1)  # by name, behind the first: success
        rows.insert(at, Row(function, rows[own[0]].posix, errno, ""))
    for row in rows:
        noticing: list[str] = []
        for case in answers.get(row.answer, ()):
            if len(noticing) < MOST and notices(case, row.answer):
                noticing.append(f"`{case.name}`")
        if noticing:
            row.cell = ", ".join(noticing)
        elif row.names:
            row.cell = ""


def main(arguments: list[str]) -> int:
    """Check the document, or write it anew; 0 when all of it is true."""
    before, rows, behind = read(COVERAGE.read_text(encoding="utf-8"))
    answers = measured(cases())
    if "--write" in arguments:
        name_cases(rows, answers)
        COVERAGE.write_text(written(before, rows, behind), encoding="utf-8")
    found = complaints(rows, answers)
    print(*found, sep="\n", end="\n" if found else "")
    named = sum(bool(row.names) for row in rows)
    print(f"{named} of {len(rows)} rows name cases, {len(rows) - named} give a reason; {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
