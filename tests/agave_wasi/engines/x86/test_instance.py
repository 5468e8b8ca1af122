"""Instances on the CPU model: what they begin with, what they export, and what their start functions do."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from agave_wasi import Caller, LinkError, World
from agave_wasi.abi.memory import Trap
from agave_wasi.engines.base import BadCall, EngineConfig, EngineError, StoreLimits
from agave_wasi.engines.x86.engine import X86Engine
from agave_wasi.engines.x86.items import Function, Global, LinearMemory, Table, Tag
from tests.agave_wasi.engines.x86.both import calls, instance, same, told
from tests.agave_wasi.guests import imported, live, wat


def test_globals_begin_with_constants_and_with_what_is_computed() -> None:
    library = '(module (global (export "g") i32 (i32.const 30)) (global (export "I") i64 (i64.const -5)))'
    text = """(module (import "lib" "g" (global $g i32)) (import "lib" "I" (global $I i64))
      (global $a i32 (i32.const -7)) (global $b i64 (i64.const 0x8000000000000000))
      (global $c f32 (f32.const nan:0x200001)) (global $d f64 (f64.const -0.0)) (global $e v128 (v128.const i64x2 1 -2))
      (global $h i32 (i32.add (global.get $g) (i32.const 12)))
      (global $i i64 (i64.mul (global.get $I) (i64.const 3))) (global $j funcref (ref.func 0))
      (global $k externref (ref.null extern))
      (func (export "i") (result i32 i32) (global.get $a) (global.get $h))
      (func (export "I") (result i64 i64) (global.get $b) (global.get $i))
      (func (export "bits") (result i32 i64) (i32.reinterpret_f32 (global.get $c)) (i64.reinterpret_f64 (global.get $d)))
      (func (export "v") (result i64 i64) (i64x2.extract_lane 0 (global.get $e)) (i64x2.extract_lane 1 (global.get $e)))
      (func (export "r") (result i32 i32) (ref.is_null (global.get $j)) (ref.is_null (global.get $k))))"""
    found = calls(text, ("i",), ("I",), ("bits",), ("v",), ("r",), libraries={"lib": library})
    assert found == [(-7, 42), (-(1 << 63), -15), (0x7FA00001, -(1 << 63)), (1, -2), (0, 1)]


def test_segments_in_order_each_checked() -> None:
    library = '(module (global (export "at") i32 (i32.const 8)) (table (export "t") 8 funcref))'
    text = """(module (import "lib" "at" (global $at i32)) (import "lib" "t" (table $t 8 funcref)) (memory $m 1)
      (memory $n 1) (table $own 3 funcref) (data (i32.const 4) "abcdefgh") (data (global.get $at) "XY")
      (data $m (i32.const 65536) "")
      (data (memory $n) (i32.const 65535) "z") (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
      (elem (table $own) (i32.const 0) func $one $two) (elem (table $own) (i32.const 1) func $one)
      (elem (table $t) (i32.const 6) func $two) (elem declare func $two)
      (func (export "m") (param i32) (result i32) (i32.load8_u (local.get 0)))
      (func (export "n") (result i32) (i32.load8_u $n (i32.const 65535)))
      (func (export "own") (param i32) (result i32) (call_indirect $own (result i32) (local.get 0)))
      (func (export "t") (param i32) (result i32) (call_indirect $t (result i32) (local.get 0))))"""
    made = [("m", 7), ("m", 8), ("m", 9), ("m", 10), ("n",), ("own", 0), ("own", 1), ("own", 2), ("t", 6), ("t", 7), ("t", 8)]
    found: Any = calls(text, *made, libraries={"lib": library})
    assert found[:7] == [ord("d"), ord("X"), ord("Y"), ord("g"), ord("z"), 1, 1] and found[8] == 2


@pytest.mark.parametrize(
    "segment", ['(data (i32.const 65533) "four")', "(elem (i32.const 2) func 0)", '(data (i32.const -1) "")']
)
def test_segments_that_do_not_fit(segment: str) -> None:
    """They trap, and what came before them has been written."""
    library = '(module (memory (export "m") 1) (func (export "peek") (result i32) (i32.load8_u (i32.const 9))))'
    text = f'(module (import "lib" "m" (memory 1)) (table 2 funcref) (data (i32.const 9) "A") {segment} (func (export "f")))'
    found = same(lambda world: told(lambda: instance(world, text, {"lib": library}).call("f")))
    assert "out of bounds" in str(found)


def test_start_functions_run_once_and_in_the_order_of_instances() -> None:
    def use(world: World) -> object:
        order: list[int] = []

        @world.function("env")
        def note(number: int) -> None:
            order.append(number)

        text = """(module (import "env" "note" (func $n (param i32))) {} (func $s (call $n (i32.const {}))) (start $s)
          (func (export "f")))"""
        guest = instance(world, text.format('(import "lib" "f" (func))', 2), {"lib": text.format("", 1)})
        guest.call("f")
        return order

    assert same(use) == [1, 2]


def test_wasi_works_in_a_start_function_and_embedders_are_told_that_it_is_one() -> None:
    def use(world: World) -> object:
        @world.function("env")
        def look(caller: Caller, way: int) -> None:
            if way:
                caller.read(0, 5) if way == 1 else caller.call("f")

        text = f"""(module (import "env" "look" (func $look (param i32))) {imported("random_get")} (memory (export "memory") 1)
          (func $s (drop (call $random_get (i32.const 8) (i32.const 8))) (call $look (i32.const WAY))) (start $s)
          (func (export "f") (result i64) (i64.load (i32.const 8))))"""
        def run(way: str) -> Any:
            return instance(world, text.replace("WAY", way)).call("f")

        return [told(partial(run, way)) for way in "012"]

    number, *refused = same(use)
    assert number and all("start function runs" in text for _, text in refused)


def test_what_it_exports() -> None:
    engine = X86Engine(EngineConfig())
    store = engine.store(StoreLimits())
    text = """(module (func (export "f")) (memory (export "m") 1) (table (export "t") 1 funcref)
      (global (export "g") i32 (i32.const 1)) (tag (export "e") (param i32)))"""
    made = store.instantiate(engine.compile(wat(text)), {})
    kinds = {"f": Function, "m": LinearMemory, "t": Table, "g": Global, "e": Tag}
    for name, kind in kinds.items():
        assert isinstance(made.get_export(name), kind) and made.get_export(name) is made.get_export(name)
    assert made.get_export("x") is None
    with pytest.raises(KeyError):
        made.start_call("x")
    with pytest.raises(BadCall, match="the export 'm' is not a function"):
        made.start_call("m")
    with pytest.raises(BadCall, match="f: the function takes 0 arguments, not 1"):
        made.start_call("f", (1,))
    with pytest.raises(Trap, match="exports no memory named 'memory'"):
        made.memory()
    assert len(made.memory(0, b"m")) == 65536
    with pytest.raises(EngineError, match="never escapes: its image is damaged"):
        made.func_ref(9)
    store.close()


def test_an_image_without_a_function_is_damaged() -> None:
    engine = X86Engine(EngineConfig())
    module = engine.compile(wat('(module (func (export "f")))'))
    del module.image.functions[0]
    store = engine.store(StoreLimits())
    with pytest.raises(EngineError, match="has no code of function 0: it is damaged"):
        store.instantiate(module, {})
    store.close()


def test_a_module_of_nothing_but_a_memory() -> None:
    """Its image has no code."""
    library = '(module (memory (export "m") 1 2))'
    text = f"""(module {imported("random_get")} (import "lib" "m" (memory 1)) (export "memory" (memory 0))
      (func (export "fill") (result i32) (call $random_get (i32.const 0) (i32.const 8))))"""

    def use(world: World) -> object:
        guest = instance(world, text, {"lib": library})
        return guest.call("fill"), guest.read(0, 8)

    assert same(use) != (0, bytes(8))
    assert live("(module)", engine="x86")


def test_the_same_function_through_several_modules() -> None:
    """A host function that a library hands on, and an export that is imported and exported again."""

    def use(world: World) -> object:
        @world.function("env")
        def double(number: int) -> int:
            return 2 * number

        first = """(module (import "env" "double" (func $d (param i32) (result i32))) (export "double" (func $d))
          (func (export "inc") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))"""
        text = """(module (import "lib" "double" (func $d (param i32) (result i32)))
          (import "lib" "inc" (func $i (param i32) (result i32))) (table funcref (elem $d $i)) (export "inc" (func $i))
          (func (export "f") (param i32) (result i32)
            (call_indirect (param i32) (result i32) (call $i (local.get 0)) (i32.const 0)))
          (func (export "g") (param i32) (result i32)
            (call_indirect (param i32) (result i32) (call $d (local.get 0)) (i32.const 1))))"""
        guest = instance(world, text, {"lib": first})
        return guest.call("f", 20), guest.call("g", 20), guest.call("inc", 1)

    assert same(use) == (42, 41, 2)


def test_growth_between_calls_and_within_nested_ones() -> None:
    def use(world: World) -> object:
        @world.function("env")
        def grow(caller: Caller, pages: int) -> int:
            return int(caller.call("more", pages))

        text = f"""(module {imported("random_get")} (import "env" "grow" (func $grow (param i32) (result i32)))
          (memory (export "memory") 1 200) (func (export "more") (param i32) (result i32) (memory.grow (local.get 0)))
          (func (export "fill") (param i32) (result i32) (call $random_get (local.get 0) (i32.const 8)))
          (func (export "nested") (param i32) (result i32) (drop (call $random_get (i32.const 0) (i32.const 8)))
            (drop (call $grow (i32.const 50))) (call $random_get (local.get 0) (i32.const 8))))"""
        guest = instance(world, text)
        page = 65536
        made = [("fill", page), ("more", 1), ("fill", page), ("nested", 51 * page), ("fill", 52 * page), ("fill", 52 * page)]
        return [told(partial(guest.call, *each)) for each in made]

    found: Any = same(use)
    assert found[1:4] == [1, 0, 0] and "out of bounds" in found[4][0] and found[5] == found[4]


def test_features_that_it_does_not_have() -> None:
    with pytest.raises(Exception, match="x86 engine doesn't have WebAssembly's feature"):
        live("(module (memory i64 1))", engine="x86")


def test_a_guest_that_is_too_much_for_its_limits() -> None:
    with pytest.raises(LinkError, match="allow more"), World(engine="x86", max_memory=65536) as world:
        instance(world, "(module (memory 2))")
