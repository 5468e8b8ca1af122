"""A core dump of a guest that has trapped: its stack, and the memories that it exports.

An engine that compiles keeps neither locals nor operands where they could be read, so frames have functions and offsets
alone; memories and globals that aren't exported are out of reach from outside, too. Globals are left out altogether: a dump
has those of an instance in its order, and some of them would pass for others.
"""

from __future__ import annotations

from agave_wasi.abi.memory import Trap
from agave_wasi.backtrace import Binary
from agave_wasi.binary.coredump import Coredump, Frame, Instance, MemoryImage, Thread, write_coredump
from agave_wasi.binary.module import describe
from agave_wasi.binary.reader import MalformedModule
from agave_wasi.binary.types import MemoryType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from agave_wasi.engines import base
    from agave_wasi.engines.base import Instance as EngineInstance
    from agave_wasi.loader import Program
    from agave_wasi.program import Guest


def dump(guest: Guest, frames: Sequence[base.Frame]) -> bytes:
    """The core dump, while the guest is still there; `agave_wasi.binary.read_coredump` reads it."""
    assert guest.program is not None
    members = [(guest.program, guest.instance), *guest.libraries.values()]
    binaries = [Binary(program.name, program.wasm) for program, _ in members]
    stack = []
    for frame in frames:
        owner = next((at for at, binary in enumerate(binaries) if binary.has(frame)), None)
        if owner is not None:
            stack.append(Frame(owner, frame.function, frame.function_offset))
    memories: list[MemoryImage] = []
    instances = []
    for number, (program, instance) in enumerate(members):
        images = _memories(program, instance) if instance is not None else []
        instances.append(Instance(number, tuple(range(len(memories), len(memories) + len(images)))))
        memories += images
    return write_coredump(
        Coredump(
            guest.program.name,
            tuple(program.name for program, _ in members),
            tuple(instances),
            (Thread(tuple(stack)),),
            tuple(memories),
        )
    )


def _memories(program: Program, instance: EngineInstance) -> list[MemoryImage]:
    """The exported memories, each once, as they are now."""
    images: dict[int, MemoryImage] = {}
    try:
        description = describe(program.wasm)
    except MalformedModule:  # of a kind that the engine knows and the reader doesn't
        return []
    for item in description.exports:
        if item.kind != "memory" or item.index in images:
            continue
        try:
            view = instance.memory(0, item.name.encode())
        except Trap:  # with 64-bit addresses
            continue
        type = description.memories[item.index]
        size = len(view) >> type.page_log2
        images[item.index] = MemoryImage(
            MemoryType(size, type.maximum, type.shared, type.memory64, type.page_log2), ((0, view),)
        )
    return [images[index] for index in sorted(images)]
