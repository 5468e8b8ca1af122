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


def test_labels_differ_by_more_than_their_case() -> None:
    check_labels(["a", "b", "a-b"], "field of a record", 0)
    with pytest.raises(InvalidComponent, match="the name of a field of a record, 'A', is too much like 'a'"):
        check_labels(["a", "A"], "field of a record", 0)
    with pytest.raises(InvalidComponent, match="the name of a parameter, '_', isn't words"):
        check_labels(["_"], "parameter", 0)
