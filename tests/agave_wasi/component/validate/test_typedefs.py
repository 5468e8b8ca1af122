"""Definitions of types."""

from __future__ import annotations

import pytest

from agave_wasi.component.binary import decode
from agave_wasi.component.validate import validate
from agave_wasi.component.validate.invalid import InvalidComponent
from agave_wasi.component.validate.typedefs import check_labels
from tests.agave_wasi.component.texts import sections
from tests.agave_wasi.component.validate.cases import Case, check, each


@each("type")
def test_types(case: Case) -> None:
    check(case)


def test_continuations_are_a_proposal() -> None:
    with pytest.raises(InvalidComponent, match="a continuation, which is a proposal"):
        validate(decode(sections((3, "02 60 00 00 5d 00"))))


def test_a_modules_type_refers_to_its_own_types() -> None:
    global_, table = "03 01 61 03 63 01 01", "03 01 61 01 63 01 00 00"  # of (ref null 1)
    for extern in (global_, table):
        validate(decode(sections((3, f"01 50 03 01 60 00 00 01 60 00 00 {extern}"))))
        with pytest.raises(InvalidComponent, match="there is no core type 1 in the module's type"):
            validate(decode(sections((3, f"01 50 02 01 60 00 00 {extern}"))))


def test_a_type_may_refer_to_itself() -> None:
    validate(decode(sections((3, "01 60 01 63 00 00"))))


def test_labels_differ_by_more_than_their_case() -> None:
    check_labels(["a", "b", "a-b"], "field of a record", 0)
    with pytest.raises(InvalidComponent, match="the name of a field of a record, 'A', is too much like 'a'"):
        check_labels(["a", "A"], "field of a record", 0)
    with pytest.raises(InvalidComponent, match="the name of a parameter, '_', isn't words"):
        check_labels(["_"], "parameter", 0)
