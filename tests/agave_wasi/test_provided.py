"""An embedder's classes as interfaces of components: checked against WIT, called with Python's values."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from agave_wasi import GuestTrap, WitError, World
from agave_wasi.engines.base import LinkError
from agave_wasi.provided import WrongInterface
from agave_wasi.witparse.source import WitError as BadWit

WIT = """package local:calc@1.2.0;
interface ops {
  resource counter { constructor(v: u32); get: func() -> u32; }
  echo: func(s: string) -> string;
  add: func(a: u32, b: u32) -> u32;
  was-dropped: func() -> u32;
}
"""
USER = Path(__file__).parent / "component" / "user.wat"


def provided(world: World) -> type:
    @world.interface("local:calc/ops@1.2.0", wit=WIT)
    class Ops:
        dropped: ClassVar[list[int]] = []

        class Counter:
            def __init__(self, v: int) -> None:
                self.value = v

            def get(self) -> int:
                return self.value

            def drop(self) -> None:
                Ops.dropped.append(self.value)

        def __init__(self) -> None:
            self.calls = 0

        def echo(self, s: str) -> str:
            self.calls += 1
            return f"{s} {self.calls}"

        def add(self, a: int, b: int) -> int:
            return a + b

        def was_dropped(self) -> int:
            return self.dropped[-1]

    return Ops


def test_a_component_calls_the_embedders_class() -> None:
    world = World()
    provided(world)
    with world.instantiate(USER) as live:
        assert live.exports["twice"](21) == 42
        assert [live.exports["hi"](), live.exports["hi"]()] == ["hello 1", "hello 2"]
        assert live.exports["life"]() == 77077
    with world.instantiate(USER) as other:
        assert other.exports["hi"]() == "hello 1"


def test_one_program_in_worlds_with_classes_of_their_own() -> None:
    first, second, third = World(), World(), World()
    provided(first)
    kind: Any = provided(second)
    kind.wit_functions["add"] = lambda self, a, b: a * b
    program = first.load(USER)
    for world, wanted in ((first, 42), (second, 441), (first, 42), (second, 441)):
        with world.instantiate(program) as live:
            assert live.exports["twice"](21) == wanted
            assert live.exports["hi"]() == "hello 1"
    with pytest.raises(LinkError, match="local:calc/ops"):
        third.instantiate(program)


def test_what_it_raises_comes_out() -> None:
    world = World()
    kind: Any = provided(world)
    kind.wit_functions["add"] = lambda self, a, b: 1 // 0
    with world.instantiate(USER) as live, pytest.raises(ZeroDivisionError):
        live.exports["twice"](1)


def test_a_value_that_does_not_fit_is_told() -> None:
    world = World()
    kind: Any = provided(world)
    kind.wit_functions["add"] = lambda self, a, b: "three"
    with world.instantiate(USER) as live, pytest.raises(TypeError, match="add gave a wrong result: 'three'"):
        live.exports["twice"](1)


def test_the_component_must_import_what_wit_says() -> None:
    world = World()

    @world.interface("local:calc/ops", wit=WIT.replace("a: u32, b: u32", "a: u64, b: u32"))
    class Ops:
        class Counter:
            def __init__(self, v: int) -> None: ...
            def get(self) -> int:
                return 0

        def echo(self, s: str) -> str:
            return s

        def add(self, a: int, b: int) -> int:
            return a

        def was_dropped(self) -> int:
            return 0

    with pytest.raises(LinkError, match="add is imported as func"):
        world.instantiate(USER)


SMALL = "package a:b;\ninterface i { resource out-thing { use-it: static func(a: u8); m: func(); } f: func(a: u8); }\n"


def small(**changes: Any) -> None:
    """Declare a class for SMALL, with members changed; None leaves one out."""
    inner: dict[str, Any] = {"use_it": staticmethod(lambda a: None), "m": lambda self: None}
    members: dict[str, Any] = {"f": lambda self, a: None, "OutThing": type("OutThing", (), inner), "_private": lambda self: 1}
    for name, member in changes.items():
        if name.startswith("inner_"):
            inner[name.removeprefix("inner_")] = member
        else:
            members[name] = member
    kept = {name: member for name, member in inner.items() if member is not None}
    if members["OutThing"] is not None:
        members["OutThing"] = type("OutThing", (), kept)
    World().interface("a:b/i", wit=SMALL)(type("I", (), {name: each for name, each in members.items() if each is not None}))


def test_a_class_that_fits() -> None:
    small()
    small(inner_drop=lambda self: None)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"f": None, "ff": lambda self, a: None}, "I lacks f; is ff meant for it"),
        ({"OutThing": None}, "I needs a class OutThing within for the resource out-thing"),
        ({"f": lambda self, b: None}, r"I.f has the parameters \(self, b\), but WIT has \(self, a\)"),
        ({"f": lambda self, a, b: None}, r"WIT has \(self, a\)"),
        ({"f": lambda self, *a: None}, r"WIT has \(self, a\)"),
        ({"f": staticmethod(lambda a: None)}, "I.f must be a method"),
        ({"g": lambda self: None}, "I.g isn't in a:b/i; call it _g if it is internal"),
        ({"inner_use_it": lambda a: None}, "OutThing.use_it must be a staticmethod"),
        ({"inner_m": None}, "OutThing lacks m"),
        ({"inner_n": lambda self: None}, "OutThing.n isn't in a:b/i"),
    ],
)
def test_a_class_that_does_not_fit(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(WrongInterface, match=complaint):
        small(**changes)


def test_where_the_wit_is(tmp_path: Path) -> None:
    (tmp_path / "calc.wit").write_text(WIT)
    world = World()
    with pytest.raises(WrongInterface, match="there is no interface local:calc/other in that WIT; it has local:calc/ops"):
        world.interface("local:calc/other", wit=tmp_path / "calc.wit")
    with pytest.raises(WrongInterface, match="no interface of WASI: say where its WIT is"):
        world.interface("local:calc/ops")
    with pytest.raises(BadWit, match="can't stand here"):
        world.interface("a:b/c", wit="package a:b;\ninterface {")
    assert callable(world.interface("local:calc/ops@1", wit=str(tmp_path)))


RANDOM = """(component
  (import "wasi:random/random@0.2.0" (instance $r (export "get-random-u64" (func (result u64)))))
  (core func $low (canon lower (func $r "get-random-u64")))
  (core module $m (import "" "f" (func $f (result i64))) (func (export "g") (result i64) (call $f)))
  (core instance $i (instantiate $m (with "" (instance (export "f" (func $low))))))
  (func (export "g") (result u64) (canon lift (core func $i "g"))))"""


def test_wasis_own_interfaces_can_be_replaced() -> None:
    world = World()

    @world.interface("wasi:random/random@0.2.0")
    class Random:
        def get_random_bytes(self, len: int) -> bytes:
            return bytes(len)

        def get_random_u64(self) -> int:
            return 4

    with world.instantiate(RANDOM.encode()) as live:
        assert live.exports["g"]() == 4
    with World().instantiate(RANDOM.encode()) as live:
        assert live.exports["g"]() != 4


FALLIBLE = "package a:b;\ninterface i { f: func(a: u8) -> result<u8, string>; }\n"
CALLS = """(component
  (import "a:b/i" (instance $r (export "f" (func (param "a" u8) (result (result u8 (error string)))))))
  (core module $libc (memory (export "memory") 1) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
  (core instance $libc (instantiate $libc))
  (core func $low (canon lower (func $r "f") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $m (import "" "f" (func $f (param i32 i32)))
    (func (export "g") (param i32) (result i32) (call $f (local.get 0) (i32.const 16)) (i32.const 16)))
  (core instance $i (instantiate $m (with "" (instance (export "f" (func $low))))))
  (func (export "g") (param "a" u8) (result (result u8 (error string)))
    (canon lift (core func $i "g") (memory (core memory $libc "memory")))))"""


def test_a_wit_error_is_the_error_of_the_result() -> None:
    world = World()

    @world.interface("a:b/i", wit=FALLIBLE)
    class Fallible:
        def f(self, a: int) -> int:
            if a == 0:
                raise WitError("no zero")
            return a + 1

    with world.instantiate(CALLS.encode()) as live:
        assert live.exports["g"](4) == 5
        with pytest.raises(WitError) as error:
            live.exports["g"](0)
        assert error.value.value == "no zero"
        with pytest.raises(TypeError):
            live.exports["g"](255)
        with pytest.raises(GuestTrap):
            live.exports["g"](1)


def test_methods_and_resources_may_be_inherited() -> None:
    class Base:
        def get_environment(self) -> list[tuple[str, str]]:
            return []

        def get_arguments(self) -> list[str]:
            return ["base"]

        def initial_cwd(self) -> None:
            return None

    class Derived(Base):
        def get_arguments(self) -> list[str]:
            return ["derived"]

    world = World()
    world.interface("wasi:cli/environment@0.2.0")(Derived)
    functions: Any = world.interfaces["wasi:cli/environment@0.2"].wit_functions  # type: ignore[attr-defined]
    assert functions["get-arguments"](Derived()) == ["derived"] and functions["initial-cwd"](Derived()) is None
