"""Core instances for components: what they import and export, what waits, and what calls look like from Python."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import c_uint64
from typing import TYPE_CHECKING, Any

import pytest

from agave_wasi.binary.outline import needs
from agave_wasi.engines import store
from agave_wasi.engines.base import TIMEOUT, EngineConfig, EngineError, GuestTrap, HostFunction, Interrupted, StoreLimits
from agave_wasi.engines.capi import to_wasm
from agave_wasi.engines.interrupt import Watch
from agave_wasi.engines.wasmtime_core import WasmtimeCore
from agave_wasi.engines.wasmtime_engine import WasmtimeEngine
from agave_wasi.engines.wasmtime_store import Store
from agave_wasi.hostcall import RETRY
from kernel_sim.wait import Wait

if TYPE_CHECKING:
    from agave_wasi.engines.base import Call

ENGINE = WasmtimeEngine(EngineConfig())


def host(function: Callable[..., int | None], parameters: str = "", results: str = "", blocking: bool = False) -> HostFunction:
    """A host function of 64-bit slots."""

    def callback(env: int, caller: int, args: int) -> int:
        slots = (c_uint64 * (2 * max(len(parameters), 1))).from_address(args)
        found = function(*[slots[2 * at] & (0xFFFF_FFFF if letter == "i" else -1) for at, letter in enumerate(parameters)])
        if found is not None:
            slots[0] = found
        return 0

    return HostFunction(parameters, results, callback, blocking, "f" if blocking else "")


class Bench:
    """An engine for components whose guests are run by a loop; `waits` are those that it saw."""

    def __init__(self, resume: Callable[[], int] = lambda: 0, fuel: int | None = None) -> None:
        engine = ENGINE if fuel is None else WasmtimeEngine(EngineConfig(fuel=True))
        self.engine = engine
        self.store = Store(engine, StoreLimits(fuel))
        self.waits: list[Wait] = []
        self.compiled: list[bytes | memoryview] = []
        self.store.inline_wait = self.waits.append
        self.core = WasmtimeCore(self.store, self.compile, self.run, host(resume, "", "i").callback)

    def compile(self, text: bytes | memoryview, offset: int | None) -> Any:
        self.compiled.append(text)
        return self.engine.compile(bytes(text))

    def run(self, call: Call) -> None:
        while not call.finished:
            wait = call.resume()
            if wait is not None:
                self.waits.append(wait)
        call.cancel()

    def instance(self, text: str, **imports: Any) -> Any:
        """An instance of a module in text whose imports are all from `m`."""
        wasm = to_wasm(text.encode())
        needed = needs(wasm)
        items = [imports[name] for _, name in needed.imports]
        return self.core.instantiate(self.core.compile(wasm), needed.imports, items, needed.starts)

    def caller(self, text: str, name: str, parameters: str, results: str, **imports: Any) -> Callable[..., Any]:
        return self.core.caller(self.instance(text, **imports).get_export(name), parameters, results)


def test_numbers_come_back_unsigned() -> None:
    bench = Bench()
    text = '(module (func (export "f") (param i32 i64 f32 f64) (result i32) (i32.const -1)))'
    assert bench.caller(text, "f", "iIfF", "i")(0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF, 0.5, 0.1) == 0xFFFF_FFFF
    assert bench.caller('(module (func (export "f") (result i64) (i64.const -1)))', "f", "", "I")() == (1 << 64) - 1
    assert bench.caller('(module (func (export "f") (param f64) (result f64) (local.get 0)))', "f", "F", "F")(0.1) == 0.1
    assert bench.caller('(module (func (export "f")))', "f", "", "")() is None


def test_a_host_function_calls_back_on_the_guests_own_stack() -> None:
    bench = Bench()
    lib = bench.instance('(module (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))')
    twice = bench.core.caller(lib.get_export("twice"), "i", "i")
    function = bench.core.function(host(lambda value: twice(value) + 1, "i", "i"))
    text = """(module (import "m" "f" (func $f (param i32) (result i32)))
      (func (export "go") (result i32) (call $f (i32.const 20))))"""
    assert bench.caller(text, "go", "", "i", f=function)() == 41
    assert twice(0x8000_0001) == 2


def test_a_trap_in_a_nested_call_ends_the_outer_one() -> None:
    bench = Bench()
    lib = bench.instance('(module (func (export "bad") unreachable))')
    bad = bench.core.caller(lib.get_export("bad"), "", "")

    def tries() -> None:
        with pytest.raises(GuestTrap):
            bad()

    text = '(module (import "m" "f" (func $f)) (func (export "go") (call $f)))'
    go = bench.caller(text, "go", "", "", f=bench.core.function(host(tries)))
    with pytest.raises(GuestTrap, match="unreachable"):
        go()


def test_a_memory_is_seen_as_it_is_now() -> None:
    bench = Bench()
    instance = bench.instance('(module (memory (export "m") 1) (func (export "grow") (drop (memory.grow (i32.const 2)))))')
    memory = bench.core.memory(instance.get_export("m"))
    before = memory()
    assert len(before) == 1 << 16 and memory() is before
    before[5] = 7
    bench.core.caller(instance.get_export("grow"), "", "")()
    assert len(memory()) == 3 << 16 and memory()[5] == 7


def test_what_may_wait_suspends_the_guest_until_it_has_an_answer() -> None:
    answers = [RETRY, 0]
    bench = Bench(lambda: again())
    seen: list[int] = []

    def again() -> int:
        if answers[0] == RETRY:
            bench.store.suspend(Wait(deadline=2))
        return answers.pop(0)

    def attempt(value: int, other: int) -> int:
        seen.append(value + other)
        bench.store.suspend(Wait(deadline=1))
        return RETRY

    function = bench.core.function(host(attempt, "iI", blocking=True))
    text = """(module (import "m" "f" (func $f (param i32 i64)))
      (func (export "go") (result i32) (call $f (i32.const 3) (i64.const 4)) (i32.const 9)))"""
    assert bench.caller(text, "go", "", "i", f=function)() == 9
    assert seen == [7] and [wait.deadline for wait in bench.waits] == [1, 2] and not answers


def test_a_start_function_may_wait() -> None:
    bench = Bench()

    def attempt() -> int:
        bench.store.suspend(Wait(deadline=5))
        return RETRY

    function = bench.core.function(host(attempt, blocking=True))
    bench.instance('(module (import "m" "f" (func $f)) (start $f))', f=function)
    assert [wait.deadline for wait in bench.waits] == [5]


def test_gates_of_one_type_are_compiled_once() -> None:
    ENGINE.gates.clear()
    bench = Bench()
    for _ in range(3):
        bench.core.function(host(lambda value: 0, "i", blocking=True))
    assert len(bench.compiled) == 3  # the loop that all share, its table, and the gate
    other = Bench()
    other.core.function(host(lambda value: 0, "i", blocking=True))
    assert not other.compiled


WAITS = """(module (import "m" "f" (func $f (param i32)))
  (func (export "go") (param i32) (result i32) (call $f (local.get 0)) (i32.const 9)))"""


def test_what_is_linked_when_guests_have_run_may_wait_too() -> None:
    bench = Bench()

    def attempt(value: int) -> int:
        bench.store.suspend(Wait(deadline=value))
        return RETRY

    first = bench.core.function(host(attempt, "i", blocking=True))
    armed = [bench.store.armed]
    assert bench.caller(WAITS, "go", "i", "i", f=first)(1) == 9
    assert [*armed, bench.store.armed] == [False, True]
    second = bench.core.function(host(attempt, "i", blocking=True))
    assert bench.caller(WAITS, "go", "i", "i", f=second)(2) == 9
    other = WasmtimeCore(bench.store, bench.compile, bench.run, host(lambda: 0, "", "i").callback)  # another component's
    third = other.function(host(attempt, "i", blocking=True))
    assert bench.caller(WAITS, "go", "i", "i", f=third)(3) == 9
    assert [wait.deadline for wait in bench.waits] == [1, 2, 3]


@pytest.mark.parametrize("waits", [0, 3])
@pytest.mark.parametrize(("parameters", "arguments"), [("", ""), ("i", "(i32.const 3)")])
def test_waiting_takes_no_fuel(waits: int, parameters: str, arguments: str) -> None:
    def status() -> int:
        if len(bench.waits) == waits:
            return 0
        bench.store.suspend(Wait(deadline=len(bench.waits)))
        return RETRY

    bench = Bench(status, 1000)
    function = bench.core.function(host(lambda *_: status(), parameters, blocking=True))
    type = "(param i32)" if parameters else ""
    text = f"""(module (import "m" "f" (func $f {type}))
      (func (export "go") (result i32) (call $f {arguments}) (i32.const 9)))"""
    assert bench.caller(text, "go", "", "i", f=function)() == 9
    assert [wait.deadline for wait in bench.waits] == list(range(waits))
    assert 1000 - bench.store.fuel_left() == 3 + len(parameters)  # the guest's own instructions, with one for the call of `go`


def test_what_ends_a_wait_on_the_spot_ends_the_guest() -> None:
    def stop(wait: Wait) -> None:
        raise Interrupted(TIMEOUT)

    bench = Bench(fuel=1000)
    bench.store.inline_wait = stop

    def attempt(value: int) -> int:
        bench.store.suspend(Wait(deadline=value))
        return RETRY

    function = bench.core.function(host(attempt, "i", blocking=True))
    with pytest.raises(Interrupted):
        bench.caller(WAITS, "go", "i", "i", f=function)(1)


def test_one_component_reaches_what_waits_in_another() -> None:
    bench = Bench()

    def attempt(value: int) -> int:
        bench.store.suspend(Wait(deadline=value))
        return RETRY

    other = WasmtimeCore(bench.store, bench.compile, bench.run, host(lambda: 0, "", "i").callback)
    inner = bench.instance(WAITS, f=other.function(host(attempt, "i", blocking=True)))
    outer = """(module (import "m" "go" (func $go (param i32) (result i32)))
      (func (export "both") (result i32) (call $go (i32.const 4))))"""
    assert bench.caller(outer, "both", "", "i", go=inner.get_export("go"))() == 9
    assert [wait.deadline for wait in bench.waits] == [4]


@pytest.mark.parametrize("armed", [False, True])
def test_an_import_of_another_type_is_refused(armed: bool) -> None:
    bench = Bench()
    if armed:
        bench.core.function(host(lambda: 0, blocking=True))
        bench.store.arm()
    with pytest.raises(EngineError, match="incompatible import type"):
        bench.instance('(module (import "m" "f" (func (param i32))))', f=bench.core.function(host(lambda: None)))


@pytest.mark.parametrize("armed", [False, True])
def test_a_segment_out_of_bounds_ends_the_guest(armed: bool) -> None:
    bench = Bench()
    if armed:
        bench.core.function(host(lambda: 0, blocking=True))
        bench.store.arm()
    with pytest.raises(GuestTrap, match="out of bounds"):
        bench.instance('(module (memory 1) (data (i32.const 65536) "x"))')


def test_memories_share_what_the_guest_may_use() -> None:
    bench = Bench()
    bench.store.limits = StoreLimits(memory=4 << 16)
    text = '(module (memory 1) (func (export "grow") (result i32) (memory.grow (i32.const 1))))'
    for _ in range(2):
        bench.core.reserve(1, 0)
    grow = bench.caller(text, "grow", "", "i")
    assert [grow(), grow()] == [1, 0xFFFF_FFFF]


def test_host_functions_are_counted_and_making_them_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_FUNCTIONS", 2)
    bench = Bench()
    with Watch(bench.store):
        bench.core.function(host(lambda: 0))
        bench.store.request_stop(Interrupted(TIMEOUT))
        with pytest.raises(Interrupted):
            bench.core.function(host(lambda: 0))
        bench.core.function(host(lambda: 0))
        with pytest.raises(EngineError, match="more than 2 host functions"):
            bench.core.function(host(lambda: 0))
