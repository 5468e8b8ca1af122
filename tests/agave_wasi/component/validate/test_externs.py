"""Imports and exports: named types, resources, ascription."""

from __future__ import annotations

from agave_wasi.component.validate.externs import renamed
from agave_wasi.component.validate.shapes import Resource, ResourceAlias, Shapes
from tests.agave_wasi.component.validate.cases import Case, check, each


@each("named")
def test_only_named_types_are_used(case: Case) -> None:
    check(case)


@each("resource")
def test_resources(case: Case) -> None:
    check(case)


def test_a_type_with_another_name_is_another_object_of_the_same_type() -> None:
    alias = ResourceAlias(Resource("r"))
    assert renamed(alias) is not alias
    assert renamed(alias).resource is alias.resource
    type = Shapes().define(("enum", ("a",)))
    assert renamed(type) is not type
    assert renamed(type).shape == type.shape
