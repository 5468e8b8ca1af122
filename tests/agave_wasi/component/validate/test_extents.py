"""Sizes of values in memory, pointers counted as 64 bits."""

from __future__ import annotations

import pytest

from agave_wasi.component.validate.extents import cases, flags, labels, primitive, row
from agave_wasi.component.validate.shapes import Shapes


def test_parts() -> None:
    assert [primitive(name) for name in ("bool", "u16", "char", "f64", "string")] == [(1, 1), (2, 2), (4, 4), (8, 8), (16, 8)]
    assert row([(1, 1), (4, 4), (1, 1)]) == (12, 4)
    assert row([]) == (0, 1)
    assert cases([None, (8, 8), (1, 1)]) == (16, 8)
    assert cases([None, (1, 1)]) == (2, 1)
    assert cases([None] * 257) == (2, 2)
    assert [labels(count) for count in (1, 256, 257, 65536, 65537)] == [1, 1, 2, 2, 4]
    assert [flags(count) for count in (1, 8, 9, 16, 17, 32)] == [(1, 1), (1, 1), (2, 2), (2, 2), (4, 4), (4, 4)]


@pytest.mark.parametrize(
    ("form", "extent"),
    [
        (("record", (("a", "u8"), ("b", "u64"))), (16, 8)),
        (("tuple", ("u8", "u16", "u8")), (6, 2)),
        (("variant", (("a", None), ("b", "u32"), ("c", "string"))), (24, 8)),
        (("option", "u8"), (2, 1)),
        (("result", None, "u16"), (4, 2)),
        (("enum", ("a", "b")), (1, 1)),
        (("flags", ("a",) * 17), (4, 4)),
        (("list", "u8"), (16, 8)),
        (("list", "u16", 5), (10, 2)),
        (("map", "u8", "u8"), (16, 8)),
        (("stream", "u8"), (4, 4)),
        (("primitive", "s64"), (8, 8)),
    ],
)
def test_forms(form: tuple[object, ...], extent: tuple[int, int]) -> None:
    assert Shapes().define(form).extent == extent
