"""The CPU model as the engine of components: instances, host functions that wait, calls from Python."""

from __future__ import annotations

from ctypes import c_uint32
from typing import Any

import pytest

from agave_wasi.engines import base, store
from agave_wasi.engines.base import EngineConfig, EngineError, GuestTrap, HostFunction, StoreLimits
from agave_wasi.engines.x86.core import X86Core
from agave_wasi.engines.x86.engine import X86Engine
from agave_wasi.hostcall import RETRY
from tests.agave_wasi.guests import wat

waits: list[int] = []
stores: list[Any] = []


def again(env: int, caller: int, slots: int) -> int:
    """Over at the third time."""
    waits.append(slots)
    if len(waits) < 3:
        stores[-1].suspend(object())
    c_uint32.from_address(slots).value = RETRY if len(waits) < 3 else 0
    return 0


@pytest.fixture
def core() -> Any:
    waits.clear()
    engine = X86Engine(EngineConfig())
    store = engine.store(StoreLimits(memory=10 << 16))
    stores[:] = [store]

    def run(call: base.Call) -> None:
        while call.resume() is not None:
            pass

    yield X86Core(store, lambda wasm, _: engine.compile(bytes(wasm)), run, again)
    store.close()


def made(core: X86Core, text: str, *items: Any) -> Any:
    module = core.compile(wat(text))
    return core.instantiate(module, [(each.module, each.name) for each in module.core.imports], items, True)


def test_calls_have_unsigned_numbers(core: X86Core) -> None:
    text = """(module (func (export "f") (param i32 i64 f32 f64) (result i64)
      (i64.add (i64.extend_i32_u (local.get 0)) (i64.add (local.get 1)
        (i64.trunc_f64_s (f64.add (local.get 3) (f64.promote_f32 (local.get 2))))))))"""
    call = core.caller(made(core, text).get_export("f"), "iIfF", "I")
    assert call(0xFFFF_FFFF, 1 << 63, 1.5, 2.5) == (1 << 63) + 0xFFFF_FFFF + 4
    nothing = core.caller(made(core, '(module (func (export "f")))').get_export("f"), "", "")
    assert nothing() is None


def test_calls_within_calls(core: X86Core) -> None:
    triples = '(module (func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))'
    inner = core.caller(made(core, triples).get_export("f"), "i", "i")

    def host(env: int, caller: int, slots: int) -> int:
        c_uint32.from_address(slots).value = inner(c_uint32.from_address(slots).value) + 1
        return 0

    given = core.function(HostFunction("i", "i", host))
    text = """(module (import "a" "b" (func $b (param i32) (result i32)))
      (func (export "f") (result i32) (call $b (call $b (i32.const 5)))))"""
    assert core.caller(made(core, text, given).get_export("f"), "", "i")() == 49


def test_what_ended_a_call_within_is_there_for_the_next(core: X86Core) -> None:
    bad = core.caller(made(core, '(module (func (export "f") unreachable))').get_export("f"), "", "")
    seen: list[str] = []

    def host(env: int, caller: int, slots: int) -> int:
        for _ in range(2):
            try:
                bad()
            except GuestTrap as error:
                seen.append(str(error))
        return 0

    text = '(module (import "a" "b" (func)) (func (export "f") (call 0)))'
    outer = core.caller(made(core, text, core.function(HostFunction("", "", host))).get_export("f"), "", "")
    with pytest.raises(GuestTrap, match="unreachable"):
        outer()
    assert seen == ["unreachable"] * 2
    with pytest.raises(GuestTrap, match="unreachable"):
        bad()


@pytest.mark.parametrize("parameters", ["", "i"])
def test_a_function_that_waits_is_asked_again(core: X86Core, parameters: str) -> None:
    def first(env: int, caller: int, slots: int) -> int:
        c_uint32.from_address(slots).value = RETRY
        core.store.suspend(object())  # type: ignore[arg-type]
        return 0

    given = core.function(HostFunction(parameters, "", first, True, "b"))
    passed = "(i32.const 4)" if parameters else ""
    kind = "(param i32)" if parameters else ""
    text = f'(module (import "a" "b" (func $b {kind})) (func (export "f") (result i32) (call $b {passed}) (i32.const 9)))'
    assert core.caller(made(core, text, given).get_export("f"), "", "i")() == 9
    assert len(waits) == 3 and len(set(waits)) == 1


def test_the_view_of_a_memory(core: X86Core) -> None:
    instance = made(core, '(module (memory (export "m") 1) (func (export "grow") (drop (memory.grow (i32.const 1)))))')
    view = core.memory(instance.get_export("m"))
    before = view()
    assert view() is before and len(before) == 65536
    core.caller(instance.get_export("grow"), "", "")()
    assert len(view()) == 2 * 65536


def test_memories_and_tables_share_the_limit(core: X86Core) -> None:
    core.reserve(4, 2)
    core.reserve(1, 0)
    assert (core.store.memory_room, core.store.table_room) == (2 << 16, 10 * 65536 // (16 * 2))


def test_there_is_an_end_of_host_functions(core: X86Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_FUNCTIONS", 2)
    function = HostFunction("", "", lambda *_: 0)
    core.function(function)
    core.function(function)
    with pytest.raises(EngineError, match="more than 2 host functions"):
        core.function(function)


def test_the_rest_of_a_call_that_the_machine_is_in_the_middle_of(core: X86Core) -> None:
    text = '(module (func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))'
    function = made(core, text).get_export("f")
    store = stores[-1]

    class Stop(BaseException):
        pass

    class Pause:
        def slice(self, store: Any, slice: int) -> int:
            raise Stop

    store.pause = Pause()
    with pytest.raises(Stop):
        core.caller(function, "i", "i")(14)
    store.pause = None
    assert core.rest(function, "i") == 42
