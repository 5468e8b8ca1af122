"""WIT types as types of the Component Model."""

from __future__ import annotations

from agave_wasi.component import types
from agave_wasi.component.types import ResourceType
from agave_wasi.component.wit_types import WitTypes
from agave_wasi.witparse import model, wasi
from agave_wasi.witparse import types as wit


def translated(interface: str, name: str) -> str:
    made: dict[tuple[str, str], ResourceType] = {}
    kinds = WitTypes(lambda owner, name: made.setdefault((owner, name), ResourceType(name)))
    found = wasi.interface(interface)
    assert found is not None
    return str(kinds.function(found.functions[name]))


def test_functions_of_wasi() -> None:
    assert translated("wasi:clocks/monotonic-clock@0.2.0", "now") == "func() -> u64"
    assert translated("wasi:filesystem/types@0.2.3", "[method]descriptor.read").startswith(
        "func(self: borrow<descriptor>, length: u64, offset: u64) -> result<tuple<list<u8>, bool>, enum {access, would-block, "
    )
    assert translated("wasi:io/streams@0.2.12", "[method]input-stream.read") == (
        "func(self: borrow<input-stream>, len: u64) -> result<list<u8>, variant {last-operation-failed(own<error>), closed}>"
    )


def test_a_resource_is_the_same_wherever_it_is_used() -> None:
    asked = []

    def resource(owner: str, name: str) -> ResourceType:
        asked.append((owner, name))
        return ResourceType(name)

    kinds = WitTypes(resource)
    streams = wasi.interface("wasi:io/streams@0.2.12")
    assert streams is not None
    kinds.function(streams.functions["[method]input-stream.subscribe"])
    assert asked == [("wasi:io/streams@0.2.12", "input-stream"), ("wasi:io/poll@0.2.12", "pollable")]


def test_every_kind_of_type() -> None:
    u8, text = wit.PRIMITIVES["u8"], wit.PRIMITIVES.get("string", wit.Primitive("string"))
    kinds = WitTypes(lambda owner, name: ResourceType(name))
    record = model.Record("r", "i", (model.Case("a", u8), model.Case("b", wit.Option(text))))
    assert kinds.value(record) == types.Record((("a", types.U8), ("b", types.Option(types.STRING))))
    assert kinds.value(record) is kinds.value(record)
    assert kinds.value(wit.List(u8, 4)) == types.List(types.U8, 4)
    assert kinds.value(wit.Map(text, u8)) == types.Map(types.STRING, types.U8)
    assert kinds.value(wit.Tuple((u8, text))) == types.Tuple((types.U8, types.STRING))
    assert kinds.value(wit.Result(None, u8)) == types.Result(None, types.U8)
    assert kinds.value(wit.Stream(None)) == types.Stream() and kinds.value(wit.Future(u8)) == types.Future(types.U8)
    assert kinds.value(model.Enum("e", "i", ("a", "b"))) == types.Enum(("a", "b"))
    assert kinds.value(model.Flags("f", "i", ("a",))) == types.Flags(("a",))
    variant = model.Variant("v", "i", (model.Case("a", None), model.Case("b", u8)))
    assert kinds.value(variant) == types.Variant((("a", None), ("b", types.U8)))
