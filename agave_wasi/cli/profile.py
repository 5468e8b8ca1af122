"""`agave-wasi profile`: runs a program on the CPU model and tells where its instructions went."""

from __future__ import annotations

import json

from agave_wasi.cli.observing import MEASURED_OPTIONS, Measured, settings_of
from agave_wasi.cli.options import JSON, WATCHING, Option
from agave_wasi.cli.page import Heading, Paragraph, Rows, show
from agave_wasi.cli.run import program_of
from agave_wasi.cli.values import positive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agave_wasi.cli.options import Settings
    from agave_wasi.engines.x86.elf import Image
    from agave_wasi.profiling.places import Place
    from agave_wasi.profiling.profiler import Profiler, Row
    from agave_wasi.program import Guest
    from kernel_sim.cpu.machine import Machine

TOP = 20
"""Rows of the table, unless it is said."""
OWN = ("output", "html", "top", JSON.name)
PROFILE_OPTIONS = (
    Option("output", "FILE.speedscope.json", str, "Write the tree of calls for https://www.speedscope.app.",
           "-o fib.speedscope.json", None, WATCHING, "o"),
    Option("html", "FILE.html", str, "Write a page with a flame graph, which needs no network.",
           "--html fib.html", None, WATCHING),
    Option("top", "N", positive, f"Rows of the table on stderr; {TOP} unless it is said.", "--top 50", None, WATCHING),
    Option(JSON.name, "", None, "Print the profile as JSON on stdout; what the guest writes there goes to stderr.",
           "--json", None, WATCHING),
    *MEASURED_OPTIONS,
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run a program and tell where its instructions went; the exit code is that of `run`."""
    found = settings_of("profile", arguments, PROFILE_OPTIONS, OWN)
    if found is None:
        from agave_wasi.cli.help import command_help

        return command_help("profile")
    settings, own, rest = found
    return Profiled(settings, program_of("profile", rest), rest[1:], own).to_its_end()


class Profiled(Measured):
    """A run that is profiled."""

    files = ("output", "html")

    def __init__(self, settings: Settings, path: str, arguments: list[str], own: dict[str, Any]) -> None:
        super().__init__("profile", settings, path, arguments, own)
        self.profiler: Profiler | None = None
        self.modules: list[tuple[str, str]] = []

    def begin(self, guest: Guest) -> None:
        from agave_wasi.engines.x86.store import Store
        from agave_wasi.profiling.places import Places
        from agave_wasi.profiling.profiler import Profiler

        assert isinstance(guest.store, Store)
        self.profiler = Profiler(Places(guest.store))

    def begin_program(self, machine: Machine, image: Image, data: bytes) -> None:
        from agave_wasi.profiling.profiler import Profiler
        from agave_wasi.profiling.symbols import SymbolPlaces, watch_kernel

        self.profiler = Profiler(SymbolPlaces(machine, image))
        self.profiler.tree.begin(image.entry)
        watch_kernel(machine, self.profiler)

    def tell(self) -> None:
        from agave_wasi.cli.building import write_file

        profiler = self.profiler
        assert profiler is not None
        profiler.finish()
        name = self.arg0()
        self.modules = self.module_names(profiler.places)
        if self.own.get("output"):
            from agave_wasi.profiling.speedscope import document

            text = json.dumps(document(profiler, name, [long or short for short, long in self.modules]), ensure_ascii=False)
            write_file("--output", self.own["output"], text.encode("utf-8", "backslashreplace"))
        if self.own.get("html"):
            from agave_wasi.profiling.flame import page

            write_file("--html", self.own["html"], page(profiler, name, self.title).encode("utf-8", "backslashreplace"))
        if self.own.get(JSON.name):
            print(json.dumps(plain(profiler, name, self.modules), indent=2))
        else:
            rows = profiler.rows()
            top = self.own.get("top") or TOP
            more = f"; the first {top} of {len(rows)}" if len(rows) > top else ""
            heads = ("function", "own", "", "with callees", "", "calls")
            table = Rows([_cells(self.title(row.place), row, profiler.total) for row in rows[:top]], heads, (1, 2, 3, 4, 5))
            show([Heading(f"{profiler.total} instructions{more}"), table, *_host_note(rows)], error=True)

    def title(self, place: Place) -> str:
        """What a place is called: as in backtraces with its module, where there are several."""
        if place.kind == "function" and len(self.modules) > 1:
            return f"{self.modules[place.module][0]}!{place.name}"
        return place.name


def _cells(title: str, row: Row, total: int) -> tuple[str, ...]:
    name = title if row.place.kind == "function" else f"{title} [{row.place.kind}]"
    return name, str(row.own), _part(row.own, total), str(row.total), _part(row.total, total), str(row.calls)


def _part(number: int, total: int) -> str:
    return f"{100 * number / total:.1f}%" if total else ""


def _host_note(rows: list[Row]) -> list[Heading | Paragraph | Rows]:
    if all(row.place.kind == "function" for row in rows):
        return []
    return [
        Heading(""),
        Paragraph("[host] and [engine] functions run outside the machine; their instructions are those that enter the kernel."),
    ]


def plain(profiler: Profiler, name: str, modules: list[tuple[str, str]]) -> dict[str, Any]:
    """The table as data; `module` of a function is its place among `modules`."""
    return {
        "program": name,
        "modules": [long or short for short, long in modules],
        "instructions": profiler.total,
        "functions": [
            {
                "name": row.place.name,
                "kind": row.place.kind,
                **({"module": row.place.module, "index": row.place.index} if row.place.kind == "function" else {}),
                "own": row.own,
                "total": row.total,
                "calls": row.calls,
            }
            for row in profiler.rows()
        ],
    }
