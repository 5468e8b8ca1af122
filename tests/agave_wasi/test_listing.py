"""Listings: machine code with the offsets, names and traps that belong to it."""

from __future__ import annotations

import pytest

from agave_wasi import World
from agave_wasi.engines.x86.engine import Module
from agave_wasi.listing import Listing, find, name_of, target_name
from tests.agave_wasi.guests import wat

TEXT = """(module (import "host" "call" (func $call (param i32))) (memory 1)
  (func $_ZN3one3twoE (param i32) (result i32) (i32.div_u (i32.load (local.get 0)) (local.get 0)))
  (func $down (export "go") (param i32) (call $call (i32.const 1)) (drop (call $_ZN3one3twoE (local.get 0)))
    (call $down (i32.const 2)) (drop (memory.grow (i32.const 1))))
  (func (export "5")))"""


@pytest.fixture(scope="module")
def module() -> Module:
    compiled = World(engine="x86").load(wat(TEXT)).module
    assert isinstance(compiled, Module)
    return compiled


def test_lines_are_the_code_in_order(module: Module) -> None:
    for index in (1, 2, 3):
        listing = Listing(module, index)
        lines = list(listing.lines())
        assert b"".join(line.code for line in lines) == bytes(module.image.text[listing.start : listing.end])
        assert lines[0].address == listing.start and all(line.text != "(bad)" for line in lines)
        places = [line.wasm for line in lines if line.wasm is not None]
        assert places and all(listing.body[0] <= place < listing.body[1] for place in places)
        for line in lines:
            assert line.wasm is None or module.image.wasm_offset(line.address) == line.wasm
    assert Listing(module, 2).title.startswith("function 2 down: ")


def test_notes_and_sources(module: Module) -> None:
    notes = [line.note for line in Listing(module, 2).lines() if line.note]
    assert notes[:3] == ["one::two", "down", "engine memory_grow"] and {"engine trap", "engine raise"} <= set(notes)
    assert sorted({each for each in _sources(module, 2) if "call" in each}) == [
        "call 0 (; call ;)", "call 1 (; _ZN3one3twoE ;)", "call 2 (; down ;)",
    ]  # fmt: skip
    found = _sources(module, 1)
    assert found[:4] == ["local.get 0", "i32.load align=4", "local.get 0", "i32.div_u"] and found.count("end") == 1
    assert "trap: out of bounds memory access" in [line.note for line in Listing(module, 1).lines()]


def _sources(module: Module, index: int) -> list[str]:
    return [each.text for line in Listing(module, index).lines() for each in line.source]


def test_finding_functions(module: Module) -> None:
    assert find(module, "go") == find(module, "down") == find(module, "2") == [2]
    assert find(module, "one::two") == find(module, "_ZN3one3twoE") == [1]
    assert find(module, "0") == find(module, "9") == find(module, "nothing") == find(module, "") == []
    assert (name_of(module, 1), name_of(module, 3)) == ("one::two", "5")


def test_names_of_glue(module: Module) -> None:
    image = module.image
    assert target_name(module, image.functions[2]) == "down" and target_name(module, 1 << 30) == ""
    assert target_name(module, image.array_to_wasm[2]) == "entry of function 2"
    assert target_name(module, image.builtins["memory_grow"]) == "engine memory_grow"
