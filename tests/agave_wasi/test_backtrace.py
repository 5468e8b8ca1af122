"""Backtraces: names, source lines, frames of several modules; and names as the source has them."""

from __future__ import annotations

from agave_wasi import World
from agave_wasi.backtrace import backtrace, lines
from agave_wasi.engines.base import Frame

TRAP = b"""(module (func $inner (unreachable)) (func $outer (call $inner)) (func (export "_start") (call $outer)))"""
LIBRARY = b'(module (func $deep (unreachable)) (func (export "boom") (call $deep)))'
USER = b'(module (import "lib" "boom" (func $boom)) (func $go (call $boom)) (func (export "_start") (call $go)))'


def test_names_and_offsets() -> None:
    world = World(cache=False)
    program = world.load(TRAP, "trap.wasm")
    result = world.run(program)
    places = backtrace(result.frames, [program])
    assert [place.function for place in places] == ["inner", "outer", "_start"]
    assert all(place.module == "trap.wasm" and program.wasm[place.offset - 1 : place.offset + 2] for place in places)
    assert [line.split()[-1] for line in lines(places)] == ["inner", "outer", "_start"]


def test_frames_of_two_modules() -> None:
    world = World(cache=False)
    library, program = world.load(LIBRARY, "lib.wasm"), world.load(USER, "user.wasm")
    result = world.run(program, libraries={"lib": LIBRARY})
    shown = [line.split()[-1] for line in lines(backtrace(result.frames, [program, library]))]
    assert shown == ["lib.wasm!deep", "lib.wasm!boom", "user.wasm!go", "user.wasm!_start"]


def test_the_glue_around_host_functions_is_left_out() -> None:
    text = b"""(module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func $bad (drop (call $write (i32.const 1) (i32.const -1) (i32.const 1) (i32.const 0))))
      (func (export "_start") (call $bad)))"""
    world = World(cache=False)
    program = world.load(text, "bad.wasm")
    result = world.run(program)
    assert result.ended_by == "trap"
    assert [place.function for place in backtrace(result.frames, [program])] == ["bad", "_start"]


def test_unnamed_functions_and_advice() -> None:
    world = World(cache=False)
    program = world.load(b'(module (func (unreachable)) (func (export "_start") (call 0)))', "x.wasm")
    shown = lines(backtrace(world.run(program).frames, [program]))
    assert shown[0].endswith("function 0") and "-g" in shown[-1]


def test_a_deep_stack_is_cut_in_its_middle() -> None:
    world = World(cache=False)
    program = world.load(TRAP, "trap.wasm")
    frames = world.run(program).frames
    shown = lines(backtrace([Frame(each.function, 0, each.module_offset, each.name) for each in frames] * 50, [program]))
    assert len(shown) == 41 and "110 more" in shown[20]


def test_names_cannot_steer_the_terminal() -> None:
    world = World(cache=False)
    text = rb'(module (func (unreachable)) (func (export "_start") (call 0)) (export "\1b[2J" (func 0)))'
    program = world.load(text, "\x1b.wasm")
    assert all("\x1b" not in line for line in lines(backtrace(world.run(program).frames, [program])))
