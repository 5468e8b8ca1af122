"""Stack maps: what they say, what they refuse, and that compiled code has them."""

from __future__ import annotations

import struct

import pytest

from agave_wasi.engines.base import EngineConfig, EngineError
from agave_wasi.engines.x86.compile import compile_module
from agave_wasi.engines.x86.image import read_image
from agave_wasi.engines.x86.stackmaps import StackMaps
from tests.agave_wasi.engines.x86.throwing import CHAIN, LOOP

START = 0x40_0000
WORDS = [2, 0x11B, 0x512, 0, 3, 0x20, 1, 0b101, 0x100, 2, 1 << 31, 0b1]


def section(*words: int) -> bytes:
    return struct.pack(f"<{len(words)}I", *words)


def test_bits_are_places_in_the_frame() -> None:
    maps = StackMaps(section(*WORDS), START)
    assert maps.find(START + 0x11B) == (0x20, 0x18)
    assert maps.find(START + 0x512) == (0x100 - 4 * 31, 0x100 - 4 * 32)
    for other in (0, 0x11A, 0x11C, 0x513, 0xFFFF):
        assert maps.find(START + other) == ()
    assert maps.find(0) == ()


def test_an_image_may_have_no_maps() -> None:
    assert StackMaps(b"", START).find(START) == ()
    assert StackMaps(section(0), START).find(START) == ()


@pytest.mark.parametrize("data, reason", [(b"\0" * 3, "it has 3 bytes"), (section(2, 0, 0, 0), "2 places don't fit")])
def test_a_section_that_is_too_short_is_damaged(data: bytes, reason: str) -> None:
    with pytest.raises(EngineError, match=f"stack maps are damaged: {reason}.*; empty the code cache"):
        StackMaps(data, START)


@pytest.mark.parametrize(
    "index, value, reason",
    [
        (4, 100, "map 1 begins at 105, but there are 12 words"),
        (9, 3, "map 1 begins at 8"),
        (8, 0x80, "map 1 is about more than its frame of 128 bytes"),
    ],
)
def test_a_map_that_can_t_be_is_damaged(index: int, value: int, reason: str) -> None:
    words = WORDS.copy()
    words[index] = value
    maps = StackMaps(section(*words), START)
    with pytest.raises(EngineError, match=reason):
        maps.find(START + 0x512)
    assert maps.find(START + 0x11B)


def test_compiled_code_has_maps_where_references_outlive_a_call() -> None:
    image = read_image(compile_module(CHAIN.encode(), EngineConfig()))
    maps = StackMaps(image.stack_maps, START)
    found = [offset for offset in range(len(image.text)) if maps.find(START + offset)]
    assert {image.function_at(offset) for offset in found} == {0, 1}
    assert all(image.text[offset - 5] == 0xE8 for offset in found)
    assert not read_image(compile_module(LOOP.encode(), EngineConfig())).stack_maps
