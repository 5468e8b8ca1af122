"""Lifting, lowering, built-ins: core types and options."""

from __future__ import annotations

import pytest

from agave_wasi.component.validate import InvalidComponent, validate
from tests.agave_wasi.component.texts import decoded
from tests.agave_wasi.component.validate.cases import CORE, Case, check, each


@each("lift")
def test_lifting(case: Case) -> None:
    check(case)


@each("lower")
def test_lowering(case: Case) -> None:
    check(case)


@each("builtin")
def test_builtins(case: Case) -> None:
    check(case)


def test_what_an_option_is_needed_for() -> None:
    with pytest.raises(InvalidComponent) as found:
        validate(decoded("(core func (canon task.return (result string)))"))
    assert found.value.reason == (
        "the canonical option memory is missing, which this function needs to hand over the result"
    )


def test_the_core_types_of_resource_functions() -> None:
    found = validate(
        decoded(f"""{CORE} (type $r (resource (rep i32)))
        (core func (canon resource.new $r)) (core func (canon resource.drop $r)) (core func (canon resource.rep $r))""")
    )
    assert found.spaces["core func"][-3:] == [(("i32",), ("i32",)), (("i32",), ()), (("i32",), ("i32",))]
