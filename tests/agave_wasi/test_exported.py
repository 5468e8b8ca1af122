"""Exports of a live component as Python sees them: interfaces, functions, resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.component.types import WitError
from agave_wasi.engines.base import EngineError, GuestTrap, LinkError
from agave_wasi.exported import LiveComponentInstance
from tests.agave_wasi.component.examples import CALC, USER


@pytest.fixture
def calc() -> Iterator[LiveComponentInstance]:
    with World().instantiate(CALC) as live:
        assert isinstance(live, LiveComponentInstance)
        yield live


def test_functions(calc: Any) -> None:
    ops = calc.exports["local:calc/ops@1.2.0"]
    assert ops is calc.exports["local:calc/ops"] is calc.exports["local:calc/ops@1"]
    assert ops.add(1, 2) == 3 and ops.echo("héllo\0") == "héllo\0" and ops.div(7, 2) == 3
    assert calc.call("add", 3, 4) == 7
    assert list(calc.exports) == ["local:calc/ops@1.2.0"] and len(calc.exports) == 1
    with pytest.raises(KeyError):
        calc.exports["local:calc/other"]
    assert "add" in repr(ops) and ops.add.__doc__ == "add: func(a: u32, b: u32) -> u32"


def test_the_error_of_a_result_is_raised(calc: Any) -> None:
    with pytest.raises(WitError) as error:
        calc.exports["local:calc/ops"].div(1, 0)
    assert error.value.value == 7


@pytest.mark.parametrize("values", [("x", 1), (1,), (1, 2, 3), (1 << 32, 0), (-1, 0), (None, 0)])
def test_values_that_do_not_fit(calc: Any, values: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="add"):
        calc.exports["local:calc/ops"].add(*values)
    assert calc.exports["local:calc/ops"].add(1, 1) == 2


def test_a_resource_lives_until_it_is_dropped(calc: Any) -> None:
    ops = calc.exports["local:calc/ops"]
    first, second = ops.counter(5), ops.counter(6)
    assert isinstance(first, ops.counter.kind) and (first.get(), second.get()) == (5, 6)
    first.drop()
    assert ops.was_dropped() == 5 and second.get() == 6
    first.drop()
    second.drop()
    assert ops.was_dropped() == 6
    with pytest.raises(TypeError, match="counter"):
        first.get()


def test_memory_is_the_components_own(calc: Any) -> None:
    with pytest.raises(TypeError, match="its own"):
        calc.read(0, 1)
    with pytest.raises(TypeError, match="its own"):
        calc.write(0, b"x")


def test_linked_components_live_too() -> None:
    with World().instantiate(USER, libraries={"local:calc/ops": CALC}) as live:
        assert live.exports["twice"](21) == 42
        assert live.exports["hi"]() == "hello"
        assert live.exports["life"]() == 77077


def test_nothing_is_left_of_what_cannot_be_linked() -> None:
    world = World()
    with pytest.raises(LinkError):
        world.instantiate(USER)
    assert not world.kernel.processes


TRAPS = """(component
  (core module $m (func (export "f") unreachable) (func (export "g")))
  (core instance $i (instantiate $m))
  (func (export "f") (canon lift (core func $i "f")))
  (func (export "g") (canon lift (core func $i "g"))))"""


def test_after_a_trap_nothing_can_be_called() -> None:
    with World().instantiate(TRAPS.encode()) as live:
        live.exports["g"]()
        with pytest.raises(GuestTrap, match="unreachable"):
            live.exports["f"]()
        with pytest.raises(GuestTrap, match="cannot enter component instance"):
            live.exports["g"]()


def test_a_closed_component_says_so(calc: Any) -> None:
    ops = calc.exports["local:calc/ops"]
    counter = ops.counter(5)
    calc.close()
    for call in (lambda: ops.add(1, 2), lambda: ops.echo("a"), counter.get, counter.drop, counter.drop):
        with pytest.raises(EngineError, match="the guest is closed"):
            call()
