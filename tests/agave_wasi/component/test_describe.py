"""A component as plain data."""

from __future__ import annotations

import json
from typing import Any

from agave_wasi.binary.reader import MalformedModule
from agave_wasi.component.binary import decode
from agave_wasi.component.describe import describe, items
from agave_wasi.component.validate import validate
from agave_wasi.component.validate.entities import InstanceType, Item
from tests.agave_wasi.component.texts import assemble

TEXT = """
    (import "wasi:io/poll@0.2.0" (instance $p (export "pollable" (type $r (sub resource)))
      (export "[method]pollable.ready" (func (param "self" (borrow $r)) (result bool)))))
    (alias export $p "[method]pollable.ready" (func $ready)) (core func $ready (canon lower (func $ready)))
    (alias export $p "pollable" (type $pollable)) (core func $drop (canon resource.drop $pollable))
    (core module $one (import "p" "ready" (func (param i32) (result i32))) (memory 1) (func (export "h")))
    (core instance $given (export "ready" (func $ready)))
    (core instance $i (instantiate $one (with "p" (instance $given))))
    (alias core export $i "h" (core func $h)) (func $h (canon lift (core func $h)))
    (component $c (import "f" (func $f)) (export "g" (func $f)))
    (instance $j (instantiate $c (with "f" (func $h))))
    (instance $b (export "k" (func $h)))
    (export "x:y/z" (instance $j))
"""


def described(text: str) -> dict[str, Any]:
    component = decode(assemble(text))
    found = describe(component, validate(component))
    assert json.loads(json.dumps(found)) == found
    return found


def test_everything_that_a_component_is_made_of() -> None:
    found = described(TEXT)
    assert found["kind"] == "component"
    assert found["size"] == len(assemble(TEXT))
    assert found["imports"] == [
        {
            "name": "wasi:io/poll@0.2.0", "kind": "instance", "type": "instance", "items": [
                {"name": "pollable", "kind": "type", "type": "resource"},
                {"name": "[method]pollable.ready", "kind": "func", "type": "func(self: borrow<pollable>) -> bool"},
            ],
        }
    ]  # fmt: skip
    assert found["exports"] == [
        {"name": "x:y/z", "kind": "instance", "type": "instance", "items": [{"name": "g", "kind": "func", "type": "func()"}]}
    ]
    (module,) = found["modules"]
    assert (module["index"], module["imports"], module["exports"], module["memories"]) == (0, {"p": 1}, 1, ["1.. pages"])
    given, made = found["core_instances"]
    assert given == {"index": 0, "module": None, "exports": [{"name": "ready", "sort": "core func", "index": 0}]}
    assert made == {"index": 1, "module": 0, "arguments": [{"name": "p", "core_instance": 0}]}
    inner, bundle = found["instances"]
    assert inner == {"index": 1, "component": 0, "arguments": [{"name": "f", "sort": "func", "index": 1}]}
    assert bundle == {"index": 2, "component": None, "exports": [{"name": "k", "sort": "func", "index": 1}]}
    (nested,) = found["components"]
    assert nested["index"] == 0
    assert nested["imports"] == [{"name": "f", "kind": "func"}]
    assert nested["exports"] == [{"name": "g", "kind": "func"}]
    assert found["functions"] == {"lowered": 1, "of resources": 1, "lifted": 1}


def test_a_module_that_can_not_be_described_says_why() -> None:
    data = bytearray(assemble("(core module (func))"))
    place = data.index(b"\x0a\x04\x01\x02\x00\x0b")
    data[place : place + 6] = b"\x00\x04\x01x\x00\x0b"  # the code section turned into a custom one: bodies are missing
    component = decode(bytes(data))
    (module,) = describe(component, validate(component))["modules"]
    assert "1 functions are declared, 0 have a body" in module["problem"]
    assert issubclass(MalformedModule, ValueError)


def test_items_of_items_have_a_limit() -> None:
    inner = InstanceType({})
    for _ in range(18):
        inner = InstanceType({"a": Item("instance", inner), "b": Item("instance", inner)})
    assert len(json.dumps(items({"i": Item("instance", inner)}))) < 10_000_000
