"""A component with shims is valid, imports one interface more, and tells its calls without behaving otherwise."""

from __future__ import annotations

from struct import pack, unpack_from
from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.component import model
from agave_wasi.component.binary import decode
from agave_wasi.component.validate import validate
from agave_wasi.engines.capi import to_wasm
from conformance.component_calls.lowered import TRACE, lowered
from conformance.component_calls.record import WIT
from conformance.component_calls.shims import GO, HEAD, READ, RESULT, SET, SLOTS, WRITE, shimmed
from tests.conformance.component_calls.guests import FILES, TOLD

ECHO = b"""(component
  (import "local:echo/e" (instance $e
    (export "sum" (func (param "a" u8) (param "b" u64) (param "c" f32) (param "d" f64) (result f64)))
    (export "text" (func (param "s" string)))))
  (core module $Memory (memory (export "memory") 1) (data (i32.const 100) "abcdef"))
  (core instance $memory (instantiate $Memory))
  (core func $sum (canon lower (func $e "sum")))
  (core func $text (canon lower (func $e "text") (memory (core memory $memory "memory"))))
  (core module $M
    (import "e" "sum" (func $sum (param i32 i64 f32 f64) (result f64)))
    (import "e" "text" (func $text (param i32 i32)))
    (func (export "sum") (result f64) (call $sum (i32.const 7) (i64.const -1) (f32.const 1.5) (f64.const 2.25)))
    (func (export "text") (call $text (i32.const 100) (i32.const 6))))
  (core instance $m (instantiate $M (with "e" (instance (export "sum" (func $sum)) (export "text" (func $text))))))
  (func (export "sum") (result f64) (canon lift (core func $m "sum")))
  (func (export "text") (canon lift (core func $m "text"))))"""


def answering(answers: list[bytes]) -> tuple[Any, list[bytes], list[Any]]:
    """The echo component with shims that are told these answers: its exports, the messages, what the host was called with."""
    component = decode(to_wasm(ECHO))
    wasm = shimmed(component, lowered(component))
    validate(decode(wasm))
    world = World(cache=False)
    messages: list[bytes] = []
    called: list[Any] = []

    class Calls:
        def step(self, message: str) -> str:
            messages.append(message.encode("latin-1"))
            return answers.pop(0).decode("latin-1")

    class Echo:
        def sum(self, a: int, b: int, c: float, d: float) -> float:
            called.append((a, b, c, d))
            return a + c + d

        def text(self, s: str) -> None:
            called.append(s)

    world.interface(TRACE, WIT)(Calls)
    wit = "package local:echo;\ninterface e { sum: func(a: u8, b: u64, c: f32, d: f64) -> f64; text: func(s: string); }\n"
    world.interface("local:echo/e", wit)(Echo)
    return world.instantiate(wasm).exports, messages, called


def test_core_values_of_every_type_are_told_and_go_on() -> None:
    exports, messages, called = answering([bytes([GO])] * 2)
    assert exports["sum"]() == 10.75
    assert called == [(7, (1 << 64) - 1, 1.5, 2.25)]
    before, behind = messages
    assert unpack_from("<4I", before) == (0, 0, 0, 0) and unpack_from("<2I", behind) == (0, 1)
    assert unpack_from("<I4xQf4xd", before, SLOTS) == (7, (1 << 64) - 1, 1.5, 2.25)
    assert unpack_from("<d", behind, SLOTS + 8 * RESULT) == (10.75,)
    assert len(before) == HEAD


def test_core_values_are_changed_on_both_sides_of_a_call() -> None:
    change = pack("<BIQ", SET, 0, 9), pack("<BI", SET, RESULT) + pack("<d", 0.5)
    exports, _, called = answering([change[0], bytes([GO]), change[1], bytes([GO])])
    assert exports["sum"]() == 0.5
    assert called[0][0] == 9


def test_memory_is_read_and_written() -> None:
    ask = pack("<BII", READ, 100, 6)
    exports, messages, called = answering([ask, pack("<BII", WRITE, 101, 2) + b"XY", ask, *[bytes([GO])] * 2])
    exports["text"]()
    assert messages[1][HEAD:] == b"abcdef" and messages[3][HEAD:] == b"aXYdef"
    assert unpack_from("<4I", messages[1]) == (1, 0, 1, 6)
    assert called == ["aXYdef"]


def test_large_pieces_of_memory() -> None:
    ask = pack("<BII", READ, 0, 1 << 16)
    exports, messages, _ = answering([ask, pack("<BII", WRITE, 0, 1 << 15) + bytes(range(256)) * 128, ask, *[bytes([GO])] * 2])
    exports["text"]()
    assert len(messages[1]) == HEAD + (1 << 16)
    assert messages[3][HEAD : HEAD + (1 << 15)] == bytes(range(256)) * 128


@pytest.mark.parametrize("wasm", [FILES, TOLD])
def test_commands_stay_valid_and_import_one_interface_more(wasm: bytes) -> None:
    component = decode(wasm)
    made = decode(shimmed(component, lowered(component)))
    validate(made)
    names = [[each.name for each in one.definitions if isinstance(each, model.Import)] for one in (component, made)]
    assert names[1] == [TRACE, *names[0]]
    assert [each.name for each in lowered(made)] == [each.name for each in lowered(component)]
