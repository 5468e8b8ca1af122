"""The table of instructions is complete: whatever opcode isn't in it, wasmtime doesn't know, or it computes nothing."""

from __future__ import annotations

import re

import pytest

from agave_wasi.engines.capi import to_wasm
from conformance.numeric.memories import accesses
from conformance.numeric.operations import NAMES, OPERATIONS, Operation

CONST, SHUFFLE = 0x0C, 0x0D
"""Vector instructions of which steps are made elsewhere: constants and shuffles."""


def opcode(operation: Operation) -> bytes:
    """The bytes of an operation's instruction, immediates included."""
    parameters = f"(param {' '.join(NAMES[letter] for letter in operation.parameters)})"
    result = f"(result {NAMES[operation.result]})" if operation.result else ""
    gets = " ".join(f"(local.get {at})" for at in range(len(operation.parameters)))
    wasm = to_wasm(f"(module (memory 1) (func {parameters} {result} ({operation.text.format('')} {gets})))".encode())
    code = wasm.index(b"\x0a", 8 + wasm[8:].index(b"\x05"))
    body = wasm[code:]
    start = body.index(b"\x20\x00") + 2 * len(operation.parameters)
    return body[start : body.rindex(b"\x0b")]


@pytest.fixture(scope="module")
def opcodes() -> set[bytes]:
    return {opcode(operation) for operation in (*OPERATIONS, *accesses())}


def test_every_number_operation_is_there(opcodes: set[bytes]) -> None:
    singles = {code[0] for code in opcodes}
    assert singles >= set(range(0x45, 0xC5)) | set(range(0x28, 0x3F)) | {0x1B, 0x1C}
    assert {code[1] for code in opcodes if code[0] == 0xFC} == set(range(8))


def number_of(code: bytes) -> int:
    return code[1] & 0x7F | (code[2] << 7 if code[1] >= 0x80 else 0)


def test_every_vector_operation_is_there(opcodes: set[bytes]) -> None:
    known = {number_of(code) for code in opcodes if code[0] == 0xFD} | {CONST, SHUFFLE}
    unknown = [number for number in range(0x120) if number not in known]
    for number in unknown:
        low, high = number & 0x7F | 0x80, number >> 7
        body = b"\0" + bytes((0xFD, low, high)) + b"\x0b"
        code = b"\x01" + bytes((len(body),)) + body
        wasm = b"\0asm\1\0\0\0\1\4\1\x60\0\0\3\2\1\0\x0a" + bytes((len(code),)) + code
        assert re.search("unknown 0xfd subopcode|illegal opcode|invalid leading byte", invalid(wasm)), hex(number)
    assert len(known) > 250


def invalid(wasm: bytes) -> str:
    """Why a module can't be compiled."""
    from agave_wasi import World

    with World(cache=False) as world, pytest.raises(Exception) as raised:
        world.load(wasm)
    return str(raised.value)


def test_no_operation_is_there_twice() -> None:
    texts = [(operation.text, operation.parameters) for operation in (*OPERATIONS, *accesses())]
    assert len(set(texts)) == len(texts)
