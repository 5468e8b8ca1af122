"""`agave-wasi coverage`: runs a program on the CPU model and tells which of its code ran."""

from __future__ import annotations

import json

from agave_wasi.cli.observing import MEASURED_OPTIONS, Measured, settings_of
from agave_wasi.cli.options import JSON, WATCHING, Option
from agave_wasi.cli.page import Heading, Rows, show
from agave_wasi.cli.run import program_of
from agave_wasi.cli.values import positive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agave_wasi.cli.options import Settings
    from agave_wasi.cli.page import Paragraph
    from agave_wasi.engines.x86.elf import Image
    from agave_wasi.profiling.coverage import Function, ModuleCoverage
    from agave_wasi.profiling.symbols import SymbolCoverage
    from agave_wasi.program import Guest
    from kernel_sim.cpu.machine import Machine

    Named = list[tuple[str, ModuleCoverage | SymbolCoverage]]

TOP = 20
OWN = ("lcov", "top", JSON.name)
COVERAGE_OPTIONS = (
    Option("lcov", "FILE.info", str,
           "Write a tracefile for lcov and genhtml: with lines of the source, where the program was built with -g, else with "
           "the offsets of instructions as lines of the module.",
           "--lcov hello.info", None, WATCHING),
    Option("top", "N", positive, f"Rows of a table on stderr; {TOP} unless it is said.", "--top 50", None, WATCHING),
    Option(JSON.name, "", None, "Print everything as JSON on stdout; what the guest writes there goes to stderr.",
           "--json", None, WATCHING),
    *MEASURED_OPTIONS,
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run a program and tell what of it ran; the exit code is that of `run`."""
    found = settings_of("coverage", arguments, COVERAGE_OPTIONS, OWN)
    if found is None:
        from agave_wasi.cli.help import command_help

        return command_help("coverage")
    settings, own, rest = found
    return Covered(settings, program_of("coverage", rest), rest[1:], own).to_its_end()


class Covered(Measured):
    """A run of which is told what ran."""

    files = ("lcov",)

    def __init__(self, settings: Settings, path: str, arguments: list[str], own: dict[str, Any]) -> None:
        super().__init__("coverage", settings, path, arguments, own)
        self.covered: Callable[[], Named] | None = None

    def begin(self, guest: Guest) -> None:
        from agave_wasi.engines.x86.store import Store
        from agave_wasi.profiling.coverage import Coverage, modules
        from agave_wasi.profiling.places import Places

        assert isinstance(guest.store, Store)
        places = Places(guest.store)
        coverage = Coverage(places)

        def covered() -> Named:
            found = zip(self.module_names(places), modules(places, coverage.counts()))
            return [(name, module) for (_, name), module in found if name]

        self.covered = covered

    def begin_program(self, machine: Machine, image: Image, data: bytes) -> None:
        from agave_wasi.profiling.coverage import Coverage
        from agave_wasi.profiling.symbols import SymbolCoverage, SymbolPlaces

        places = SymbolPlaces(machine, image)
        coverage = Coverage(places)
        self.covered = lambda: [(self.path, SymbolCoverage(places, data, coverage.counts()))]

    def tell(self) -> None:
        assert self.covered is not None
        covered = self.covered()
        if self.own.get("lcov"):
            from agave_wasi.cli.building import write_file
            from agave_wasi.profiling.lcov import tracefile

            write_file("--lcov", self.own["lcov"], tracefile(covered).encode("utf-8", "backslashreplace"))
        found = [(name, module.functions()) for name, module in covered]
        if self.own.get(JSON.name):
            told = [{"module": name, **plain(functions)} for name, functions in found]
            print(json.dumps({"program": self.arg0(), "modules": told}, indent=2))
            return
        blocks: list[Heading | Paragraph | Rows] = []
        for name, functions in found:
            blocks += page(name, functions, self.own.get("top") or TOP)
        show(blocks, error=True)


def page(name: str, functions: list[Function], top: int) -> list[Heading | Paragraph | Rows]:
    """A module's part of the table: those functions first of which most didn't run, though they did."""
    ran = [each for each in functions if each.calls]
    covered, blocks = sum(each.covered for each in ran), sum(each.blocks for each in ran)
    title = f"{name}: {len(ran)} of {len(functions)} functions ran, and {covered} of their {blocks} blocks"
    rows = sorted(ran, key=lambda each: (each.covered - each.blocks, each.index))
    cells = [
        (each.name, str(each.calls), str(each.covered), str(each.blocks), f"{100 * each.covered / max(each.blocks, 1):.0f}%")
        for each in rows[:top]
    ]
    more = f"; {top} of those that ran" if len(ran) > top else ""
    return [Heading(title + more), Rows(cells, ("function", "calls", "ran", "of blocks", ""), (1, 2, 3, 4))]


def plain(functions: list[Function]) -> dict[str, Any]:
    """The same as data."""
    return {
        "functions_run": sum(1 for each in functions if each.calls),
        "functions": [
            {"index": each.index, "name": each.name, "calls": each.calls}
            | ({"blocks": each.blocks, "blocks_run": each.covered} if each.calls else {})
            for each in functions
        ],
    }
