"""Host classes: which of their functions a guest can call, and under which names."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from agave_wasi.component.host import Host, blocking, constructor, functions, interface, internal, resource, static
from tests.kernel_sim.scripts import world


@resource("local:calc/ops@0.2", "counter")
class Counter(Host):
    """A resource with one function of every kind."""

    def __init__(self, kernel: Any, count: int) -> None:
        super().__init__(kernel)
        self.count = count

    @constructor
    @staticmethod
    def constructor(ops: Ops, start: int) -> Counter:
        return Counter(ops.kernel, start)

    @static
    @staticmethod
    def most_of(ops: Ops, counters: list[Counter]) -> int:
        return max(each.count for each in counters) + ops.extra

    def step_by(self, step: int) -> int:
        self.count += step
        return self.count

    def import_(self) -> None:
        """Its WIT name is a keyword of Python."""

    @internal
    def reset(self) -> None:
        self.count = 0

    def drop(self) -> None:
        self.count = -1


class Basis(Host):
    """What an interface may build on."""

    extra = 1

    def shared_function(self) -> str:
        return "shared"


@interface("local:calc/ops@0.2", Counter)
class Ops(Basis):
    """An interface."""

    @blocking
    def wait_long(self) -> None:
        """A function that may wait."""

    def failure(self, error: object) -> str:
        return "failed"

    def _hidden(self) -> None:
        """None of WIT's."""


def test_a_guest_reaches_what_has_a_name_in_wit_and_nothing_else() -> None:
    assert sorted(functions(Ops)) == [
        "[constructor]counter", "[method]counter.import", "[method]counter.step-by", "[static]counter.most-of",
        "shared-function", "wait-long",
    ]  # fmt: skip


def test_what_is_found_can_be_called() -> None:
    found, ops = functions(Ops), Ops(world().sys)
    counter = found["[constructor]counter"](ops, 5)
    assert isinstance(counter, Counter)
    assert found["[method]counter.step-by"](counter, 2) == 7
    assert found["[static]counter.most-of"](ops, [counter]) == 8
    assert found["shared-function"](ops) == "shared"


def test_marks_can_be_read() -> None:
    found = functions(Ops)
    assert getattr(found["wait-long"], "blocking", False) and not getattr(found["shared-function"], "blocking", False)
    kind: Any = Ops
    assert kind.interface == "local:calc/ops@0.2" and kind.resources == {"counter": Counter}


def test_a_resource_belongs_to_its_interface() -> None:
    with pytest.raises(ValueError, match=r"Counter is a resource of local:calc/ops@0\.2, and not of local:calc/other"):
        interface("local:calc/other@0.2", Counter)(Basis)
    with pytest.raises(ValueError, match="Basis is a resource of no interface"):
        interface("local:calc/other@0.2", Basis)(Basis)


def test_an_embedders_class_knows_its_functions_itself() -> None:
    class Given(Host):
        wit_functions: ClassVar = {"add": print}

    assert functions(Given) == {"add": print}
