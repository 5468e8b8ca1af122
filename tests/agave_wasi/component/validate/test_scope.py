"""Index spaces and what is around."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agave_wasi.component.validate.entities import InstanceType, ModuleType
from agave_wasi.component.validate.invalid import InvalidComponent
from agave_wasi.component.validate.scope import COMPONENT, NamedTypes, Scope
from agave_wasi.component.validate.shapes import Resource, ResourceAlias, Shapes
from tests.agave_wasi.component.validate.cases import Case, check, each


@each("outer")
def test_what_is_around(case: Case) -> None:
    check(case)


def test_what_is_looked_up_must_be_there_and_of_its_kind() -> None:
    scope = Scope(COMPONENT)
    alias = ResourceAlias(Resource("r"))
    value = Shapes().define(("list", "u8"))
    for type in (value, alias, InstanceType({})):
        scope.add("type", type, 0)
    scope.add("core type", ModuleType({}, {}), 0)
    assert scope.value("u8", 0) == "u8"
    assert scope.value(0, 0) is value
    assert scope.resource(1, 0) is alias
    assert isinstance(scope.of_kind("instance", 2, 0), InstanceType)
    assert isinstance(scope.of_kind("core module", 0, 0), ModuleType)
    wrongs: list[tuple[Callable[[], object], str]] = [
        (lambda: scope.value(1, 9), "type 1 is a resource, where a value's type is expected"),
        (lambda: scope.value(5, 9), "there is no type 5; 3 are known here"),
        (lambda: scope.resource(0, 9), "type 0 is list, where a resource is expected"),
        (lambda: scope.of_kind("func", 2, 9), "type 2 is an instance type, where a function type is expected"),
        (lambda: scope.at("value", 0, 9), "there is no value 0"),
    ]
    for wrong, reason in wrongs:
        with pytest.raises(InvalidComponent) as found:
            wrong()
        assert found.value.offset == 9
        assert reason in found.value.reason


def test_scopes_around() -> None:
    outer = Scope(COMPONENT)
    inner = Scope(COMPONENT, outer)
    assert inner.around(0, 0) is inner
    assert inner.around(1, 0) is outer
    for levels in (2, 1 << 32):
        with pytest.raises(InvalidComponent, match=f"no {levels} components and types around"):
            inner.around(levels, 0)


def test_instances_of_both_kinds_are_counted_together() -> None:
    scope = Scope(COMPONENT)
    for _ in range(600):
        scope.add("core instance", {}, 0)
    for _ in range(400):
        scope.add("instance", None, 0)
    with pytest.raises(InvalidComponent, match="more than 1000 instances"):
        scope.add("instance", None, 0)


def test_modules_are_counted() -> None:
    scope = Scope(COMPONENT)
    for _ in range(1000):
        scope.add("core module", None, 0)
    with pytest.raises(InvalidComponent, match="more than 1000 of the sort core module"):
        scope.add("core module", None, 0)


def test_named_types_are_known_by_identity() -> None:
    shapes = Shapes()
    named = NamedTypes()
    type = shapes.define(("enum", ("a",)))
    named.add(type)
    assert type in named
    assert type.again() not in named
