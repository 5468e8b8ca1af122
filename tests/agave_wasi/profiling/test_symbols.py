"""Programs of machine code: places by symbols, system calls among them, and which functions ran."""

from __future__ import annotations

from pathlib import Path

from agave_wasi import World, metal
from agave_wasi.engines.x86.elf import Image, Segment
from agave_wasi.profiling.coverage import Coverage
from agave_wasi.profiling.profiler import Profiler
from agave_wasi.profiling.symbols import SymbolCoverage, SymbolPlaces, symbols_of, watch_kernel
from agave_wasi.result import Result
from agave_wasi.streams import standard_streams
from kernel_sim.cpu.machine import Machine
from tests.kernel_sim.cpu.assembled import NOP, RET, call, exit

METAL = Path(__file__).resolve().parents[3] / "demo" / "metal"
CODE = 0x10000


def image(code: bytes, symbols: dict[int, str], sizes: dict[int, int] | None = None) -> Image:
    return Image(CODE, [Segment(CODE, code, len(code), "rx"), Segment(0x40000, b"", 4096, "rw")], symbols, sizes)


def run(program: Image, coverage: bool = False) -> tuple[Profiler | Coverage, SymbolPlaces, Result]:
    made: list[tuple[Profiler | Coverage, SymbolPlaces]] = []

    def watch(machine: Machine) -> None:
        places = SymbolPlaces(machine, program)
        made.append((Coverage(places) if coverage else Profiler(places), places))
        watcher = made[0][0]
        if isinstance(watcher, Profiler):
            watcher.tree.begin(program.entry)
            watch_kernel(machine, watcher)

    world = World()
    process = world.new_process(["program"], *standard_streams(b"", None, None, False))
    result = metal.run(world.kernel, process, program, "program", world.settings, None, watch)
    world.kernel.reap(process)
    return *made[0], result


def profiled(program: Image) -> tuple[Profiler, Result]:
    profiler, _, result = run(program)
    assert isinstance(profiler, Profiler)
    profiler.finish()
    return profiler, result


def test_symbols_become_functions() -> None:
    code = NOP * 64
    names = {CODE: "a", CODE + 8: "inside", CODE + 16: "b", CODE + 40: "c", 0x40000: "data"}
    found = symbols_of(image(code, names, {CODE: 12, CODE + 16: 1000}))
    assert [(each.place.name, each.start, each.end) for each in found] == [("a", CODE, CODE + 12), ("b", CODE + 16, CODE + 64)]
    assert [(each.place.name, each.end) for each in symbols_of(image(code, {CODE: "a", CODE + 16: "b"}))] == [
        ("a", CODE + 16), ("b", CODE + 64),
    ]  # fmt: skip
    (only,) = symbols_of(image(code, {}))
    assert (only.place.name, only.start, only.end) == ("code at 0x10000", CODE, CODE + 64)


def test_places_of_addresses() -> None:
    places = SymbolPlaces(None, image(NOP * 64, {CODE: "a", CODE + 16: "b"}, {CODE: 12}))  # type: ignore[arg-type]
    first = places.at(CODE)
    assert first is not None and first is places.at(CODE + 11) and first.name == "a"
    assert places.at(CODE + 12) is places.at(CODE - 1) is places.at(CODE + 64) is None
    assert places.within(CODE, CODE + 4) and not places.within(CODE, CODE) and not places.within(CODE, CODE + 16)
    assert not places.within(0, CODE)


def test_system_calls_are_places_whichever_way_they_are_made() -> None:
    called = call(0xFFF, gate=True)
    begin = b"\xe8" + len(exit()).to_bytes(4, "little") + exit()  # call what is behind
    code = begin + called + call(0xFFE) + RET
    profiler, result = profiled(image(code, {CODE: "begin", CODE + len(begin): "behind"}))
    assert result.ended_by == "exit" and result.instructions == 0
    rows = {row.place.name: row for row in profiler.rows()}
    assert {name: (row.place.kind, row.calls) for name, row in rows.items()} == {
        "begin": ("function", 1), "behind": ("function", 1), "no such call": ("host", 2), "exit": ("host", 1),
    }  # fmt: skip
    assert rows["no such call"].own > 10 and rows["exit"].own == 0 and rows["begin"].total == profiler.total


def test_a_profile_has_every_instruction() -> None:
    for name in ("hello", "clock"):
        program = metal.load((METAL / f"{name}.elf").read_bytes(), name)
        profiler, _ = profiled(program)
        world = World()
        process = world.new_process(["program"], *standard_streams(b"", None, None, False))
        counted = metal.run(world.kernel, process, program, name, world.settings)
        world.kernel.reap(process)
        assert counted.instructions == profiler.total == sum(row.own for row in profiler.rows()) > 100


def test_coverage_of_functions_and_addresses() -> None:
    elf = (METAL / "hello.elf").read_bytes()
    coverage, places, _ = run(metal.load(elf, "hello"), coverage=True)
    assert isinstance(coverage, Coverage)
    found = SymbolCoverage(places, elf, coverage.counts())
    functions = {each.name: each for each in found.functions()}
    assert functions["_start"].calls == functions["main"].calls == 1 and functions["fail"].calls == 0
    assert 0 < functions["start"].covered <= functions["start"].blocks
    main = functions["main"]
    symbol = places.symbols[main.index]
    counts = found.offsets(main.index)
    assert counts[symbol.start] == 1 and all(symbol.start <= address < symbol.end for address in counts)
    assert found.lines().at(symbol.start) is not None
