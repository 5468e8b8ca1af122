"""What a store guarantees: limits, the same results on every machine, the features that programs need, nothing left behind."""

from __future__ import annotations

import gc
import os
import struct
import sys
from typing import Any

import pytest

from agave_wasi import LinkError, LiveInstance, World
from agave_wasi.engines.base import BadCall, EngineConfig, EngineError, StoreLimits
from agave_wasi.engines.wasmtime_engine import WasmtimeEngine
from agave_wasi.loader import engine_for
from tests.agave_wasi.guests import imported, prints, wat
from tests.descriptors import open_descriptors


def live(text: str, **options: Any) -> LiveInstance:
    return World(**options).instantiate(wat(text))


COUNTS = '(module (func (export "count") (param i32) (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))'


def test_fuel_counts_the_same_every_time() -> None:
    used = set()
    for _ in range(3):
        result = World(fuel=1_000_000).run(prints("hello"))
        assert result.fuel is not None and result.fuel < 1_000_000
        used.add(result.fuel)
    assert len(used) == 1


def test_fuel_is_used_by_work() -> None:
    spent = []
    for rounds in (1000, 2000, 3000):
        world = World(fuel=1_000_000)
        guest = world.instantiate(wat(COUNTS))
        guest.call("count", rounds)
        spent.append(1_000_000 - guest._guest.store.fuel_left())
    assert spent[2] - spent[1] == spent[1] - spent[0] == pytest.approx(4000, rel=0.5)


def test_fuel_runs_out_exactly_where_it_did_before() -> None:
    limits = [World(fuel=limit).run(prints("hello")).ended_by for limit in range(1, 60)]
    assert limits == [World(fuel=limit).run(prints("hello")).ended_by for limit in range(1, 60)]
    assert limits[0] == "limit" and limits[-1] == "exit"
    assert limits == sorted(limits, reverse=True)


def test_a_memory_limit_is_for_each_memory() -> None:
    text = '(module (memory (export "memory") 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))'
    guest = live(text, max_memory=4 << 16)
    assert [guest.call("grow", pages) for pages in (2, 2, 1, 1)] == [1, -1, 3, -1]


def test_memory_64() -> None:
    text = '(module (memory (export "memory") i64 1) (func (export "get") (result i32) (i32.load8_u (i64.const 5))))'
    guest = live(text)
    with pytest.raises(Exception, match="64-bit addresses"):
        guest.read(0, 1)
    assert guest.call("get") == 0
    text = f"""(module {imported("random_get")} (memory (export "memory") i64 1)
      (func (export "_start") (drop (call $random_get (i32.const 0) (i32.const 8)))))"""
    assert "64-bit addresses" in World().run(wat(text)).message


def test_shared_memory_is_not_enabled_by_default_in_this_release() -> None:
    with pytest.raises(LinkError, match="shared memor"):
        live('(module (memory (export "memory") 1 4 shared))')


@pytest.mark.parametrize("export", ["", '(export "mem" (memory 0))', '(export "memory" (func $f))'])
def test_no_memory_of_that_name(export: str) -> None:
    text = f"""(module {imported("random_get", "sched_yield")} (memory 1) {export} (func $f)
      (func (export "yield") (result i32) (call $sched_yield))
      (func (export "fill") (result i32) (call $random_get (i32.const 0) (i32.const 8))))"""
    guest = live(text)
    assert guest.call("yield") == 0  # needs none
    with pytest.raises(Exception, match="exports no memory named 'memory', which host functions need"):
        guest.call("fill")


def test_an_imported_memory_that_is_exported_again() -> None:
    library = wat('(module (memory (export "m") 1))')
    text = f"""(module {imported("random_get")} (import "lib" "m" (memory 1)) (export "memory" (memory 0))
      (func (export "fill") (result i32) (call $random_get (i32.const 0) (i32.const 8))))"""
    guest = World().instantiate(wat(text), libraries={"lib": library})
    assert guest.call("fill") == 0
    assert guest.read(0, 8) != bytes(8)


def test_growth_between_calls_and_within_nested_ones() -> None:
    world = World()
    seen: list[int] = []

    @world.function("env")
    def grow(pages: int) -> int:
        (before,) = guest._guest.call("more", (pages,))
        seen.append(len(guest.read(0, 1)))
        return int(before)

    text = f"""(module {imported("random_get", "fd_write")} (import "env" "grow" (func $grow (param i32) (result i32)))
      (memory (export "memory") 1 200)
      (func (export "more") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "fill") (param i32) (result i32) (call $random_get (local.get 0) (i32.const 8)))
      (func (export "nested") (param i32) (result i32)
        (drop (call $random_get (i32.const 0) (i32.const 8)))
        (drop (call $grow (i32.const 50)))
        (call $random_get (local.get 0) (i32.const 8))))"""
    guest = world.instantiate(wat(text))
    with pytest.raises(Exception, match="out of bounds"):
        guest.call("fill", 0x10000)
    assert guest.call("more", 1) == 1
    assert guest.call("fill", 0x10000) == 0
    assert guest.read(0x10000, 8) != bytes(8)
    assert guest.call("nested", 0x20000 + 49 * 65536) == 0
    assert guest.read(0x20000 + 49 * 65536, 8) != bytes(8)
    with pytest.raises(Exception, match="out of bounds"):
        guest.call("fill", 0x20000 + 50 * 65536)


def test_nans_are_canonical_and_relaxed_simd_is_deterministic() -> None:
    text = """(module
      (func (export "nan") (param f32) (result i32) (i32.reinterpret_f32 (f32.sub (local.get 0) (local.get 0))))
      (func (export "nan64") (param f64) (result i64) (i64.reinterpret_f64 (f64.mul (local.get 0) (f64.const 0))))
      (func (export "swizzle") (result i32) (i32x4.extract_lane 0 (i8x16.relaxed_swizzle
        (v128.const i32x4 0x03020100 0 0 0) (v128.const i8x16 0x90 1 0x10 3 0 0 0 0 0 0 0 0 0 0 0 0))))
      (func (export "trunc") (result i32) (i32x4.extract_lane 0 (i32x4.relaxed_trunc_f32x4_s (v128.const f32x4 nan 0 0 0)))))"""
    guest = live(text)
    infinity = float("inf")
    assert int(guest.call("nan", infinity)) & 0xFFFF_FFFF == 0x7FC0_0000  # type: ignore[arg-type]
    assert int(guest.call("nan64", -infinity)) == 0x7FF8_0000_0000_0000  # type: ignore[arg-type]
    assert guest.call("swizzle") == 0x03000100  # an index with its upper bit, and one beyond, give 0
    assert guest.call("trunc") == 0


def test_exceptions_of_webassembly() -> None:
    text = """(module (tag $t (param i32))
      (func $thrower (param i32) (throw $t (local.get 0)))
      (func (export "catch") (param i32) (result i32)
        (block $caught (result i32) (try_table (catch $t $caught) (call $thrower (local.get 0))) (i32.const -1)))
      (func (export "let go") (call $thrower (i32.const 1))))"""
    guest = live(text)
    assert guest.call("catch", 42) == 42
    with pytest.raises(Exception, match="exception"):
        guest.call("let go")


@pytest.mark.parametrize(
    "text",
    [
        '(module (func (export "f") (result i32 i64 f32 f64) (i32.const -1) (i64.const -2) (f32.const 0.5) (f64.const 0.25)))',
        """(module (func (export "f") (param i32 i64 f32 f64) (result i32 i64 f32 f64)
          (local.get 0) (local.get 1) (local.get 2) (local.get 3)))""",
    ],
)
def test_values_of_every_type(text: str) -> None:
    guest = live(text)
    arguments = (-1, -2, 0.5, 0.25) if "param" in text else ()
    assert guest.call("f", *arguments) == (-1, -2, 0.5, 0.25)


def test_numbers_wrap_into_their_types() -> None:
    guest = live("""(module (func (export "i") (param i32) (result i32) (local.get 0))
      (func (export "I") (param i64) (result i64) (local.get 0)) (func (export "f") (param f32) (result f32) (local.get 0)))""")
    assert guest.call("i", 0xFFFF_FFFF) == -1
    assert guest.call("I", (1 << 64) - 1) == -1
    assert guest.call("f", 0.1) == struct.unpack("<f", struct.pack("<f", 0.1))[0]
    assert guest.call("f", float("inf")) == float("inf")


@pytest.mark.parametrize(
    ("name", "arguments", "why"),
    [
        ("i", (), "takes 1 arguments, not 0"), ("i", (1, 2), "takes 1 arguments, not 2"),
        ("i", (1 << 32,), "doesn't fit a i32"), ("i", (1.5,), "doesn't fit a i32"), ("i", ("1",), "doesn't fit a i32"),
        ("F", ("x",), "doesn't fit an f64"), ("F", (10**400,), "doesn't fit an f64"), ("v", (1,), "can't be given"),
        ("r", (), "can't be taken out"), ("m", (), "is not a function"),
    ],
)  # fmt: skip
def test_calls_that_do_not_fit(name: str, arguments: tuple[Any, ...], why: str) -> None:
    guest = live("""(module (memory (export "m") 1) (func (export "i") (param i32)) (func (export "F") (param f64))
      (func (export "v") (param v128)) (func (export "r") (result externref) (ref.null extern)))""")
    with pytest.raises(BadCall, match=why):
        guest.call(name, *arguments)


def test_errors_of_the_engine() -> None:
    engine = WasmtimeEngine(EngineConfig())
    with pytest.raises(EngineError, match="offset"):
        engine.compile(b"\0asm\1\0\0\0\xff")
    with pytest.raises(EngineError):
        engine.load_file("/nowhere")
    module = engine.compile(b"(module)")
    assert engine.compile(wat("(module)")).serialize() == module.serialize()
    with pytest.raises(EngineError):
        engine_for(EngineConfig(fuel=False)).load_file(os.devnull)


def test_engines_of_one_configuration_are_one() -> None:
    assert engine_for(EngineConfig()) is engine_for(EngineConfig())
    assert engine_for(EngineConfig(fuel=True)) is not engine_for(EngineConfig())
    assert engine_for(EngineConfig()).key != engine_for(EngineConfig(max_stack=1 << 16)).key
    assert StoreLimits().fuel is None


def test_every_setting_is_part_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    from agave_wasi.engines import wasmtime_engine

    settings = wasmtime_engine.settings_of(EngineConfig())
    keys = {WasmtimeEngine(EngineConfig()).key}
    for name in ("wasm_exceptions", "wasm_relaxed_simd_deterministic", "cranelift_nan_canonicalization", "epoch_interruption"):
        monkeypatch.setattr(wasmtime_engine, "settings_of", lambda config, off=name: settings | {off: False})
        keys.add(WasmtimeEngine(EngineConfig()).key)
    assert len(keys) == 5


def test_a_closed_guest_says_so() -> None:
    world = World()
    guest = world.instantiate(wat(COUNTS))
    guest.close()
    guest.close()
    for use in (lambda: guest.call("count", 1), lambda: guest.read(0, 0), lambda: guest.write(0, b"")):
        with pytest.raises(EngineError, match="the guest is closed"):
            use()


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_two_thousand_runs_leave_nothing_behind() -> None:
    program = prints("hello")
    world = World()
    loaded = world.load(program)

    def runs(count: int) -> None:
        for turn in range(count):
            where = world if turn % 2 else World()
            assert where.run(loaded if turn % 4 else program).stdout == b"hello"

    runs(200)
    gc.collect()
    before, descriptors, threads = resident(), open_descriptors(), len(os.listdir("/proc/self/task"))
    objects = len(gc.get_objects())
    runs(2000)
    gc.collect()
    assert open_descriptors() == descriptors
    assert len(os.listdir("/proc/self/task")) == threads
    assert len(gc.get_objects()) - objects < 2000
    assert resident() - before < 12 << 20
    assert world.kernel.processes == {}


def test_a_guest_is_freed_at_once_without_the_garbage_collector() -> None:
    data = "x" * 1000
    text = wat(f"""(module {imported("proc_exit")} (memory (export "memory") 1) (data (i32.const 0) "{data}")
      (func (export "_start") (call $proc_exit (i32.const 3))))""")
    World(cache=False).run(text)
    gc.collect()
    gc.disable()
    try:
        before = open_descriptors()  # a memory image of a module is a descriptor
        for code in (text, wat("(module (data \"y\") (func (export \"_start\") unreachable))"), prints("z")):
            World(cache=False).run(code)
        assert open_descriptors() == before
    finally:
        gc.enable()
