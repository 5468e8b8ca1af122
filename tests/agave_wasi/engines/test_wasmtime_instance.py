"""Instances: values of every type in and out, calls that don't fit, memory that grows."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from agave_wasi import GuestTrap, World
from agave_wasi.engines.base import BadCall, Interrupted
from agave_wasi.engines.wasmtime_engine import MAX_DEPTH
from agave_wasi.functions import Caller
from tests.agave_wasi.guests import imported, live, wat


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
        ("i", (1 << 32,), "doesn't fit a i32"), ("i", (-(1 << 31) - 1,), "doesn't fit a i32"),
        ("i", (1.5,), "doesn't fit a i32"), ("i", ("1",), "doesn't fit a i32"),
        ("F", ("x",), "doesn't fit an f64"), ("F", (10**400,), "doesn't fit an f64"), ("v", (1,), "can't be given"),
        ("r", (), "can't be taken out"), ("m", (), "is not a function"),
    ],
)  # fmt: skip
def test_calls_that_do_not_fit(name: str, arguments: tuple[Any, ...], why: str) -> None:
    guest = live("""(module (memory (export "m") 1) (func (export "i") (param i32)) (func (export "F") (param f64))
      (func (export "v") (param v128)) (func (export "r") (result externref) (ref.null extern)))""")
    with pytest.raises(BadCall, match=why):
        guest.call(name, *arguments)


def test_memory_64() -> None:
    text = '(module (memory (export "memory") i64 1) (func (export "get") (result i32) (i32.load8_u (i64.const 5))))'
    guest = live(text)
    with pytest.raises(Exception, match="64-bit addresses"):
        guest.read(0, 1)
    assert guest.call("get") == 0
    text = f"""(module {imported("random_get")} (memory (export "memory") i64 1)
      (func (export "_start") (drop (call $random_get (i32.const 0) (i32.const 8)))))"""
    assert "64-bit addresses" in World().run(wat(text)).message


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


NESTED = """(module
  (import "env" "again" (func $again (param i32))) (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (tag $e (param i32)) (memory (export "memory") 1)
  (func $throw (param i32) (result i32)
    (block $h (result i32) (try_table (catch $e $h) (throw $e (local.get 0))) unreachable))
  (func $many (param i32) (loop $more (drop (call $throw (local.get 0)))
    (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "wait") (i64.store (i32.const 24) (i64.const 1000))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))
  (func (export "throws") (param i32) (throw $e (local.get 0)))
  (func (export "go") (param i32) (call $many (i32.const 3000)) (call $again (local.get 0)) (call $many (i32.const 3000))))"""
"""It makes garbage before, within and behind calls that its host function makes."""


def test_garbage_is_collected_within_calls_of_host_functions() -> None:
    depths: list[int] = []
    world = World()

    @world.function("env")
    def again(caller: Caller, number: int) -> None:
        depths.append(number)
        if number:
            caller.call("wait")
            caller.call("go", number - 1)
        else:
            caller.call("throws", 5)

    with world.instantiate(NESTED.encode()) as live:
        with pytest.raises(GuestTrap, match="thrown Wasm exception"):
            live.call("go", 12)
        assert depths == [*range(12, -1, -1)]
        with pytest.raises(RecursionError, match=f"called back into the guest {MAX_DEPTH} times"):
            live.call("go", 2 * MAX_DEPTH)


def test_a_timeout_in_such_a_call_ends_all_of_it() -> None:
    world = World(timeout=0.2)

    @world.function("env")
    def again(caller: Caller) -> None:
        caller.call("loop")

    text = """(module (import "env" "again" (func $again)) (tag (export "e"))
      (func (export "loop") (loop $on (br $on))) (func (export "go") (call $again)))"""
    with pytest.raises(Interrupted), world.instantiate(text.encode()) as live:
        live.call("go")
