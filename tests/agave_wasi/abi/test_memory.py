"""Guest memory as generated code uses it: regions, texts, arrays of strings."""

from __future__ import annotations

import pytest

from agave_wasi.abi.memory import bad_region, require_utf8, store_strings
from kernel_sim.errors import KernelError


@pytest.mark.parametrize("text", [b"", b"abc", "é😀".encode(), b"a\0b", b"\xef\xbf\xbd"])
def test_utf_8(text: bytes) -> None:
    require_utf8(text)


@pytest.mark.parametrize("text", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"])
def test_not_utf_8(text: bytes) -> None:
    with pytest.raises(KernelError, match="ILSEQ"):
        require_utf8(text)


def test_strings_and_regions() -> None:
    data = bytearray(b"\xaa" * 40)
    store_strings(memoryview(data), 4, 20, [b"ab", b"", b"c"])
    assert data == b"\xaa" * 4 + b"\x14\0\0\0\x17\0\0\0\x18\0\0\0" + b"\xaa" * 4 + b"ab\0\0c\0" + b"\xaa" * 14
    assert "misaligned" in str(bad_region(3, 4, 4, 100))
    assert "4 bytes at 0x64, memory has 0x64" in str(bad_region(100, 4, 4, 100))
