"""A value of the host that isn't of the type that WIT says: a mistake of a host function, or of who calls an export."""

from __future__ import annotations

from agave_wasi.component.layout import brief

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agave_wasi.component.types import ValType

SHOWN = 80
"""Characters of a value that a message shows."""


class Misfit(TypeError):
    """`value` is no `type`."""

    def __init__(self, type: ValType, value: Any) -> None:
        super().__init__(type, value)
        self.type = type
        self.value = value

    def __str__(self) -> str:
        try:
            shown = repr(self.value)
        except Exception:  # whatever the value is, the message must come about
            shown = f"a value of the Python type {self.value.__class__.__name__}"
        if len(shown) > SHOWN:
            shown = shown[:SHOWN] + "..."
        return f"{shown} doesn't fit the type {brief(self.type)}"
