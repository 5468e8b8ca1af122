"""Core dumps of guests that have trapped: whose frames, and which memories."""

from __future__ import annotations

import pytest

from agave_wasi import World
from agave_wasi.binary.coredump import Coredump, read_coredump
from agave_wasi.dump import dump
from agave_wasi.host.stdio import BufferStream
from tests.agave_wasi.guests import wat


def dumped(text: str, library: str = "") -> Coredump:
    """The core dump of a program that traps."""
    world = World()
    guest = world.start(["x"], BufferStream(), BufferStream(), BufferStream())
    libraries = {"lib": wat(library)} if library else None
    result = world.run_guest(guest, world.load(wat(text), "main.wasm"), libraries)
    assert result.ended_by == "trap"
    core = read_coredump(dump(guest, result.frames))
    guest.close()
    return core


def test_memories_are_as_they_were_when_it_trapped() -> None:
    core = dumped("""(module (memory (export "memory") 1 3) (memory 5) (memory (export "other") 0)
        (func (export "_start") (drop (memory.grow (i32.const 1)))
          (i32.store8 (i32.const 9) (i32.const 7)) unreachable))""")
    first, second = core.memories  # the one that isn't exported is out of reach
    assert (first.type.minimum, first.type.maximum, second.type.minimum) == (2, 3, 0)
    assert first.read(8, 3) == b"\0\x07\0"
    assert core.instances[0].memories == (0, 1)


def test_a_memory_that_has_two_names_is_kept_once() -> None:
    text = '(module (memory 1) (export "a" (memory 0)) (export "b" (memory 0)) (func (export "_start") unreachable))'
    assert len(dumped(text).memories) == 1


def test_memories_with_64_bit_addresses_are_left_out() -> None:
    assert dumped('(module (memory (export "m") i64 1) (func (export "_start") unreachable))').memories == ()


def test_frames_and_memories_belong_to_their_modules() -> None:
    core = dumped(
        """(module (import "lib" "boom" (func $boom)) (memory (export "memory") 2) (func $go (call $boom))
          (func (export "_start") (call $go)))""",
        """(module (memory (export "memory") 1) (data (i32.const 0) "lib") (func $deep unreachable)
          (func (export "boom") (nop) (call $deep)))""",
    )
    assert core.name == "main.wasm" and len(core.modules) == 2
    assert [(frame.instance, frame.function) for frame in core.threads[0].frames] == [(1, 0), (1, 1), (0, 1), (0, 2)]
    assert [frame.offset > 0 for frame in core.threads[0].frames[:2]] == [False, True]  # a nop stands before the call
    main, lib = (core.memories[instance.memories[0]] for instance in core.instances)
    assert (main.type.minimum, lib.type.minimum) == (2, 1) and lib.read(0, 3) == b"lib"


@pytest.mark.parametrize("export", ['(global (export "memory") i32 (i32.const 1))', ""])
def test_a_program_without_a_memory(export: str) -> None:
    core = dumped(f'(module {export} (func (export "_start") unreachable))')
    assert core.memories == () and len(core.threads[0].frames) == 1
