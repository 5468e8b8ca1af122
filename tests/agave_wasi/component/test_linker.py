"""Instantiating components: every kind of definition, and what can't be."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.component import linker
from agave_wasi.engines.base import GuestTrap, LinkError


def live(text: str) -> Any:
    return World().instantiate(text.encode())


CORE = """(core module $m (func (export "f") (result i32) (i32.const 7)) (global (export "g") (mut i32) (i32.const 5))
  (table (export "t") 1 funcref) (memory (export "memory") 1))"""


def test_core_instances_and_bundles() -> None:
    with live(f"""(component {CORE}
      (core instance $a (instantiate $m))
      (core instance $b (export "x" (func $a "f")) (export "g" (global $a "g")) (export "t" (table $a "t"))
        (export "memory" (memory $a "memory")))
      (core module $n (import "e" "x" (func $x (result i32))) (import "e" "g" (global $g (mut i32)))
        (import "e" "t" (table 1 funcref)) (import "e" "memory" (memory 1))
        (func (export "sum") (result i32) (i32.add (call $x) (global.get $g))))
      (core instance $c (instantiate $n (with "e" (instance $b))))
      (func (export "sum") (result u32) (canon lift (core func $c "sum"))))""") as component:
        assert component.exports["sum"]() == 12


def test_each_instance_has_its_own_state() -> None:
    counter = """(component $c
      (core module $m (global $n (mut i32) (i32.const 0))
        (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))
      (core instance $i (instantiate $m))
      (func (export "next") (result u32) (canon lift (core func $i "next"))))"""
    with live(f"""(component {counter} (instance $a (instantiate $c)) (instance $b (instantiate $c))
      (export "a" (func $a "next")) (export "b" (func $b "next")))""") as component:
        assert [component.exports["a"](), component.exports["a"](), component.exports["b"]()] == [1, 2, 1]


def test_outer_aliases_reach_modules_types_and_components() -> None:
    with live(f"""(component $top {CORE}
      (type $number u32)
      (component $leaf (core instance $i (instantiate $m)) (alias outer $top $number (type $n))
        (func (export "f") (result $n) (canon lift (core func $i "f"))))
      (component $middle (alias outer $top $leaf (component $l)) (instance $i (instantiate $l)) (export "f" (func $i "f")))
      (instance $i (instantiate $middle))
      (export "f" (func $i "f")))""") as component:
        assert component.exports["f"]() == 7


def test_instances_are_bundles_too() -> None:
    with live(f"""(component {CORE}
      (core instance $i (instantiate $m))
      (func $f (result u32) (canon lift (core func $i "f")))
      (instance $inner (export "f" (func $f)))
      (instance $outer (export "inner" (instance $inner)))
      (alias export $outer "inner" (instance $again))
      (export "a:b/c" (instance $again)))""") as component:
        assert component.exports["a:b/c"].f() == 7


def test_a_component_can_be_an_argument() -> None:
    with live(f"""(component
      (component $give {CORE} (core instance $i (instantiate $m))
        (func (export "f") (result u32) (canon lift (core func $i "f"))))
      (component $take (import "c" (component $c (export "f" (func (result u32)))))
        (instance $i (instantiate $c)) (export "f" (func $i "f")))
      (instance $i (instantiate $take (with "c" (component $give))))
      (export "f" (func $i "f")))""") as component:
        assert component.exports["f"]() == 7


def test_a_core_start_function_runs() -> None:
    with live("""(component
      (core module $m (global $n (mut i32) (i32.const 0)) (func $s (global.set $n (i32.const 9))) (start $s)
        (func (export "f") (result i32) (global.get $n)))
      (core instance $i (instantiate $m))
      (func (export "f") (result u32) (canon lift (core func $i "f"))))""") as component:
        assert component.exports["f"]() == 9


def test_nothing_runs_while_something_is_missing() -> None:
    with pytest.raises(LinkError, match="nobody:has/it"):
        live("""(component
          (import "nobody:has/it" (instance (export "f" (func))))
          (core module $m (func $s unreachable) (start $s))
          (core instance (instantiate $m)))""")


def test_a_module_or_component_cannot_come_from_outside() -> None:
    for what in ("core module $m", "component $c"):
        with pytest.raises(LinkError, match=f"a {what.rpartition(' ')[0]} can't be imported from outside"):
            live(f'(component (import "x" ({what})))')


def test_functions_of_the_root() -> None:
    with pytest.raises(LinkError, match=r"--link go=FILE\.wasm"):
        live('(component (import "go" (func)))')


def nested(levels: int) -> bytes:
    """A component whose innermost one is instantiated 2 to the power of `levels` times."""
    text = "(component $c0 (type u8))"
    for level in range(1, levels + 1):
        each = f"(alias outer 1 $c{level - 1} (component $x)) (instance (instantiate $x)) (instance (instantiate $x))"
        text += f"(component $c{level} {each})"
    return f"(component {text} (instance (instantiate $c{levels})))".encode()


@pytest.mark.parametrize(("limit", "levels"), [("MAX_INSTANCES", 4), ("MAX_STEPS", 3)])
def test_few_bytes_cannot_ask_for_many_instances(monkeypatch: pytest.MonkeyPatch, limit: str, levels: int) -> None:
    monkeypatch.setattr(linker, limit, 31)
    World().instantiate(nested(levels - 1)).close()
    with pytest.raises(LinkError, match=r"more than .* component instances, or for more than .* definitions"):
        World().instantiate(nested(levels))


def test_a_resource_without_a_name_is_called_one() -> None:
    text = """(component (type $r (resource (rep i32))) (core func $drop (canon resource.drop $r))
      (core module $m (import "h" "drop" (func $drop (param i32))) (func (export "f") (call $drop (i32.const 9))))
      (core instance $i (instantiate $m (with "h" (instance (export "drop" (func $drop))))))
      (func (export "f") (canon lift (core func $i "f"))))"""
    with live(text) as component, pytest.raises(GuestTrap, match=r"resource\.drop resource: unknown handle 9"):
        component.exports["f"]()


RESOURCE = """(component
  (core module $m (memory (export "memory") 1) (global $dropped (mut i32) (i32.const 0))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
    (func (export "dtor") (param i32) (global.set $dropped (local.get 0)))
    (func (export "dropped") (result i32) (global.get $dropped))
    (func (export "length") (param i32 i32) (result i32) (local.get 1)))
  (core instance $i (instantiate $m))
  (type $r (resource (rep i32) (dtor (core func $i "dtor"))))
  (core func $new (canon resource.new $r))
  (core module $n (import "h" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0))))
  (core instance $j (instantiate $n (with "h" (instance (export "new" (func $new))))))
  (func $make (param "rep" u32) (result (own $r)) (canon lift (core func $j "make")))
  (func $dropped (result u32) (canon lift (core func $i "dropped")))
  (func (export "length") (param "text" string) (result u32)
    (canon lift (core func $i "length") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (component $c (import "r" (type $r (sub resource))) (import "make" (func $make (param "rep" u32) (result (own $r))))
    (import "dropped" (func $dropped (result u32)))
    (export $s "r" (type $r)) (export "make" (func $make) (func (param "rep" u32) (result (own $s))))
    (export "dropped" (func $dropped)))
  (instance $e (instantiate $c (with "r" (type $r)) (with "make" (func $make)) (with "dropped" (func $dropped))))
  (export "a:b/c" (instance $e)))"""


def test_the_host_drops_what_a_guest_has_given_it() -> None:
    with live(RESOURCE) as component:
        exports = component.exports["a:b/c"]
        made = exports.make(77)
        assert exports.dropped() == 0
        made.drop()
        assert exports.dropped() == 77


def test_values_of_the_host_lie_where_realloc_says() -> None:
    with live(RESOURCE) as component:
        assert component.exports["length"]("four") == 4
