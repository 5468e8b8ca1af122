"""The error about a component that doesn't fit together says what and where."""

from __future__ import annotations

from agave_wasi.component.binary import MalformedComponent
from agave_wasi.component.validate import InvalidComponent


def test_it_says_that_the_component_is_invalid_and_where() -> None:
    error = InvalidComponent(0x1F, "there is no func 3")
    assert str(error) == "invalid component at offset 0x1f: there is no func 3"
    assert isinstance(error, MalformedComponent)
