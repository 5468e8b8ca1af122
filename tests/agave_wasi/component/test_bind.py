"""Imports from host classes: free functions, resources, versions, types, and what is missing."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from agave_wasi.component.bind import HostSupplier
from agave_wasi.component.host import blocking, constructor, interface, resource, static
from agave_wasi.component.linker import GuestFunc
from agave_wasi.component.types import STRING, U8, U64, Borrow, FuncType, Own, ResourceType
from agave_wasi.engines.base import LinkError
from agave_wasi.preview2 import INTERFACES


@resource("my:own/things@1", "thing")
class Thing:
    def __init__(self, number: int) -> None:
        self.number = number

    @constructor
    @staticmethod
    def constructor(things: Things, number: int) -> Thing:
        return Thing(number + things.base)

    @static
    @staticmethod
    def join_all(things: Things, number: int) -> Thing:
        return Thing(-number)

    @blocking
    def get(self) -> int:
        return self.number


@interface("my:own/things@1", Thing)
class Things:
    base = 100

    def is_there(self, name: str) -> bool:
        return bool(name)

    def failure(self, error: Exception) -> str:
        return str(error)


CLASSES = {"my:own/things@1": Things}
NOTHING = FuncType(())


def supplier(linked: Any = None) -> HostSupplier:
    return HostSupplier((CLASSES, INTERFACES), lambda kind: kind() if kind is Things else kind(None), linked)


def test_functions_are_methods() -> None:
    host = supplier()
    free = host.function("my:own/things@1.0.0", "is-there", FuncType((("name", STRING),), U8))
    assert free.function("x") is True and not free.blocking
    made = host.function("my:own/things@1.0.0", "[constructor]thing", NOTHING)
    thing = made.function(5)
    assert thing.number == 105
    assert host.function("my:own/things@1.0.0", "[static]thing.join-all", NOTHING).function(5).number == -5
    get = host.function("my:own/things@1.0.0", "[method]thing.get", NOTHING)
    assert get.function(thing) == 105 and get.blocking
    assert get.name == "my:own/things@1.0.0#[method]thing.get" and get.failure is not None
    host.require_all()


def test_one_object_a_guest_serves_all_versions() -> None:
    host = supplier()
    assert host.host("my:own/things@1.0.0") is host.host("my:own/things@1.9.0")
    assert supplier().host("my:own/things@1.0.0") is not host.host("my:own/things@1.0.0")
    assert host.host("my:own/things@2.0.0") is None


def test_a_resource_is_one_type_in_all_versions_and_guests() -> None:
    first, second = supplier(), supplier()
    kind = first.resource("my:own/things@1.0.0", "thing")
    assert kind is first.resource("my:own/things@1.7.0", "thing") is second.resource("my:own/things@1.0.0", "thing")
    assert kind.host is Thing and kind.implementer is None
    assert first.resource("wasi:io/poll@0.2.0", "pollable") is second.resource("wasi:io/poll@0.2.12", "pollable")


@pytest.mark.parametrize(
    "name", ["isn-t-there", "failure", "base", "[method]thing.set", "[method]other.get", "[static]thing.get"]
)
def test_what_a_class_lacks_is_missing(name: str) -> None:
    host = supplier()
    host.function("my:own/things@1.0.0", name, NOTHING)
    assert host.missing == [("my:own/things@1.0.0", name)]
    with pytest.raises(LinkError, match=r"my:own/things@1\.0\.0"):
        host.require_all()


def test_unknown_interfaces_and_resources_are_missing() -> None:
    host = supplier()
    host.function("un:known/it@1.0.0", "f", NOTHING)
    first = host.resource("my:own/things@1.0.0", "other")
    assert first is host.resource("my:own/things@1.2.0", "other")
    assert host.missing == [("un:known/it@1.0.0", "f"), ("my:own/things@1.0.0", "other")]


def test_types_are_those_of_the_standard() -> None:
    host = supplier()
    pollable = host.resource("wasi:io/poll@0.2.0", "pollable")
    good = FuncType((("when", U64),), Own(pollable))
    assert host.function("wasi:clocks/monotonic-clock@0.2.0", "subscribe-instant", good).type is good
    for bad in (
        FuncType((("when", U64),), Borrow(pollable)),
        FuncType((("other", U64),), Own(pollable)),
        FuncType((("when", U64),), Own(ResourceType("pollable"))),
        FuncType((("when", STRING),), Own(pollable)),
    ):
        with pytest.raises(LinkError, match="subscribe-instant is imported as"):
            host.function("wasi:clocks/monotonic-clock@0.2.0", "subscribe-instant", bad)


def test_what_is_linked_comes_first() -> None:
    exports = {"f": 1}
    for name in ("my:own/things@1", "my:own/things"):
        assert supplier({name: exports}).instance("my:own/things@1.3.0") is exports
    assert supplier({"my:own/things@2": exports}).instance("my:own/things@1.3.0") is None


def keeping(kept: dict[str, Any], linked: Any = None) -> HostSupplier:
    return HostSupplier((CLASSES,), lambda kind: kind(), linked, kept)


def given(host: HostSupplier) -> dict[str, Any]:
    """The import my:own/things, supplied."""
    free = host.function("my:own/things@1.0.0", "is-there", FuncType((("name", STRING),), U8))
    method = host.function("my:own/things@1.0.0", "[method]thing.get", NOTHING)
    found = {"is-there": free, "[method]thing.get": method, "thing": host.resource("my:own/things@1.0.0", "thing"), "t": U64}
    host.remember("my:own/things@1.0.0", found)
    return found


def test_the_next_guest_is_given_the_same_on_a_host_of_its_own() -> None:
    kept: dict[str, Any] = {}
    first, second = keeping(kept), keeping(kept)
    before, after = given(first), second.again("my:own/things@1.0.0")
    assert list(after) == list(before) and after["thing"] is before["thing"] and after["t"] is U64
    for name in ("is-there", "[method]thing.get"):
        assert after[name].type is before[name].type and after[name].name == before[name].name
        assert after[name].blocking == before[name].blocking
        assert after[name].failure.__self__ is second.host("my:own/things@1.0.0")
    assert after["is-there"].function.__self__ is second.host("my:own/things@1.0.0")
    held = weakref.ref(first.host("my:own/things@1.0.0"))
    del first, before
    gc.collect()
    assert held() is None  # what is kept doesn't hold on to the guest that it was made for


def test_what_is_not_the_same_for_all_is_not_kept() -> None:
    kept: dict[str, Any] = {}
    assert given(keeping(kept, {"other:one/i": {}})) and not kept
    absent = keeping(kept)
    absent.function("my:own/things@1.0.0", "nowhere", NOTHING)
    assert given(absent) and not kept
    nested = keeping(kept)
    nested.remember("my:own/things@1.0.0", {"inner": given(nested)})
    nested.remember("my:own/other", {"f": given(nested)["is-there"]})
    assert list(kept) == ["my:own/things@1.0.0"] and "inner" not in kept["my:own/things@1.0.0"]


def test_what_is_imported_by_itself_is_linked_by_its_name() -> None:
    number, kind = GuestFunc("", NOTHING, None, None, None), ResourceType("kind")  # type: ignore[arg-type]
    host = supplier({"number": {"number": number}, "kind": {"kind": kind}})
    assert host.function("", "number", NOTHING) is number and host.resource("", "kind") is kind
    host.require_all()
    host.function("", "other", NOTHING)
    with pytest.raises(LinkError, match="other: nothing provides it"):
        host.require_all()
