"""Strings in each encoding: what is read and written, and every trap."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.abi.memory import Trap
from agave_wasi.component import strings
from agave_wasi.component.misfit import Misfit
from agave_wasi.component.strings import UTF16_TAG
from tests.agave_wasi.component.fake import HEAP, Guest


def read(encoding: str, data: bytes, units: int, at: int = 256) -> str:
    guest = Guest(encoding)
    guest.put(data, at)
    context = guest.context()
    return context.read_text(context, at, units)


def write(encoding: str, text: Any) -> tuple[bytes, int, Guest]:
    """What is written for `text`, and its length in units."""
    guest = Guest(encoding)
    context = guest.context()
    at, units = context.write_text(context, text)
    return bytes(guest.bytes[at : guest.top]), units, guest


TEXTS = ["", "abc", "é", "ÿ", "€", "a€😀", "\0", "\ufeffx", "\uffff"]


@pytest.mark.parametrize("text", TEXTS)
def test_utf8(text: str) -> None:
    data, units, guest = write("utf8", text)
    assert (data, units) == (text.encode(), len(data))
    assert guest.asked == [(0, 0, 1, len(data))]
    assert read("utf8", data, units, 257) == text


@pytest.mark.parametrize("text", TEXTS)
def test_utf16(text: str) -> None:
    data, units, guest = write("utf16", text)
    assert (data, 2 * units) == (text.encode("utf-16-le"), len(data))
    assert guest.asked == [(0, 0, 2, len(data))]
    assert read("utf16", data, units) == text


@pytest.mark.parametrize("text", TEXTS)
def test_latin1_where_that_has_all_of_it(text: str) -> None:
    data, units, guest = write("latin1+utf16", text)
    if all(char <= "\xff" for char in text):
        assert (data, units) == (text.encode("latin-1"), len(text))
    else:
        assert (data, units) == (text.encode("utf-16-le"), len(data) // 2 | UTF16_TAG)
    assert guest.asked == [(0, 0, 2, len(data))]
    assert read("latin1+utf16", data, units) == text


@pytest.mark.parametrize("data", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\xf4\x90\x80\x80", b"a\x80"])
def test_what_is_no_utf8(data: bytes) -> None:
    with pytest.raises(Trap, match="a string isn't utf-8"):
        read("utf8", data, len(data))


@pytest.mark.parametrize("data", [b"\x00\xd8", b"\x00\xdc", b"\x00\xd8a\x00", b"a\x00\x00\xd8"])
@pytest.mark.parametrize(("encoding", "tag"), [("utf16", 0), ("latin1+utf16", UTF16_TAG)])
def test_lone_surrogates(encoding: str, tag: int, data: bytes) -> None:
    with pytest.raises(Trap, match="a string isn't utf-16"):
        read(encoding, data, len(data) // 2 | tag)


@pytest.mark.parametrize(("encoding", "tag"), [("utf16", 0), ("latin1+utf16", 0), ("latin1+utf16", UTF16_TAG)])
def test_misaligned(encoding: str, tag: int) -> None:
    for units in (0, 1):
        with pytest.raises(Trap, match="misaligned"):
            read(encoding, b"a\x00", units | tag, 257)


@pytest.mark.parametrize(
    ("encoding", "width", "tag"), [("utf8", 1, 0), ("utf16", 2, 0), ("latin1+utf16", 1, 0), ("latin1+utf16", 2, UTF16_TAG)]
)
def test_out_of_bounds(encoding: str, width: int, tag: int) -> None:
    end = Guest().size
    assert read(encoding, b"", tag, end) == ""
    assert read(encoding, b"", 1 | tag, end - 2)[0] == "\0"
    for at, units in [(end, 1), (end + 2, 0), (end - 2, 3), (0, (1 << 31) - 1), (0xFFFF_FFFE, 1)]:
        with pytest.raises(Trap, match="out of bounds"):
            read(encoding, b"", units | tag, at)
    guest = Guest(encoding)
    context = guest.context()
    with pytest.raises(Trap, match="out of bounds"):
        context.read_text(context, 0, guest.size // width + 1 | tag)


@pytest.mark.parametrize("encoding", ["utf8", "utf16", "latin1+utf16"])
@pytest.mark.parametrize("wrong", ["\ud800", "a\udfff", 5, None, b"bytes"])
def test_what_is_no_text(encoding: str, wrong: Any) -> None:
    with pytest.raises(Misfit, match="doesn't fit the type string"):
        write(encoding, wrong)


@pytest.mark.parametrize("encoding", ["utf8", "utf16", "latin1+utf16"])
def test_too_long_a_string(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert strings.MAX_BYTES == (1 << 31) - 1
    monkeypatch.setattr(strings, "MAX_BYTES", 3)
    with pytest.raises(Trap, match="longer than"):
        write(encoding, "abcd")
    with pytest.raises(Trap, match="longer than"):
        read(encoding, b"abcd", 4)


def test_memory_that_realloc_gives_is_looked_at() -> None:
    guest = Guest()
    guest.top = HEAP + 1
    context = Guest("utf16").context(realloc=lambda *_: HEAP + 1)
    with pytest.raises(Trap, match="realloc returned a bad pointer: misaligned"):
        context.write_text(context, "a")
