"""Components for tests: from the text format, or put together from sections."""

from __future__ import annotations

from agave_wasi.component.binary import decode
from agave_wasi.component.model import Component
from agave_wasi.engines.capi import to_wasm

PREAMBLE = b"\0asm\x0d\0\x01\0"


def assemble(text: str) -> bytes:
    """The binary of `(component TEXT)`; an empty line of fields is fine."""
    return bytes(to_wasm(f"(component {text})".encode()))


def decoded(text: str) -> Component:
    """The same, decoded."""
    return decode(assemble(text))


def sections(*parts: tuple[int, str]) -> bytes:
    """A component of sections, each an id and its payload in hexadecimal."""
    found = PREAMBLE
    for id, payload in parts:
        data = bytes.fromhex(payload)
        assert len(data) < 128
        found += bytes((id, len(data))) + data
    return found
