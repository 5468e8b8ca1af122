"""What the tests of profiles share: a run that is profiled, and a program in which every kind of call happens."""

from __future__ import annotations

from typing import Any

from agave_wasi import World
from agave_wasi.functions import Caller
from agave_wasi.profiling.places import Places
from agave_wasi.profiling.profiler import Profiler
from agave_wasi.streams import standard_streams
from tests.agave_wasi.guests import modelled

FIB = """(module (func $fib (export "fib") (param i32) (result i32)
  (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0)) (else (i32.add
    (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"""
CALLS = """(module
  (import "host" "again" (func $again (param i32))) (import "host" "fail" (func $fail))
  (type $step (func (param i32) (result i32)))
  (table funcref (elem $leaf $even))
  (func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $even (param i32) (result i32) (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1))
    (else (return_call $odd (i32.sub (local.get 0) (i32.const 1))))))
  (func $odd (param i32) (result i32) (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
    (else (return_call_indirect (type $step) (i32.sub (local.get 0) (i32.const 1)) (i32.const 1)))))
  (func $switch (param i32) (result i32)
    (block $a (block $b (block $c (block $d (br_table $a $b $c $d (local.get 0))) (return (i32.const 4)))
      (return (i32.const 3))) (return (i32.const 2))) (i32.const 1))
  (func (export "inner") (param i32) (drop (call $leaf (i32.const 1)))
    (if (i32.eqz (local.get 0)) (then (call $fail))))
  (func $main (export "main")
    (drop (call_indirect (type $step) (i32.const 1) (i32.const 0)))
    (drop (call $even (i32.const 10)))
    (drop (call $leaf (i32.const 1)))
    (drop (call $switch (i32.const 2)))
    (call $again (i32.const 1)) (call $again (i32.const 0))
    (drop (call $leaf (i32.const 1)))))"""
"""Indirect calls, tail calls both ways, a table of jumps, calls within a host function, one of which fails."""


def profiled(wasm: str | bytes, *arguments: int, name: str = "", world: World | None = None) -> tuple[Profiler, Any]:
    """A profile of a module's text or of a file, and the result."""
    world = world or World(engine="x86")
    program = world.load(wasm.encode() if isinstance(wasm, str) and wasm.startswith("(") else wasm)
    guest = world.start(["program"], *standard_streams(b"", None, None, False))
    try:
        profiler = Profiler(Places(modelled(guest.store)))
        result = world.run_guest(guest, program, None, (name, arguments) if name else None)
        profiler.finish()
    finally:
        guest.close()
    return profiler, result


def calling() -> World:
    """A world with the host function that calls back, and one that fails, which it forgives."""
    world = World(engine="x86")

    @world.function("host")
    def again(caller: Caller, number: int) -> None:
        try:
            caller.call("inner", number)
        except LookupError:
            assert number == 0

    @world.function("host")
    def fail() -> None:
        raise LookupError

    return world
