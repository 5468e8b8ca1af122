"""Components' text: it assembles and is valid for wasmtime, and imports what is asked for and nothing else."""

from __future__ import annotations

import re

import pytest

from agave_wasi.engines.capi import to_wasm
from agave_wasi.witparse import model
from agave_wasi.witparse import types as t
from conformance.components.text import DROP, Imports, component, core_type, definitions, shown
from conformance.components.wasi import interfaces

EMPTY = "  (core module $main)"


def imported(imports: Imports) -> dict[str, list[str]]:
    """What a component imports: interface and names."""
    found: dict[str, list[str]] = {}
    for line in imports.lines():
        if name := re.match(r'  \(import "(.+?)"', line):
            found[name[1]] = []
        elif name := re.match(r'    \(export "(.+?)"', line):
            found[list(found)[-1]].append(name[1])
    return found


def test_only_what_a_function_needs_is_imported() -> None:
    imports = Imports(interfaces())
    imports.want("wasi:clocks/monotonic-clock@0.2.12", "subscribe-duration")
    assert imported(imports) == {
        "wasi:io/poll@0.2.12": ["pollable"],
        "wasi:clocks/monotonic-clock@0.2.12": ["pollable", "subscribe-duration"],
    }


def test_types_come_before_those_that_are_made_of_them() -> None:
    imports = Imports(interfaces())
    imports.want("wasi:filesystem/types@0.2.12", "[method]descriptor.stat")
    names = imported(imports)
    assert names["wasi:clocks/wall-clock@0.2.12"] == ["datetime"]
    types = names["wasi:filesystem/types@0.2.12"]
    assert types.index("datetime") < types.index("descriptor-stat") < types.index("[method]descriptor.stat")


def test_all_of_wasi_is_a_valid_component() -> None:
    wasmtime = pytest.importorskip("wasmtime")
    wasmtime_component = pytest.importorskip("wasmtime.component")
    imports = Imports(interfaces())
    for interface in interfaces():
        for name in [*interface.functions, *(DROP + each for each in interface.resources)]:
            imports.want(interface.id, name)
    wasmtime_component.Component(wasmtime.Engine(), to_wasm(component(imports, EMPTY, ()).encode()))


def test_what_there_is_not_is_no_import() -> None:
    with pytest.raises(KeyError):
        Imports(interfaces()).want("wasi:io/poll@0.2.12", "wait")


def test_types_as_text() -> None:
    p = t.PRIMITIVES
    file = model.Resource("file", "a:b/c")
    assert shown(t.Result(None, t.List(p["u8"]))) == "(result (error (list u8)))"
    assert shown(t.Tuple((t.Option(p["char"]), t.Own(file)))) == "(tuple (option char) (own $a:b/c#file))"
    assert shown(t.List(p["u8"], 4)) == "(list u8 4)"
    record = model.Record("r", "a:b/c", (model.Case("f", t.Option(file)),))
    assert [each.name for each in definitions(t.List(record))] == ["file", "r"]
    assert core_type(model.Function("f", "function", (model.Case("a", p["u64"]),), p["string"])) == "(param i64 i32)"
