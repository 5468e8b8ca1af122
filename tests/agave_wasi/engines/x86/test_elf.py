"""Reading ELF files: what can run, and everything that can't."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agave_wasi.engines.x86.elf import LONGEST_NAME, MOST_SECTIONS, SYMBOL, BadElf, Image, read_elf
from kernel_sim.cpu.layout import HEAP
from kernel_sim.cpu.memory import Memory

HELLO = (Path(__file__).resolve().parents[4] / "demo" / "metal" / "hello.elf").read_bytes()
HEADER, PROGRAM = struct.Struct("<16sHHIQQQIHHHHHH"), struct.Struct("<IIQQQQQQ")
SECTION = struct.Struct("<IIQQQQIIQQ")
BASE = 0x40_0000
LOAD, DYNAMIC, INTERP, TLS = 1, 2, 3, 7
R, RX, RW, RWX = 4, 5, 6, 7


def segment(
    kind: int = LOAD, flags: int = RX, offset: int = 0, address: int = BASE, stored: int = 200, size: int = 200
) -> bytes:
    return PROGRAM.pack(kind, flags, offset, address, address, stored, size, 4096)


def elf(
    *segments: bytes, ident: bytes = b"\x7fELF\2\1\1", type: int = 2, machine: int = 62, entry: int = BASE + 0x80,
    phentsize: int = 56, ehsize: int = 64, count: int | None = None, shoff: int = 0,
) -> bytes:  # fmt: skip
    segments = segments or (segment(),)
    header = HEADER.pack(
        ident.ljust(16, b"\0"), type, machine, 1, entry, 64, shoff, 0, ehsize, phentsize,
        len(segments) if count is None else count, 64, 0, 0,
    )  # fmt: skip
    return (header + b"".join(segments)).ljust(200, b"\x90")


def test_a_program_has_segments_an_entry_and_symbols() -> None:
    image = read_elf(HELLO)
    assert [each.access for each in image.segments] == ["r", "rx", "rw"]
    assert image.segments[2].data == b"" and image.segments[2].size
    assert image.symbols[image.entry] == "_start" and "main" in image.symbols.values()
    assert image.size == 3 * 4096


def test_a_program_is_put_where_it_is_linked_for() -> None:
    data = elf(segment(size=5000), segment(flags=RW, offset=10, address=BASE + 0x3010, stored=4, size=8))
    memory = Memory()
    image = read_elf(data)
    image.place(memory)
    made = [(each.start, each.size, each.access) for each in memory.regions]
    assert made == [(BASE, 8192, "rx"), (BASE + 0x3000, 4096, "rw")]
    assert bytes(memory.view(BASE, 200)) == data and bytes(memory.view(BASE + 200, 10)) == b"\0" * 10
    assert bytes(memory.view(BASE + 0x300F, 6)) == b"\0" + data[10:14] + b"\0"
    assert image.size == memory.size and not image.symbols


def with_symbols(symbols: Sequence[tuple[int, int, int]], names: bytes, entry: int = 24) -> bytes:
    """A program with symbols: place of the name, information, value."""
    table = b"".join(SYMBOL.pack(name, info, 0, 1, value, 0) for name, info, value in symbols)
    sections = b"\0.symtab\0.strtab\0.shstrtab\0"
    begin, data = 200, elf()
    headers = [bytes(64)]
    for name, kind, content, link, size in ((1, 2, table, 2, entry), (9, 3, names, 0, 0), (17, 3, sections, 0, 0)):
        headers.append(SECTION.pack(name, kind, 0, 0, begin, len(content), link, 0, 1, size))
        data, begin = data + content, begin + len(content)
    return data[:40] + struct.pack("<Q", begin) + data[48:58] + struct.pack("<HHH", 64, 4, 3) + data[64:] + b"".join(headers)


def test_symbols_are_functions_and_labels() -> None:
    rows = [(1, 0x12, BASE), (5, 0x10, BASE + 8), (5, 1, BASE + 9), (0, 2, BASE + 10), (1, 2, 0), (99, 2, BASE + 11)]
    assert read_elf(with_symbols(rows, b"\0one\0t\xffo\0")).symbols == {BASE: "one", BASE + 8: "t\ufffdo"}
    assert read_elf(with_symbols([(1, 2, BASE)], b"\0" + b"x" * 5000)).symbols == {BASE: "x" * LONGEST_NAME}
    assert read_elf(with_symbols([(3, 2, BASE)], b"\0one")).symbols == {BASE: "e"}
    with pytest.raises(BadElf, match="symbol table is damaged"):
        read_elf(with_symbols(rows, b"\0", entry=8))
    many = bytearray(with_symbols(rows, b"\0"))
    many[60:62] = struct.pack("<H", MOST_SECTIONS + 1)
    with pytest.raises(BadElf, match="it has 4097 sections"):
        read_elf(bytes(many))


def test_segments_on_one_page_can_t_be_placed() -> None:
    image = read_elf(elf(segment(), segment(flags=RW, address=BASE + 0x800)))
    with pytest.raises(BadElf, match="overlap"):
        image.place(Memory())


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "isn't an ELF file"),
        (b"\0asm\1\0\0\0", "isn't an ELF file"),
        (HELLO[:63], "64 bytes, but the file only 63"),
        (elf(ident=b"\x7fELF\1\1\1"), "64-bit little-endian"),
        (elf(ident=b"\x7fELF\2\2\1"), "64-bit little-endian"),
        (elf(machine=183), "another machine .EM_AARCH64.: build it for x86-64"),
        (elf(machine=0xFFFF), "another machine"),
        (elf(type=3), "position-independent: link it with -static -no-pie"),
        (elf(type=1), "no program but ET_REL: link it"),
        (elf(phentsize=0), "e_phentsize is 0, and should be 56"),
        (elf(ehsize=0), "e_ehsize is 0, and should be 64"),
        (elf(count=0), "it has 0 program headers"),
        (elf(count=65), "it has 65 program headers"),
        (elf(count=64), "it is damaged"),
        (elf(segment(kind=INTERP)), "linked dynamically: link it with -static"),
        (elf(segment(), segment(kind=DYNAMIC)), "linked dynamically"),
        (elf(segment(), segment(kind=TLS)), "thread-local storage"),
        (elf(segment(kind=6)), "nothing to load"),
        (elf(segment(size=0, stored=0)), "nothing to load"),
        (elf(segment(stored=201)), "program header 0: 201 bytes of the file don't fit into 200"),
        (elf(segment(stored=201, size=201)), "bytes 0 to 201 are not in the file, which has 200"),
        (elf(segment(offset=1 << 63)), "not in the file"),
        (elf(segment(address=0)), "0x0 to 0xc8 is not within 0x10000"),
        (elf(segment(address=HEAP - 1)), "is not within"),
        (elf(segment(address=(1 << 64) - 1)), "is not within"),
        (elf(segment(size=(1 << 64) - 1)), "is not within"),
        (elf(segment(flags=RWX)), "writable and executable"),
        (elf(segment(size=30 << 30)), "it has 32212254720 bytes of code, and the file only 200"),
        (elf(segment(flags=R)), "it begins at 0x400080, where it has no code"),
        (elf(entry=BASE + 200), "it begins at 0x4000c8"),
        (elf(shoff=1 << 40), "it is damaged"),
    ],
)
def test_what_can_t_run_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(BadElf, match=reason):
        read_elf(data)


def test_a_file_cut_anywhere_is_refused_or_has_all_that_it_loads() -> None:
    for length in range(0, len(HELLO), 7):
        try:
            image = read_elf(HELLO[:length])
        except BadElf:
            continue
        assert image.segments[1].data == read_elf(HELLO).segments[1].data


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(HELLO) - 1), st.integers(0, 255)), min_size=1, max_size=6), st.booleans())
def test_no_damage_is_more_than_an_error(changes: list[tuple[int, int]], early: bool) -> None:
    data = bytearray(HELLO)
    for at, value in changes:
        data[at % 0x200 if early else at] = value
    try:
        image = read_elf(bytes(data))
    except BadElf as error:
        assert str(error)
    else:
        assert isinstance(image, Image) and image.segments


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 15), st.integers(0, 63), st.integers(0, (1 << 64) - 1))
def test_no_damage_to_sections_is_more_than_an_error(section: int, at: int, value: int) -> None:
    data = bytearray(HELLO)
    (table,) = struct.unpack_from("<Q", data, 40)
    struct.pack_into("<Q", data, min(table + 64 * section + at, len(data) - 8), value)
    try:
        read_elf(bytes(data))
    except BadElf as error:
        assert str(error)
