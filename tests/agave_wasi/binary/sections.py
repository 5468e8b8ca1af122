"""Sections made by hand, for modules that no assembler would make."""

from __future__ import annotations

from agave_wasi.binary import writer


def section(id: int, *items: bytes) -> bytes:
    """A section that is a vector."""
    return b"".join(bytes(part) for part in writer.section(id, (writer.vector(items),)))
