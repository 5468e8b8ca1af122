"""Imports and exports: named types, resources, ascription."""

from __future__ import annotations

import pytest

from agave_wasi.component.validate import validate
from agave_wasi.component.validate.externs import renamed
from agave_wasi.component.validate.shapes import Resource, ResourceAlias, Shapes
from tests.agave_wasi.component.texts import decoded
from tests.agave_wasi.component.validate.cases import Case, check, each


@each("named")
def test_only_named_types_are_used(case: Case) -> None:
    check(case)


@each("resource")
def test_resources(case: Case) -> None:
    check(case)


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        ('"[constructor]a" (func (result (list u8)))', "a constructor returns own<R> or result<own<R>, E>"),
        ('"[constructor]a" (func (result (option u8)))', "a constructor returns own<R> or result<own<R>, E>"),
        ('"[method]a.b" (func (param "self" (own $a)))', "a method takes borrow<R> as `self`"),
        ('"[method]a.b" (func (param "self" u8))', "a method takes borrow<R> as `self`"),
        ('"[static]b.c" (func)', "no resource 'b' is known here"),
        ('"[static]a.c" (func)', None),
    ],
)
def test_functions_of_a_resource(function: str, fault: str | None) -> None:
    check(Case("name", "", f'(import "a" (type $a (sub resource))) (import {function})', fault))


def test_a_resource_is_imported_once_whatever_its_names() -> None:
    text = '(import "r" (type $r (sub resource))) (import "s" (type (eq $r))) (import "t" (type (sub resource)))'
    found = validate(decoded(text))
    assert [path for _, path in found.type.imported] == [("r",), ("t",)]


def test_a_type_with_another_name_is_another_object_of_the_same_type() -> None:
    alias = ResourceAlias(Resource("r"))
    assert renamed(alias) is not alias
    assert renamed(alias).resource is alias.resource
    type = Shapes().define(("enum", ("a",)))
    assert renamed(type) is not type
    assert renamed(type).shape == type.shape
