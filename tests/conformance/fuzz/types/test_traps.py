"""The messages of both sides come down to the same reasons."""

from __future__ import annotations

import pytest

from conformance.fuzz.types.traps import Trapped

WASMTIME = "error while executing at wasm backtrace:\n    0:    0x308 - <unknown>!<wasm function 21>\n\nCaused by:\n    "


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("host#t1: 0xd800 is no Unicode scalar value, as a char must be", "char"),
        ("3 is no case of enum {a}", "case"), ("77 is no case, there are 3 (variant {z} in the result)", "case"),
        (WASMTIME + "wasm trap: invalid variant discriminant", "case"), (WASMTIME + "unexpected discriminant: 3", "case"),
        (WASMTIME + "list pointer/length out of bounds of memory", "region"),
        (WASMTIME + "wasm trap: string content out-of-bounds", "region"),
        ("misaligned pointer: 0x1 must be a multiple of 4", "region"), ("a string isn't utf-8: invalid start byte", "text"),
        (WASMTIME + "wasm trap: something else", "wasm trap: something else"),
    ],
)  # fmt: skip
def test_reasons(message: str, reason: str) -> None:
    assert Trapped(message).reason == reason
