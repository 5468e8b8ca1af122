"""How a call ended: what the engine says, as our exceptions, with the guest's frames."""

from __future__ import annotations

import pytest

from agave_wasi import GuestTrap, World
from agave_wasi.abi.memory import Trap
from agave_wasi.engines.wasmtime_traps import _last_cause, ending_of
from kernel_sim.errors import LimitReached
from tests.agave_wasi.guests import LOOP, imported, live, wat


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("(unreachable)", "unreachable"),
        ("(drop (i32.div_s (i32.const 1) (i32.const 0)))", "integer divide by zero"),
        ("(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))", "integer overflow"),
        ("(drop (i32.trunc_f32_s (f32.const nan)))", "invalid conversion to integer"),
        ("(drop (i32.load (i32.const 65533)))", "out of bounds memory access"),
        ("(drop (table.get 0 (i32.const 9)))", "out of bounds table access"),
        ("(call_indirect (i32.const 1))", "indirect call to null"),
        ("(call_indirect (i32.const 9))", "out of bounds table access"),
        ("(call_indirect (param i32) (i32.const 0) (i32.const 0))", "indirect call type mismatch"),
        ("(call $f)", "stack overflow"),
    ],
)
def test_every_trap_of_a_guests_own(body: str, message: str) -> None:
    guest = live(f'(module (memory 1) (table 2 funcref) (elem (i32.const 0) $f) (func $f (export "f") {body}))')
    with pytest.raises(GuestTrap) as trap:
        guest.call("f")
    assert trap.value.message == message
    assert trap.value.code and trap.value.code != "abi"


def test_frames_begin_where_it_happened() -> None:
    text = """(module (func $inner (nop) (unreachable)) (func (nop) (call $inner)) (func $outer (export "f") (call 1)))"""
    with pytest.raises(GuestTrap) as trap:
        live(text).call("f")
    frames = trap.value.frames
    assert [(frame.function, frame.name) for frame in frames] == [(0, "inner"), (1, None), (2, "outer")]
    code = wat(text)
    assert code[frames[0].module_offset] == 0x00  # the opcode of unreachable
    assert code[frames[1].module_offset] == 0x10 and frames[1].function_offset > 0  # and of call


def test_what_breaks_the_abi_is_a_trap_that_says_how() -> None:
    guest = live(f"""(module {imported("random_get")} (memory (export "memory") 1)
        (func $bad (export "f") (drop (call $random_get (i32.const 65535) (i32.const 2)))))""")
    with pytest.raises(GuestTrap, match="pointer out of bounds: 2 bytes at 0xffff") as trap:
        guest.call("f")
    assert trap.value.code == "abi" and isinstance(trap.value.__cause__, Trap)
    assert trap.value.frames[-1].name == "bad"


def test_fuel_that_is_used_up_is_a_limit() -> None:
    with pytest.raises(LimitReached, match="5000") as limit, World(fuel=5000) as world:
        world.instantiate(wat(LOOP)).call("_start")
    assert (limit.value.name, limit.value.limit) == ("fuel", 5000)


def test_a_call_that_returned_ends_with_what_a_host_function_left() -> None:
    error = KeyboardInterrupt()
    assert ending_of(None, None, error, None) is error
    assert ending_of(None, None, None, 5) is None


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "trap"),
        ("simple", "simple"),
        ("error while executing\nwasm backtrace:\n  0: f", "error while executing"),
        ("outer\n\nCaused by:\n    inner", "inner"),
        ("outer\n\nCaused by:\n    0: first\n    1: second: with a colon", "second: with a colon"),
    ],
)
def test_the_last_cause_is_what_is_told(text: str, cause: str) -> None:
    assert _last_cause(text) == cause
