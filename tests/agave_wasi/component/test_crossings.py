"""Adapters with their imports filled in, in components that are nested in one another."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.engines.base import GuestTrap
from tests.agave_wasi.component.examples import CALC, USER

SAME_CALL = """(component
  (component $callee
    (core module $m (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
    (core instance $i (instantiate $m))
    (func (export "f") (param "a" u8) (result u8) (canon lift (core func $i "f"))))
  (component $caller
    (import "f" (func $f (param "a" u8) (result u8)))
    (core func $low (canon lower (func $f)))
    (core module $m (import "" "f" (func $f (param i32) (result i32)))
      (func (export "g") (param i32) (result i32) (call $f (local.get 0))))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $low))))))
    (func (export "g") (param "a" u8) (result u8) (canon lift (core func $i "g"))))
  (instance $a (instantiate $callee))
  (instance $b (instantiate $caller (with "f" (func $a "f"))))
  (export "g" (func $b "g")))"""


def test_nested_components_call_each_other() -> None:
    with World().instantiate(SAME_CALL.encode()) as live:
        assert [live.exports["g"](each) for each in (0, 41, 254)] == [1, 42, 255]


def test_a_value_that_does_not_fit_is_cut_as_the_abi_has_it() -> None:
    with World().instantiate(SAME_CALL.encode()) as live:
        assert live.exports["g"](255) == 0


def test_nothing_of_python_is_below_a_guest_that_is_called() -> None:
    """A chain of calls through components has the frames of both guests in one trap."""
    text = SAME_CALL.replace("(i32.add (local.get 0) (i32.const 1))", "unreachable")
    with World().instantiate(text.encode()) as live, pytest.raises(GuestTrap) as error:
        live.exports["g"](1)
    assert len(error.value.frames) >= 3


def test_a_destructor_runs_where_the_resource_was_made() -> None:
    with World().instantiate(USER, libraries={"local:calc/ops": CALC}) as live:
        assert [live.exports["life"]() for _ in range(3)] == [77077] * 3


INSIDE = """(component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result u64)))))
  (core func $now (canon lower (func $clock "now")))
  (component $inner
    (import "now" (func $now (result u64)))
    (core func $low (canon lower (func $now)))
    (core module $m (import "" "now" (func $now (result i64))) (func (export "f") (result i64) (call $now)))
    (core instance $i (instantiate $m (with "" (instance (export "now" (func $low))))))
    (func (export "f") (result u64) (canon lift (core func $i "f"))))
  (instance $a (instantiate $inner (with "now" (func $clock "now"))))
  (export "f" (func $a "f")))"""


def test_host_functions_reach_nested_components() -> None:
    with World().instantiate(INSIDE.encode()) as live:
        moments: list[Any] = [live.exports["f"]() for _ in range(3)]
        assert moments == sorted(set(moments))
