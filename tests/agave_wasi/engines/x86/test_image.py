"""Reading wasmtime's images: what is in them, and every way in which they may be wrong."""

from __future__ import annotations

import mmap
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from agave_wasi.engines import capi
from agave_wasi.engines.base import EngineConfig, EngineError
from agave_wasi.engines.x86 import compile as compiling
from agave_wasi.engines.x86.compile import compile_module
from agave_wasi.engines.x86.image import BadImage, Image, read_image
from tests.agave_wasi.guests import slow

pytestmark = pytest.mark.skipif(not compiling.can_compile(), reason="wasmtime compiles for x86-64 Linux only there")
WASM = capi.to_wasm(
    b"""(module (import "" "f" (func $f (param i32))) (memory 1) (data (i32.const 0) "abc") (table 1 externref) (tag $e)
    (func $a (export "a") (param i32) (result i32) (i32.load (local.get 0)))
    (func $b (param externref) (table.set (i32.const 0) (local.get 0)) (call $f (i32.const 1)))
    (func (export "c") (throw $e)))"""
)
DATA = compile_module(WASM, EngineConfig()) if compiling.can_compile() else b""


def image() -> Image:
    return read_image(DATA)


def test_code_is_a_view_of_the_bytes_at_a_page() -> None:
    found = image()
    assert found.text.obj is DATA and found.text.readonly
    assert DATA.index(bytes(found.text)) % 4096 == 0
    assert bytes(found.rodata) == b"abc" and len(found.exceptions) > 8


def test_functions_trampolines_and_builtins_have_their_places() -> None:
    found = image()
    assert sorted(found.functions) == [1, 2, 3] and sorted(found.array_to_wasm) == [1, 3]
    assert sorted(found.wasm_to_array) == [0, 1, 2, 3]
    assert {"trap", "raise", "throw_ref", "gc_alloc_raw"} <= set(found.builtins)
    assert found.start is not None and found.start_code is not None
    prologue = bytes.fromhex("554889e5")  # push rbp; mov rbp, rsp
    places = [*found.functions.values(), *found.array_to_wasm.values(), *found.wasm_to_array.values(), *found.builtins.values()]
    for place in [*places, found.start, found.start_code]:
        assert bytes(found.text[place : place + 4]) == prologue


def test_flags_and_settings_are_told() -> None:
    found = image()
    assert found.flags["has_sse41"] and not found.flags["has_avx"] and found.flags["enable_nan_canonicalization"]
    assert not found.fuel and read_image(compile_module(WASM, EngineConfig(fuel=True))).fuel


def test_a_module_without_anything_has_an_image() -> None:
    found = read_image(compile_module(b"(module)", EngineConfig()))
    assert not found.functions and found.start is None and not found.rodata
    assert found.trap_code(0) is None and found.wasm_offset(0) is None and found.function_at(0) is None


def test_functions_are_found_by_offset() -> None:
    found = image()
    for index in found.functions:
        start, end = found.function_range(index)
        assert found.function_at(start) == found.function_at(end - 1) == index
        assert found.function_at(end) != index
    assert found.start is not None and found.function_at(found.start) is None
    assert found.function_at(-1) is None and found.function_at(1 << 40) is None


def test_offsets_in_the_module_are_found() -> None:
    found = image()
    start, end = found.function_range(1)
    places = {found.wasm_offset(each) for each in range(start, end)} - {None}
    load = WASM.index(b"\x28\x02\x00")  # i32.load
    assert load in places
    bodies = range(WASM.index(b"\x20\x00\x28\x02\x00") - 2, len(WASM))
    assert all(each in bodies for each in places)


def test_trap_codes_are_found_where_they_are() -> None:
    found = image()
    codes = {each: found.trap_code(each) for each in range(len(found.text)) if found.trap_code(each) is not None}
    assert set(codes.values()) == {1, 0xFE}
    assert {found.function_at(each) for each, code in codes.items() if code == 1} == {1}
    assert {found.function_at(each) for each, code in codes.items() if code == 0xFE} == {2, 3}


def test_large_tables_are_read_block_by_block() -> None:
    body = "(i32.store (i32.const 0) (i32.load (i32.const 4)))" * 50
    functions = "".join(f'(func (export "f{n}") {body})' for n in range(60))
    found = read_image(compile_module(f"(module (memory 1) {functions})".encode(), EngineConfig()))
    for index in (0, 30, 59):
        start, end = found.function_range(index)
        places = [each for each in map(found.wasm_offset, range(start, end)) if each is not None]
        assert places and max(places) - min(places) <= 550
    firsts = [found.wasm_offset(found.function_range(index)[0] + 40) for index in range(60)]
    assert firsts == sorted(each for each in firsts if each is not None)
    assert len(found._places.index) > 8 and len(found._places.latest) > 1


def test_a_map_of_a_file_is_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(DATA)
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    found = read_image(mapped)
    assert found.text.obj is mapped and found.functions == image().functions


def replaced(old: bytes, new: bytes) -> bytes:
    assert DATA.count(old) >= 1 and len(old) == len(new)
    return DATA.replace(old, new, 1)


WRONG = {
    "isn't an ELF file": b"\0asm" + DATA[4:],
    "wasmtime 51": replaced(b"\x0250\x18x86", b"\x0251\x18x86") if DATA else b"",
    "for x86_64-unknown-linux-mus": replaced(b"unknown-linux-gnu\x1b", b"unknown-linux-mus\x1b") if DATA else b"",
    r"executes wrongly: has_avx$": replaced(b"\x07has_avx\x02\x00", b"\x07has_avx\x02\x01") if DATA else b"",
    r"executes wrongly: has_avx2$": replaced(b"\x08has_avx2\x02\x00", b"\x08has_avx2\x02\x01") if DATA else b"",
    r"executes wrongly: has_fma$": replaced(b"\x07has_fma\x02\x00", b"\x07has_fma\x02\x01") if DATA else b"",
    r"executes wrongly: has_avx512f$": replaced(b"\x0bhas_avx512f\x02\x00", b"\x0bhas_avx512f\x02\x01") if DATA else b"",
    "settings of wasmtime": replaced(b"\x042\xd0\x0f", b"\x042\xd1\x0f") if DATA else b"",
}


def test_what_is_wrong_is_told() -> None:
    for text, data in WRONG.items():
        with pytest.raises(BadImage, match=text):
            read_image(data)


HEADER, SECTIONS, COUNT = 64, 0x28, 0x3C
"""Bytes of a section header; where the file header says where they are, and how many."""


def with_section(name: str, field: int, value: int) -> bytes:
    """The image with a word of a section's header changed: 0x18 is its place, 0x20 its size."""
    data = bytearray(DATA)
    start, count = int.from_bytes(data[SECTIONS : SECTIONS + 8], "little"), data[COUNT]
    wanted = int(section(name)[0])
    for header in range(start, start + HEADER * count, HEADER):
        if header > start and int.from_bytes(data[header + 0x18 : header + 0x20], "little") == wanted:
            data[header + field : header + field + 8] = value.to_bytes(8, "little")
            return bytes(data)
    raise AssertionError(name)


def section(name: str) -> tuple[int, int]:
    """Where a section is, and its size."""
    from agave_wasi.engines.x86.image import _sections

    return _sections(memoryview(DATA))[name]


def test_code_that_doesnt_begin_at_a_page_is_refused() -> None:
    with pytest.raises(BadImage, match="begin at a page"):
        read_image(with_section(".text", 0x18, 4097))


@pytest.mark.parametrize("size", [len(DATA), 1 << 62])
def test_a_section_that_leaves_the_file_is_refused(size: int) -> None:
    with pytest.raises(BadImage, match=r"section \.text ends at .*cut off"):
        read_image(with_section(".text", 0x20, size))


def test_too_many_sections_are_refused() -> None:
    data = bytearray(DATA)
    data[COUNT : COUNT + 2] = (65).to_bytes(2, "little")
    with pytest.raises(BadImage, match="it has 65 sections"):
        read_image(bytes(data))


def with_table(name: str, content: bytes) -> bytes:
    """The image with the beginning of a section replaced."""
    start, size = section(name)
    assert len(content) <= size
    return DATA[:start] + content + DATA[start + len(content) :]


@pytest.mark.parametrize("name", [".wasmtime.traps", ".wasmtime.addrmap"])
def test_an_index_that_leaves_its_section_is_refused(name: str) -> None:
    count = (1 << 20).to_bytes(4, "little") + (1 << 13).to_bytes(4, "little")
    with pytest.raises(BadImage, match="is damaged: 1048576 places, 8192 blocks"):
        read_image(with_table(name, count))
    with pytest.raises(BadImage, match="is damaged: 1048576 places"):
        read_image(with_table(name, count[:4]))


@pytest.mark.parametrize("name", [".wasmtime.traps", ".wasmtime.addrmap"])
@pytest.mark.parametrize("size", range(1, 8))
def test_a_table_without_room_for_its_numbers_is_refused(name: str, size: int) -> None:
    with pytest.raises(BadImage, match=f"is damaged: 0 places, 0 blocks, {size} bytes"):
        read_image(with_section(name, 0x20, size))


def test_a_builtin_whose_name_does_not_end_is_refused() -> None:
    start, size = section(".strtab")
    names = DATA[start : start + size]
    at = names.index(b"wasmtime_builtin_")
    endless = names[:at] + names[at:].replace(b"\0", b"x")
    with pytest.raises(BadImage, match="a builtin's name has more than 100 bytes"):
        read_image(with_table(".strtab", endless))


def test_a_block_of_endless_numbers_is_damaged() -> None:
    index = (5).to_bytes(4, "little") + (1).to_bytes(4, "little") + bytes(8)
    found = read_image(with_table(".wasmtime.addrmap", index + b"\x80" * 10 + b"\0"))
    with pytest.raises(BadImage, match="block 0 doesn't hold what it should"):
        found.wasm_offset(0)


def test_a_foreign_elf_is_refused() -> None:
    hello = Path(__file__).resolve().parents[4] / "demo" / "metal" / "hello.elf"
    with pytest.raises(BadImage, match="isn't a module that wasmtime has compiled"):
        read_image(hello.read_bytes())


def test_code_of_the_jit_engine_is_refused() -> None:
    from agave_wasi.engines.wasmtime_engine import WasmtimeEngine

    with pytest.raises(BadImage):
        read_image(WasmtimeEngine(EngineConfig()).compile(WASM).serialize())


def ask(found: Image) -> None:
    """All that may be asked of an image."""
    size = len(found.text)
    for place in (0, 1, 100, size // 2, size - 1, size):
        found.function_at(place)
        for question in (found.trap_code, found.wasm_offset):
            try:
                question(place)
            except BadImage:
                pass
    for index in found.functions:
        start, end = found.function_range(index)
        assert 0 <= start <= end <= size


def truncated(sizes: Iterable[int]) -> None:
    for size in sizes:
        with pytest.raises(BadImage):
            read_image(DATA[:size])


def test_truncations_are_refused() -> None:
    truncated([*range(200), *range(200, len(DATA), 61), *range(len(DATA) - 100, len(DATA))])


@slow
def test_every_truncation_is_refused() -> None:
    truncated(range(len(DATA)))


def damaged(times: int, chance: random.Random) -> int:
    """Change bytes anywhere but in the code; how many times that was refused."""
    code = range(4096, 4096 + len(image().text))
    outside = [each for each in range(len(DATA)) if each not in code]
    refused = 0
    for _ in range(times):
        data = bytearray(DATA)
        for _ in range(chance.choice((1, 1, 1, 2, 8))):
            data[chance.choice(outside)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        try:
            found = read_image(bytes(data))
        except BadImage:
            refused += 1
        else:
            ask(found)
    return refused


def test_changed_bytes_give_an_image_or_an_error() -> None:
    """Changes in the code itself go unseen: it is data for a machine that keeps it in."""
    assert 100 < damaged(1000, random.Random(5)) < 970


@slow
def test_many_changed_bytes_give_an_image_or_an_error() -> None:
    assert 1000 < damaged(10_000, random.Random(6)) < 9900


def test_every_byte_of_the_headers_changed() -> None:
    refused = 0
    for place in range(64):
        for value in (0, 0xFF, DATA[place] ^ 1):
            try:
                ask(read_image(DATA[:place] + bytes([value]) + DATA[place + 1 :]))
            except BadImage:
                refused += 1
    assert refused > 50


def test_it_is_an_error_of_the_engine() -> None:
    assert issubclass(BadImage, EngineError)
