"""The error about a component whose bytes are well formed, but whose definitions don't fit together."""

from __future__ import annotations

from agave_wasi.component.binary.sections import MalformedComponent


class InvalidComponent(MalformedComponent):
    """What stands at `offset` (from the start of the file) doesn't fit what it refers to."""

    def __str__(self) -> str:
        return f"invalid component at offset {self.offset:#x}: {self.reason}"
