"""The guest has a wrapper for each function, and the memory where WASI looks for it."""

from __future__ import annotations

from agave_wasi.binary.outline import outline
from conformance.fuzz.guest import wasm
from conformance.fuzz.layout import functions


def test_every_function_goes_in_and_comes_out() -> None:
    found = outline(wasm())
    assert {item.name for item in found.imports} == functions().keys()
    assert {item.name for item in found.exports if item.kind == "func"} == functions().keys()
    assert [item.name for item in found.exports if item.kind == "memory"] == ["memory"]
