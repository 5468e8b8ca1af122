"""How calls end on the CPU model: the same traps, texts and frames as on the JIT engine; and what a damaged image does."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi import Caller, GuestTrap, World
from agave_wasi.engines.base import TRAP_NAMES, EngineConfig, EngineError, StoreLimits
from agave_wasi.engines.x86.engine import Module, X86Engine
from agave_wasi.engines.x86.traps import MOST_FRAMES, TEXTS, CodeTrap, ending_of, module_at
from kernel_sim.cpu.faults import Fault
from kernel_sim.errors import LimitReached
from tests.agave_wasi.engines.x86.both import calls, ending, same
from tests.agave_wasi.guests import LOOP, imported, live, wat

HERE = '(memory 1) (table 2 funcref) (elem (i32.const 0) $f)'


@pytest.mark.parametrize(
    "body",
    [
        "(unreachable)",
        "(drop (i32.div_s (i32.const 1) (i32.const 0)))",
        "(drop (i64.rem_u (i64.const 1) (i64.const 0)))",
        "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))",
        "(drop (i32.trunc_f32_s (f32.const nan)))",
        "(drop (i64.trunc_f64_u (f64.const 1e30)))",
        "(drop (i32.load (i32.const 65533)))",
        "(i64.store offset=4294967295 (i32.const -1) (i64.const 0))",
        "(memory.fill (i32.const 65535) (i32.const 1) (i32.const 2))",
        "(memory.copy (i32.const 0) (i32.const 65535) (i32.const 2))",
        "(drop (table.get 0 (i32.const 9)))",
        "(table.set 0 (i32.const -1) (ref.null func))",
        "(call_indirect (i32.const 1))",
        "(call_indirect (i32.const 9))",
        "(call_indirect (param i32) (i32.const 0) (i32.const 0))",
        "(drop (v128.load (i32.const 65521)))",
    ],
)
def test_every_trap_with_its_frames(body: str) -> None:
    """The innermost frame, one that has no name, and one that only its export names."""
    text = f"""(module {HERE} (func $f (nop) {body}) (func (nop) (call $f)) (func (export "f") (nop) (nop) (call 1)))"""
    found = []
    for engine in ("wasmtime", "x86"):
        with pytest.raises(GuestTrap) as trap:
            live(text, engine=engine).call("f")
        frames = [(each.function, each.function_offset, each.module_offset, each.name) for each in trap.value.frames]
        found.append((ending(trap.value), frames))
    (told, frames), (again, same_frames) = found
    assert again == told and frames[1:] == same_frames[1:]
    assert [(frame[0], frame[3]) for frame in same_frames] == [(0, "f"), (1, None), (2, None)]
    assert same_frames[0][1] >= 2  # behind the nop
    if frames[0][1]:  # what always traps is at the beginning of its function for the JIT engine
        assert frames[0] == same_frames[0]


def test_a_stack_that_overflows() -> None:
    assert calls('(module (func $f (export "f") (call $f)))', ("f",)) == [("stack overflow", TEXTS[0], [0] * MOST_FRAMES)]


def test_a_stack_that_overflows_with_large_frames() -> None:
    many = " ".join("i64" for _ in range(500))
    uses = " ".join(f"(local.set {at} (i64.load (i32.const {8 * at})))" for at in range(500))
    sums = " ".join(f"(i64.store (i32.const {8 * at}) (local.get {at}))" for at in range(500))
    text = f'(module (memory 1) (func $f (export "f") (local {many}) {uses} (call $f) {sums}))'
    for engine in ("wasmtime", "x86"):
        with pytest.raises(GuestTrap, match="stack overflow"):
            live(text, engine=engine).call("f")


def test_frames_through_host_functions() -> None:
    def use(world: World) -> None:
        @world.function("env")
        def back(caller: Caller) -> None:
            caller.call("bad")

        world.instantiate(wat("""(module (import "env" "back" (func $back)) (func $bad (export "bad") (nop) unreachable)
          (func $mid (nop) (call $back)) (func $outer (export "f") (call $mid)))""")).call("f")

    assert same(use) == ("unreachable", TEXTS[9], [1, 2, 3])


def test_frames_of_several_modules() -> None:
    library = '(module (func $fails (export "fails") (unreachable)))'
    text = '(module (import "lib" "fails" (func $fails)) (func $f (export "f") (nop) (call $fails)))'
    assert calls(text, ("f",), libraries={"lib": library}) == [("unreachable", TEXTS[9], [0, 1])]


@pytest.mark.parametrize("fuel", [1, 2, 50, 51, 52])
def test_fuel_runs_out_as_it_does_there(fuel: int) -> None:
    def use(world: World) -> object:
        result = world.run(wat(LOOP))
        return result.ended_by, result.message, result.fuel

    ended_by, message, left = same(use, fuel=fuel)
    assert ended_by == "limit" and str(fuel) in message and left == 0
    with pytest.raises(LimitReached), World(fuel=fuel, engine="x86") as world:
        world.instantiate(wat(LOOP)).call("_start")


def test_what_breaks_the_abi_each_time() -> None:
    """Also for the second time, in the same guest, and in a call within a call."""
    text = f"""(module {imported("random_get")} (import "env" "back" (func $back)) (memory (export "memory") 1)
      (func (export "inner") (drop (call $random_get (i32.const 65535) (i32.const 2))))
      (func (export "f") (drop (call $random_get (i32.const 65535) (i32.const 2))))
      (func (export "g") (call $back)))"""

    def use(world: World) -> list[object]:
        @world.function("env")
        def back(caller: Caller) -> None:
            caller.call("inner")

        guest = world.instantiate(wat(text))
        found: list[object] = []
        for name in ("f", "f", "g", "f", "g"):
            with pytest.raises(GuestTrap, match="pointer out of bounds: 2 bytes at 0xffff") as trap:
                guest.call(name)
            found.append((trap.value.message, trap.value.code))
        return found

    assert same(use) == [("pointer out of bounds: 2 bytes at 0xffff, memory has 0x10000", "abi")] * 5


@pytest.fixture
def store() -> Any:
    made = X86Engine(EngineConfig()).store(StoreLimits(fuel=7))
    yield made
    made.close()


def test_what_the_end_of_a_call_stands_for(store: Any) -> None:
    assert ending(ending_of(store, CodeTrap(9))) == ("unreachable", TEXTS[9], [])
    assert ending(ending_of(store, CodeTrap(200))) == ("trap 200", "", [])
    fuel = ending_of(store, CodeTrap(11))
    assert isinstance(fuel, LimitReached) and (fuel.name, fuel.limit) == ("fuel", 7)
    interrupt = KeyboardInterrupt()
    assert ending_of(store, interrupt) is interrupt


def test_what_has_cut_off_an_inner_call_goes_before(store: Any) -> None:
    first = GuestTrap("first", [])
    store.ended = first
    assert ending_of(store, ValueError("later")) is first
    store.ended = None


def test_a_fault_in_compiled_code_is_damage(store: Any) -> None:
    found = ending_of(store, Fault("page fault", 0x1234, "read", 0x5678))
    assert isinstance(found, EngineError)
    assert "its image is damaged, empty the cache" in str(found) and "0x5678" in str(found)


def test_which_module_an_instruction_is_of(store: Any) -> None:
    module: Module = X86Engine(EngineConfig()).compile(wat('(module (func (export "f")))'))
    instance = store.instantiate(module, {})
    size = len(module.image.text)
    assert module_at(store, instance.code) == (module, instance.code)
    assert module_at(store, instance.code + size - 1) == (module, instance.code)
    assert module_at(store, instance.code - 1) is module_at(store, instance.code + size) is None


def test_every_code_has_a_text() -> None:
    assert sorted(TEXTS) == list(range(len(TRAP_NAMES)))
