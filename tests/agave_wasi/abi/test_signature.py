"""Signatures, as they are derived from annotations."""

from __future__ import annotations

import pytest

from agave_wasi.abi.signature import signature
from tests.agave_wasi.abi.example import TYPES, Example


def test_signatures_are_derived_from_annotations() -> None:
    found = signature(Example.everything, TYPES)
    assert found.core_type() == ("iIIiiiiiiiii"[:10] + "ii", "i")
    assert [slot.name for slot in found.slots()] == [
        "n", "w", "s", "c", "b", "y", "t_pointer", "t_length", "r_pointer", "r_length", "one", "two",
    ]  # fmt: skip
    assert (found.summary, found.blocking, found.never_returns) == ("Does it all.", False, False)
    assert signature(Example.end, TYPES).core_type() == ("i", "")
    assert signature(Example.short, TYPES).summary == ""
    with pytest.raises(TypeError, match="the annotation of 'n' names no AbiType"):
        signature(Example.unknown, TYPES)
