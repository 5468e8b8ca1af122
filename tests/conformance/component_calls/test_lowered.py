"""What a component lowers, with names and types, without running anything of it."""

from __future__ import annotations

import pytest

from agave_wasi.component.binary import decode
from agave_wasi.engines.base import LinkError
from agave_wasi.engines.capi import to_wasm
from conformance.component_calls.lowered import lowered, within
from tests.conformance.component_calls.guests import FILES

NESTED = b"""(component
  (import "f" (func $f (param "a" u32)))
  (component $C (import "f" (func $f (param "a" u32))) (core func (canon lower (func $f)))
    (component (import "g" (func $g)) (core func (canon lower (func $g)))))
  (core func (canon lower (func $f)))
  (instance (instantiate $C (with "f" (func $f)))))"""


def test_functions_and_drops_in_order() -> None:
    component = decode(FILES)
    found = lowered(component)
    assert [each.place for each in found] == sorted(each.place for each in found)
    by_name = {each.name.partition("#")[2] or each.name: each for each in found}
    unlink = by_name["[method]descriptor.unlink-file-at"]
    assert (unlink.parameters, unlink.results) == ("iiii", "") and unlink.plan is not None
    drop = by_name["resource.drop descriptor"]
    assert (drop.parameters, drop.resource, drop.plan) == ("i", "descriptor", None)
    assert by_name["get-stdout"].results == "i"


def test_components_within_are_counted_and_their_functions_are_not_there() -> None:
    component = decode(to_wasm(NESTED))
    assert [each.name for each in lowered(component)] == ["f"]
    assert within(component) == 2


def test_what_calls_another_component_is_no_call_of_the_host() -> None:
    text = b"""(component
      (core module $M (func (export "f")))
      (core instance $m (instantiate $M))
      (func $f (canon lift (core func $m "f")))
      (core func (canon lower (func $f))))"""
    assert lowered(decode(to_wasm(text))) == []


def test_preview_3_is_refused() -> None:
    with pytest.raises(LinkError, match="Preview 3"):
        lowered(decode(to_wasm(b"(component (core func (canon waitable-set.new)))")))
