"""Core dumps: written, read back, and accepted by an engine as a module."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_wasi.binary import describe, writer
from agave_wasi.binary.coredump import (
    Coredump,
    Frame,
    Instance,
    MemoryImage,
    Thread,
    read_coredump,
    write_coredump,
)
from agave_wasi.binary.reader import MODULE_PREAMBLE, MalformedModule
from agave_wasi.binary.types import MemoryType

PAGE = 65536

CORE = Coredump(
    name="/bin/tool.wasm",
    modules=("tool", "library"),
    instances=(Instance(0, (0, 1), (0, 2)), Instance(1, (1,), ())),
    threads=(
        Thread(
            (
                Frame(0, 7, 0x1234, (("i32", -1), None, ("f64", 0.5)), (("i64", 1 << 62),)),
                Frame(1, 0, 0, (("f32", 1.5),)),
            )
        ),
        Thread((), "worker"),
    ),
    memories=(
        MemoryImage(MemoryType(4, 10), ((0, bytes(10) + b"x" + bytes(PAGE * 3)),)),
        MemoryImage(MemoryType(1, memory64=True), ()),
    ),
    globals=(
        ("i32", -5),
        ("f32", 0.25),
        ("funcref", None),
        ("v128", bytes(range(16))),
        ("i64", 1 << 40),
        ("f64", -0.0),
    ),
)


def test_round_trip() -> None:
    found = read_coredump(write_coredump(CORE))
    assert replace(found, memories=()) == replace(CORE, memories=())
    assert [memory.type for memory in found.memories] == [memory.type for memory in CORE.memories]
    assert [(start, len(contents)) for start, contents in found.memories[0].segments] == [(0, PAGE)]
    assert found.memories[0].read(10, 1) == b"x"
    assert found.memories[0].read(0, 4 * PAGE).strip(b"\0") == b"x"
    with pytest.raises(IndexError):
        found.memories[0].read(4 * PAGE, 1)


def test_an_engine_takes_it_for_a_module() -> None:
    wasmtime = pytest.importorskip("wasmtime")
    config = wasmtime.Config()
    config.wasm_memory64 = True
    config.wasm_multi_memory = True
    wasmtime.Module.validate(wasmtime.Engine(config), write_coredump(CORE))
    description = describe(write_coredump(CORE))
    assert [section.name for section in description.custom_sections] == [
        "core",
        "coremodules",
        "coreinstances",
        "corestack",
        "corestack",
    ]
    assert description.data_size == PAGE


@given(st.integers(0, 2**32), st.sets(st.integers(0, 15), max_size=8), st.integers(0, PAGE - 1))
def test_zero_pages_are_left_out(seed: int, pages: set[int], cut: int) -> None:
    rng = Random(seed)
    memory = bytearray(16 * PAGE)
    for page in pages:
        memory[page * PAGE + rng.randrange(PAGE)] = 1
    image = MemoryImage(MemoryType(16), ((0, memoryview(memory)[: len(memory) - cut]),))
    data = write_coredump(replace(CORE, memories=(image,)))
    assert len(data) < len(pages) * PAGE + 1000
    (found,) = read_coredump(data).memories
    expected = bytes(memory[: len(memory) - cut]) + bytes(cut)
    assert found.read(0, len(memory)) == expected


def test_high_addresses() -> None:
    image = MemoryImage(MemoryType(65536), ((0xFFFF_0000, b"end" * 10),))
    (found,) = read_coredump(write_coredump(replace(CORE, memories=(image,)))).memories
    assert found.read(0xFFFF_0003, 3) == b"end"
    assert found.read(0, 100) == bytes(100)


def test_values_without_a_code_are_missing_in_frames() -> None:
    thread = Thread((Frame(0, 1, 2, (("externref", None), ("v128", bytes(16)))),))
    found = read_coredump(write_coredump(replace(CORE, threads=(thread,))))
    assert found.threads[0].frames[0].locals == (None, None)


def test_wrong_values() -> None:
    values: tuple[tuple[str, bytes | None], ...] = (("i32", b"text"), ("v128", b"short"), ("f32", None))
    for value in values:
        with pytest.raises(ValueError, match="no value of its type"):
            write_coredump(replace(CORE, globals=(value,)))


def dump(*parts: bytes) -> bytes:
    """A minimal core dump and these sections."""
    return MODULE_PREAMBLE + custom("core", b"\0\x01p") + b"".join(parts)


def custom(name: str, payload: bytes) -> bytes:
    """A custom section."""
    return b"".join(bytes(part) for part in writer.custom(name, payload))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        MODULE_PREAMBLE,
        dump(custom("core", b"\x01\x01p")),
        dump(custom("coremodules", b"\xff\xff\xff\xff\x0f")),
        dump(custom("coreinstances", b"\x01\x00\x00\x00")),
        dump(custom("corestack", b"\0\x01t\x01\0\0\0\0\x01\x7b\0")),
        dump(custom("corestack", b"\0\x01t\0extra")),
        dump(b"\x05\x03\x01\0\x01", b"\x0b\x0a\x01\0\x41\xff\xff\x03\x0b\x02xx"),
        dump(b"\x0b\x07\x01\0\x41\0\x0b\x01x"),
        dump(b"\x06\x08\x01\x7f\0\x41\x01\x41\x02\x0b"),
    ],
)
def test_no_core_dump(data: bytes) -> None:
    with pytest.raises(MalformedModule):
        read_coredump(data)


def test_a_huge_memory_costs_nothing() -> None:
    found = read_coredump(dump(b"\x05\x05\x01\x00\x80\x80\x04"))
    assert found.memories[0].type.minimum == 65536
    assert found.memories[0].segments == ()
