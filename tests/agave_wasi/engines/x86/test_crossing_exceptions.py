"""Exceptions between the core modules of a component, and at a component's edge, on both engines alike."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from agave_wasi import World
from tests.agave_wasi.engines.x86.both import same, told

LIBRARY = """(core module $library
    (tag $e (export "e") (param i32)) (tag $f (param i32))
    (func (export "throw") (param i32) (throw $e (local.get 0)))
    (func (export "other") (param i32) (throw $f (local.get 0))))"""
USER = """(core module $user
    (import "library" "e" (tag $e (param i32))) (import "library" "throw" (func $throw (param i32)))
    (import "library" "other" (func $other (param i32)))
    (memory (export "memory") 1) (global $at (mut i32) (i32.const 1024))
    (func $go (param $n i32)
      (if (i32.and (local.get $n) (i32.const 1)) (then (call $throw (local.get $n))) (else (call $other (local.get $n)))))
    (func (export "caught") (param i32) (result i32)
      (block $h (result i32) (return (try_table (result i32) (catch $e $h) (call $go (local.get 0)) (i32.const 1))))
      (i32.add (i32.const 100)))
    (func (export "any") (param i32) (result i32)
      (block $h (return (try_table (result i32) (catch_all $h) (call $go (local.get 0)) (i32.const 1))))
      (i32.const 200))
    (func (export "uncaught") (param i32) (result i32) (call $go (local.get 0)) (i32.const 1))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (if (i32.gt_u (local.get 3) (i32.const 8)) (then (call $go (local.get 3))))
      (global.get $at) (global.set $at (i32.add (global.get $at) (i32.const 64))))
    (func (export "length") (param i32 i32) (result i32) (local.get 1))
    (func (export "post") (param i32) (if (i32.gt_u (local.get 0) (i32.const 5)) (then (call $go (local.get 0))))))"""
THROWING = f"""(component {LIBRARY} {USER}
  (core instance $library (instantiate $library))
  (core instance $user (instantiate $user (with "library" (instance $library))))
  (func $caught (param "n" u32) (result u32) (canon lift (core func $user "caught")))
  (func $any (param "n" u32) (result u32) (canon lift (core func $user "any")))
  (func $uncaught (param "n" u32) (result u32) (canon lift (core func $user "uncaught")))
  (func $length (param "s" string) (result u32) (canon lift (core func $user "length")
    (memory (core memory $user "memory")) (realloc (core func $user "realloc")) (post-return (core func $user "post"))))
  (export "caught" (func $caught)) (export "any" (func $any)) (export "uncaught" (func $uncaught))
  (export "length" (func $length)))"""
UNCAUGHT = "thrown Wasm exception"


@pytest.mark.parametrize(("name", "argument", "wanted"), [
    ("caught", 3, 103), ("caught", 4, UNCAUGHT), ("any", 3, 200), ("any", 4, 200), ("uncaught", 3, UNCAUGHT),
    ("length", "abc", 3), ("length", "in realloc", UNCAUGHT), ("length", "in post", UNCAUGHT),
])  # fmt: skip
def test_core_modules_of_a_component_throw_through_each_other(name: str, argument: Any, wanted: Any) -> None:
    def use(world: World) -> object:
        live = world.instantiate(THROWING.encode())
        return told(partial(live.exports[name], argument)), told(partial(live.exports["caught"], 5))

    first, second = same(use)
    if wanted == UNCAUGHT:
        assert first[0] == UNCAUGHT and second[0].startswith("caught: cannot enter component instance")
    else:
        assert (first, second) == (wanted, 105)


BETWEEN = f"""(component
  (component $thrower {LIBRARY}
    (core module $swap (import "library" "throw" (func $throw (param i32)))
      (func (export "run") (param i32) (result i32) (call $throw (local.get 0)) (i32.const 1)))
    (core instance $library (instantiate $library))
    (core instance $swap (instantiate $swap (with "library" (instance $library))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $swap "run"))))
  (component $catcher
    (import "run" (func $run (param "n" u32) (result u32)))
    (core func $run (canon lower (func $run)))
    (core module $main (import "host" "run" (func $run (param i32) (result i32)))
      (func (export "go") (param i32) (result i32)
        (block $h (return (try_table (result i32) (catch_all $h) (call $run (local.get 0))))) (i32.const 7)))
    (core instance $main (instantiate $main (with "host" (instance (export "run" (func $run))))))
    (func (export "go") (param "n" u32) (result u32) (canon lift (core func $main "go"))))
  (instance $thrower (instantiate $thrower))
  (instance $catcher (instantiate $catcher (with "run" (func $thrower "run"))))
  (export "go" (func $catcher "go")))"""


def test_an_exception_does_not_leave_its_component() -> None:
    def use(world: World) -> object:
        live = world.instantiate(BETWEEN.encode())
        return told(partial(live.exports["go"], 5)), told(partial(live.exports["go"], 5))

    first, second = same(use)
    assert first[0] == "run: the callee threw an exception, which can't leave its component"
    assert "cannot enter component instance" in second[0]


MANY = """(component
  (import "wasi:cli/environment@0.2.0" (instance $env (export "get-arguments" (func (result (list string))))))
  (core module $memory (memory (export "memory") 4) (tag $e (param i32)) (global $at (mut i32) (i32.const 1024))
    (func $once (param i32) (result i32)
      (block $h (result i32) (try_table (catch $e $h) (throw $e (local.get 0))) unreachable))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $n i32)
      (local.set $n (i32.const 3000))
      (loop $more (drop (call $once (local.get $n))) (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (global.get $at) (global.set $at (i32.add (global.get $at) (i32.const 64)))))
  (core instance $memory (instantiate $memory))
  (core func $args (canon lower (func $env "get-arguments")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core module $main (import "env" "args" (func $args (param i32)))
    (func (export "run") (result i32) (call $args (i32.const 16)) (i32.const 7)))
  (core instance $main (instantiate $main (with "env" (instance (export "args" (func $args))))))
  (func $run (result u32) (canon lift (core func $main "run")))
  (export "go" (func $run)))"""


def test_garbage_is_collected_while_the_host_calls_realloc() -> None:
    assert same(lambda world: world.instantiate(MANY.encode(), ["a", "b"]).exports["go"]()) == 7
