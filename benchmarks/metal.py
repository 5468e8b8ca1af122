"""The rows of the CPU model: computing, calls and loading, beside a bare Unicorn with the same image, and wasmtime.

The bare model has the same regions and the same image, but nothing of ours at all: no hooks, no slices, no kernel. Nothing
here waits but loading, so all else is measured in CPU time of the process, which others on the same machine change less.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import wasmtime
from unicorn import UC_ARCH_X86, UC_HOOK_INSN, UC_MODE_64, UC_PROT_EXEC, UC_PROT_READ, UC_PROT_WRITE, Uc
from unicorn.x86_const import UC_CPU_X86_HASWELL, UC_X86_INS_SYSCALL

from agave_wasi import Caller, World
from agave_wasi.cache import CodeCache, digest
from agave_wasi.engines.base import EngineConfig, StoreLimits
from agave_wasi.engines.capi import to_wasm
from agave_wasi.engines.x86.call import enter
from agave_wasi.engines.x86.engine import X86Engine
from agave_wasi.engines.x86.instance import Instance
from agave_wasi.engines.x86.items import Function
from agave_wasi.engines.x86.space import EXIT_STUB, STACK_BEGIN, STUBS
from agave_wasi.loader import Loader
from conformance.corpus.packages import PACKAGES, FetchFailed, fetch

from .guests import build_c
from .results import AGAVE, WASMTIME, Row
from .snapshots import FIRST_ROW, NEXT_ROW, measure_snapshots

SECTION = "CPU model"
BARE = "bare Unicorn"
COLD_READ = "a cold read"
HOW = "the CPU model: CPU time of one process that isn't pinned; loading is told as it passes"
PROGRAMS = (("fib", 24), ("sha256", 2000), ("matmul", 96))
"""Exports with their argument: some 20 ms on the model."""
CALLS = 5000
NESTED_CALLS = 500
JIT = "the JIT engine"
CALL_ROW, LOAD_ROW, NESTED_ROW = "host call on the CPU model", "cached yosys on the CPU model", "a call back on the CPU model"
METAL_ROWS = (
    "metal", SECTION, *(f"{name}{counted}" for name, _ in PROGRAMS for counted in ("", ", counted")),
    CALL_ROW, NESTED_ROW, LOAD_ROW, FIRST_ROW, NEXT_ROW,
)  # fmt: skip
"""The first one stands for all of them."""
PROTECTION = {"r": UC_PROT_READ, "rw": UC_PROT_READ | UC_PROT_WRITE, "rx": UC_PROT_READ | UC_PROT_EXEC}
Timed = Callable[[], tuple[float, int]]
"""Seconds that a run took, and what it gave."""


def measure_metal(folder: Path, rounds: int) -> tuple[list[Row], list[str]]:
    """Their rows, medians of interleaved rounds, and what else is to be told; errors: CannotBuild."""
    module = build_c(folder, "compute", "-mexec-model=reactor", "-mno-bulk-memory").read_bytes()
    rows = [row for name, argument in PROGRAMS for row in computing(module, name, argument, rounds)]
    rows += [host_call(module, rounds), call_back(rounds)]
    load, note = _loading(rounds)
    snapshots, more = measure_snapshots(SECTION, rounds)
    return rows + load + snapshots, [each for each in (HOW, note, more) if each]


def computing(module: bytes, name: str, argument: int, rounds: int) -> list[Row]:
    """The rows of one program, plain and counted."""
    sides: dict[str, Timed] = {
        WASMTIME: _on_wasmtime(module, name, argument),
        BARE: bare(instance(module, False), name, argument),
        AGAVE: ours(instance(module, False), name, argument),
        "counted": ours(instance(module, True), name, argument),
    }
    taken = _medians(sides, rounds)
    plain, counted = Row(SECTION, name, "ms", against=BARE), Row(SECTION, f"{name}, counted", "ms", against=BARE)
    for side in (WASMTIME, BARE, AGAVE):
        plain.figures[side] = 1e3 * taken[side]
    counted.figures |= {WASMTIME: plain.figures[WASMTIME], BARE: plain.figures[BARE], AGAVE: 1e3 * taken["counted"]}
    return [plain, counted]


def _medians(sides: dict[str, Timed], rounds: int) -> dict[str, float]:
    """Seconds of each side; AssertionError if they don't agree on the result."""
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    results = set()
    for number in range(rounds + 1):
        for side, run in sides.items():
            taken, result = run()
            results.add(result & 0xFFFF_FFFF)
            if number:  # the first one translates
                seconds[side].append(taken)
    assert len(results) == 1, f"the sides disagree: {results}"
    return {side: statistics.median(each) for side, each in seconds.items()}


def _on_wasmtime(module: bytes, name: str, argument: int) -> Timed:
    store = wasmtime.Store(wasmtime.Engine())
    linker = wasmtime.Linker(store.engine)
    linker.define_wasi()
    store.set_wasi(wasmtime.WasiConfig())
    function: Any = linker.instantiate(store, wasmtime.Module(store.engine, module)).exports(store)[name]
    return _timed(lambda: function(store, argument))


def _timed(run: Callable[[], int]) -> Timed:
    def timed() -> tuple[float, int]:
        begin = time.process_time()
        result = run()
        return time.process_time() - begin, result

    return timed


def _guest(module: bytes, counting: bool) -> Any:
    """A guest that is loaded and stands still, with a kernel behind it."""
    world = World(engine="x86", cache=False)
    if counting:
        world.loader = Loader(X86Engine(EngineConfig(), counting=True), CodeCache(""))
    return world.instantiate(module)


def instance(module: bytes, counting: bool) -> Instance:
    """An instance of ours that can be called."""
    guest = _guest(module, counting)._guest
    found: Instance = guest.instance
    _kept.append(guest)
    return found


_kept: list[object] = []
"""Guests live as long as what is measured of them."""


def ours(instance: Instance, name: str, argument: int) -> Timed:
    """A call of an export, as the engine makes it."""
    def run() -> int:
        call = instance.start_call(name, (argument,))
        call.resume()
        return int(call.results[0])

    return _timed(run)


def bare(instance: Instance, name: str, argument: int, hook: Callable[..., None] | None = None) -> Timed:
    """The same call, by a model that knows nothing but the instance's memory. `hook` answers system calls."""
    store = instance.store
    model = Uc(UC_ARCH_X86, UC_MODE_64)
    model.ctl_set_cpu_model(UC_CPU_X86_HASWELL)
    for region in store.memory.regions:
        model.mem_map_ptr(region.start, region.size, PROTECTION[region.access], region.address)
    if hook is not None:
        model.hook_add(UC_HOOK_INSN, hook, None, 1, 0, UC_X86_INS_SYSCALL)
    function = instance.get_export(name)
    assert isinstance(function, Function)
    _kept.append(model)

    def run() -> int:
        slots = enter(store, function, argument.to_bytes(16, "little"), 1, STACK_BEGIN)
        model.emu_start(STUBS, EXIT_STUB)
        return int.from_bytes(slots[:4], "little")

    return _timed(run)


def host_call(module: bytes, rounds: int) -> Row:
    """A Preview 1 call with all that belongs to it, beside a system call that nobody answers, through the same code."""
    sides = {
        WASMTIME: _on_wasmtime(module, "calls", CALLS),
        AGAVE: ours(instance(module, False), "calls", CALLS),
        BARE: bare(instance(module, False), "calls", CALLS, lambda *_: None),
    }
    row = Row(SECTION, CALL_ROW, "µs", against=BARE)
    for side, run in sides.items():
        run()
        row.figures[side] = 1e6 / CALLS * statistics.median(run()[0] for _ in range(rounds))
    return row


CALLING_BACK = """(module
  (import "host" "back" (func $back (param i32) (result i32)))
  (func (export "inner") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func (export "outer") (param $left i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (call $back (local.get $sum)))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $sum)))"""


def call_back(rounds: int) -> Row:
    """A host function in Python that calls the guest back: both calls, there and back, beside the same on the JIT engine."""
    sides = {WASMTIME: _back_on_wasmtime(), JIT: _back("wasmtime"), AGAVE: _back("x86")}
    seconds = _medians(sides, rounds)
    figures = {side: 1e6 / NESTED_CALLS * taken for side, taken in seconds.items()}
    return Row(SECTION, NESTED_ROW, "µs", figures, against=JIT)


def _back(engine: str) -> Timed:
    world = World(engine=engine, cache=False)

    @world.function("host")
    def back(caller: Caller, number: int) -> int:
        return int(caller.call("inner", number))

    guest = world.instantiate(to_wasm(CALLING_BACK.encode()))
    outer: Any = guest.exports["outer"]
    return _timed(lambda: int(outer(NESTED_CALLS)))


def _back_on_wasmtime() -> Timed:
    store = wasmtime.Store(wasmtime.Engine())
    i32 = wasmtime.ValType.i32()
    found: list[Any] = []
    back = wasmtime.Func(store, wasmtime.FuncType([i32], [i32]), lambda number: found[0](store, number))
    exports: Any = wasmtime.Instance(store, wasmtime.Module(store.engine, CALLING_BACK), [back]).exports(store)
    found.append(exports["inner"])
    return _timed(lambda: int(exports["outer"](store, NESTED_CALLS)))


def _loading(rounds: int) -> tuple[list[Row], str]:
    """From a cached image of 69 MB of WebAssembly to an instance, beside reading that file; both not in the host's cache."""
    yosys = next(each for each in PACKAGES if each.name == "yosys")
    try:
        wasm = (fetch(yosys) / yosys.program).read_bytes()
    except FetchFailed as error:
        return [], f"no figure of yosys: {error}"
    engine, cache = X86Engine(EngineConfig()), CodeCache(None)
    key = digest(wasm)
    path = cache.find(engine.key, key)
    if path is None:
        Loader(engine, cache).compile(wasm)
        path = cache.find(engine.key, key)
    if path is None:
        return [], "no figure of yosys: its image can't be cached"
    load: list[float] = []
    read: list[float] = []
    for _ in range(max(rounds // 2, 2)):
        _forget(path)
        begin = time.perf_counter()
        Path(path).read_bytes()
        read.append(time.perf_counter() - begin)
        _forget(path)
        begin = time.perf_counter()
        image = engine.load_file(path, wasm)
        engine.store(StoreLimits()).place(image)
        load.append(time.perf_counter() - begin)
    row = Row(SECTION, LOAD_ROW, "ms", against=COLD_READ)
    row.figures |= {AGAVE: 1e3 * statistics.median(load), COLD_READ: 1e3 * statistics.median(read)}
    return [row], ""


def _forget(path: str) -> None:
    """Have the host read the file from its disk next time."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(fd)


def select_metal(only: Sequence[str]) -> bool:
    """Whether any of these rows was asked for."""
    return not only or any(text in name for text in only for name in METAL_ROWS)
