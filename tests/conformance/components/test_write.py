"""The writer: what is decoded and written is the same when it is decoded again, and indices are moved everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.component import model
from agave_wasi.component.binary import decode
from agave_wasi.component.validate import validate
from agave_wasi.engines.capi import to_wasm
from conformance.components.write import PREAMBLE, Unwritable, Writer, assemble, encode
from conformance.suites.cases import SUITES

EVERYTHING = """(component
  (type $r (record (field "a" u8) (field "b" string)))
  (type $v (variant (case "x") (case "y" $r) (case "z" f64)))
  (type (list $v)) (type $l (list u8)) (type (list u8 4))
  (type (tuple s8 s16 s32 s64 u16 u32 u64 f32 char bool)) (type (flags "p" "q"))
  (type (enum "m" "n")) (type (option $r)) (type (result)) (type (result $r (error string)))
  (import "i" (instance $i
    (export "res" (type $res (sub resource)))
    (type $own (own $res))
    (export "[constructor]res" (func (result $own)))
    (export "[method]res.f" (func (param "self" (borrow $res)) (param "x" (list u8)) (result string)))))
  (import "g" (func $g (param "a" u32) (result u32)))
  (alias export $i "res" (type $res))
  (core module $M
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
    (func (export "run") (param i32) (result i32) local.get 0)
    (func (export "post") (param i32)))
  (core instance $m (instantiate $M))
  (alias core export $m "memory" (core memory $mem))
  (alias core export $m "realloc" (core func $realloc))
  (alias core export $m "run" (core func $run))
  (alias core export $m "post" (core func $post))
  (core func $lowered (canon lower (func $i "[method]res.f") (memory $mem)
    (realloc (core func $realloc)) string-encoding=utf16))
  (core func $drop (canon resource.drop $res))
  (core instance (export "f" (func $lowered)) (export "d" (func $drop)) (export "m" (memory $mem)))
  (type $mine (resource (rep i32) (dtor (core func $post))))
  (core func (canon resource.new $mine)) (core func (canon resource.rep $mine))
  (func $up (param "a" u32) (result u32) (canon lift (core func $run)))
  (component $C
    (alias outer 1 $l (type $outer))
    (import "f" (func $f (param "a" u32) (result u32)))
    (type $c (component (alias outer 2 $l (type $far)) (import "t" (func (param "a" $far))) (export "u" (func))))
    (export "f" (func $f)))
  (instance $c (instantiate $C (with "f" (func $up))))
  (instance $bundle (export "a" (func $up)))
  (core type (func (param i32 i64) (result f32)))
  (export "all" (instance $bundle))
  (export "f" (func $c "f")))"""


def plain(item: Any) -> Any:
    """Definitions without their offsets."""
    if isinstance(item, model.Component):
        return [plain(each) for each in item.definitions], [(each.name, bytes(each.data)) for each in item.customs]
    if isinstance(item, memoryview):
        return bytes(item)
    if isinstance(item, tuple) and hasattr(item, "_fields"):
        return type(item).__name__, *(plain(value) for name, value in zip(item._fields, item) if name != "offset")
    return tuple(map(plain, item)) if isinstance(item, tuple | list) else item


def test_all_kinds_of_definitions_come_back() -> None:
    component = decode(to_wasm(EVERYTHING.encode()))
    validate(component)
    assert plain(decode(encode(component))) == plain(component)


def test_components_of_the_suite_come_back() -> None:
    folder = next(each for each in (SUITES[0].parent / "preview2",) if each.is_dir())
    paths = sorted(folder.glob("*.wasm"))[::9]
    assert len(paths) > 20
    for path in paths:
        component = decode(path.read_bytes())
        assert plain(decode(encode(component))) == plain(component)


def test_every_index_is_moved() -> None:
    """Each definition of the outermost component stands behind others of its sort, and the component is valid as before."""
    component = decode(to_wasm(EVERYTHING.encode()))
    more = decode(to_wasm(b"""(component
      (type u8) (core module) (core instance (instantiate 0)) (import "x0" (instance)) (import "x1" (func))
      (core module $M (memory (export "m") 1) (func (export "f"))) (core instance $m (instantiate $M))
      (core type (func)) (component)
      (alias core export $m "m" (core memory)) (alias core export $m "f" (core func)))"""))
    new, counts = Writer(), {"core module": 2, "core instance": 2, "type": 3}  # the imports have types of their own

    def moved(sort: str, index: int) -> int:
        return index + counts.get(sort, 1)

    old = Writer(moved)
    both = assemble([*map(new.definition, more.definitions), *map(old.definition, component.definitions)])
    validate(decode(both))
    head, body = len(more.definitions), decode(both).definitions
    assert len(body) == head + len(component.definitions)
    lower = next(each for each in body if isinstance(each, model.CanonLower))
    before = next(each for each in component.definitions if isinstance(each, model.CanonLower))
    assert lower.options.memory == (before.options.memory or 0) + 1 and lower.function == before.function + 1


def test_an_empty_component() -> None:
    assert encode(model.Component([], [], 0)) == PREAMBLE


def test_what_is_not_known_is_said() -> None:
    with pytest.raises(Unwritable, match="core type of the kind module"):
        encode(decode(to_wasm(b"(component (core type (module)))")))
    with pytest.raises(Unwritable, match=r"stream\.new"):
        encode(model.Component([model.CanonBuiltin(0, "stream.new", (0,))], [], 0))
