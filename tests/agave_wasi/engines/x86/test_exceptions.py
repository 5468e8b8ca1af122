"""The table of exceptions: what it says, and what it refuses."""

from __future__ import annotations

import struct

import pytest

from agave_wasi.engines.base import EngineConfig, EngineError
from agave_wasi.engines.x86.compile import compile_module
from agave_wasi.engines.x86.exceptions import ANY, ExceptionTable
from agave_wasi.engines.x86.image import Image, read_image
from tests.agave_wasi.engines.x86.throwing import KINDS

START, SIZE = 0x40_0000, 0x1000
SITES = (
    (0x12B, 0x40, ((1, 0, 0x13A),)),
    (0x266, 0x50, ((0, 8, 0x28D), (ANY, ANY, 0x26B))),
    (0x341, 0x40, ((ANY, ANY, 0x372),)),
)


def section(sites: tuple[tuple[int, int, tuple[tuple[int, int, int], ...]], ...] = SITES) -> bytes:
    """The section that has these sites: return address, size of the frame, handlers of tag, context and address."""
    handlers = [each for site in sites for each in site[2]]
    ends = [sum(len(site[2]) for site in sites[: index + 1]) for index in range(len(sites))]
    words = [len(sites), len(handlers), *(site[0] for site in sites), *(site[1] for site in sites), *ends]
    for field in range(3):
        words += [handler[field] for handler in handlers]
    return struct.pack(f"<{len(words)}I", *words)


def with_word(index: int, value: int) -> bytes:
    """The section with one of its words changed."""
    words = bytearray(section())
    struct.pack_into("<I", words, 4 * index, value)
    return bytes(words)


def test_a_site_has_its_own_handlers_in_order() -> None:
    table = ExceptionTable(section(), START, SIZE)
    for address, size, handlers in SITES:
        site = table.find(START + address)
        assert site is not None
        assert site.size == size
        assert [(each.tag, each.address - START) for each in site.handlers] == [
            (None if tag == ANY else tag, handler) for tag, _, handler in handlers
        ]
    first = table.find(START + 0x266)
    assert first is not None and first.handlers[0].context == 8
    assert table.find(START + 0x266) is first
    assert repr(first.handlers) == "(<Handler 0 0x40028d>, <Handler any 0x40026b>)"


@pytest.mark.parametrize("offset", [-START, -1, 0, 0x12A, 0x12C, 0x340, 0x342, SIZE])
def test_most_calls_catch_nothing(offset: int) -> None:
    assert ExceptionTable(section(), START, SIZE).find(START + offset) is None


def test_an_image_may_catch_nothing_at_all() -> None:
    assert ExceptionTable(b"", START, SIZE).find(START) is None
    assert ExceptionTable(section(()), START, SIZE).find(START) is None


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"\0" * 7, "it has 7 bytes"),
        (section()[:-1], "take 92 bytes, but it has 91"),
        (section() + b"\0", "take 92 bytes, but it has 93"),
        (with_word(0, 0xFFFF_FFFF), "4294967295 sites"),
        (with_word(1, 5), "5 handlers"),
    ],
)
def test_a_section_of_a_wrong_size_is_damaged(data: bytes, reason: str) -> None:
    with pytest.raises(EngineError, match=f"table of exceptions is damaged: .*{reason}.*; empty the code cache"):
        ExceptionTable(data, START, SIZE)


@pytest.mark.parametrize(
    "index, value, reason",
    [
        (6, 0x51, "frame of site 1 has 81 bytes"),
        (9, 5, "site 1 has handlers 1 to 5 of 4"),
        (9, 0, "site 1 has handlers 1 to 0 of 4"),
        (16, 0x49, "handler 1 looks 73 bytes into a frame of 80"),
        (20, SIZE, "handler 1 is at 0x1000, but the code ends at 0x1000"),
    ],
)
def test_a_site_that_can_t_be_is_damaged(index: int, value: int, reason: str) -> None:
    table = ExceptionTable(with_word(index, value), START, SIZE)
    with pytest.raises(EngineError, match=reason):
        table.find(START + 0x266)
    assert table.find(START + 0x12B) is not None


def compiled() -> tuple[Image, ExceptionTable]:
    """A module that throws, as wasmtime compiles it."""
    image = read_image(compile_module(KINDS.encode(), EngineConfig()))
    return image, ExceptionTable(image.exceptions, START, len(image.text))


def test_sites_of_compiled_code_are_calls_and_handlers_are_in_the_same_function() -> None:
    image, table = compiled()
    sites = {offset: table.find(START + offset) for offset in range(len(image.text))}
    found = {offset: site for offset, site in sites.items() if site is not None}
    calling = {image.function_at(offset) for offset in found} - {None}
    assert calling == {1, 2}  # $again and run
    for offset, site in found.items():
        assert image.text[offset - 5] == 0xE8
        assert site.handlers
        for handler in site.handlers:
            assert image.function_at(handler.address - START) == image.function_at(offset)


def test_tags_are_numbered_as_in_the_module() -> None:
    image, table = compiled()
    start, end = image.function_range(2)
    sites = [site for offset in range(start, end) if (site := table.find(START + offset))]
    assert [[each.tag for each in site.handlers] for site in sites] == [[0, 1, None]]
