"""What a module declares."""

from __future__ import annotations

import pytest

from agave_wasi.engines.x86.declared import Element, GlobalType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.engines.x86.declared import Expression


@pytest.mark.parametrize(
    ("init", "constant"),
    [
        ((("i32.const", -1),), True),
        ((("v128.const", bytes(16)),), True),
        ((("f32.const", 0x7FC00000),), True),
        ((("ref.null", "x"),), False),
        ((("ref.func", 3),), False),
        ((("global.get", 0),), False),
        ((("i32.const", 1), ("i32.const", 2), ("i32.add", 0)), False),
    ],
)
def test_a_global_may_begin_with_a_constant(init: Expression, constant: bool) -> None:
    assert GlobalType("i", False, init).constant == (init[0] if constant else None)


def test_an_imported_global_has_no_beginning() -> None:
    assert GlobalType("i", True).constant is None


def test_a_segment_of_functions_is_one_of_expressions() -> None:
    assert Element("passive", 0, (), "r", [3, 0], None).items == [(("ref.func", 3),), (("ref.func", 0),)]
    values: list[Expression] = [(("ref.null", "r"),)]
    assert Element("passive", 0, (), "r", None, values).items is values
