"""Strings from every encoding to every other: text, memory that is asked for, and what is malformed."""

from __future__ import annotations

import pytest

from agave_wasi.component import types as t
from agave_wasi.engines.base import GuestTrap
from tests.agave_wasi.component.adapters.pair import HEAP, Pair

TYPE = t.FuncType((("x", t.STRING),))
TAG = 1 << 31
ENCODINGS = ("utf8", "utf16", "latin1+utf16")
Steps = list[tuple[int, int, int, int]]


def encoded(text: str, encoding: str) -> tuple[bytes, int]:
    """Bytes and length of a string as a side has it; Latin-1 where it can."""
    if encoding == "utf8":
        return text.encode(), len(text.encode())
    if encoding == "latin1+utf16" and all(ord(each) < 256 for each in text):
        return text.encode("latin-1"), len(text)
    data = text.encode("utf-16-le")
    return data, len(data) // 2 | (TAG if encoding == "latin1+utf16" else 0)


def send(data: bytes, length: int, here: str, there: str) -> tuple[bytes, int, Steps]:
    """What a callee sees of a string: its bytes, its length, and what it was asked for."""
    seen: list[tuple[int, int]] = []
    with Pair(TYPE, (here, there), lambda *got: seen.append(got)) as pair:
        pair.put("caller", 16, data)
        pair.call([16, length])
        (at, units), log = seen[0], pair.reallocs["callee"].log
        wide = 1 if there == "utf8" or (there == "latin1+utf16" and not units & TAG) else 2
        return bytes(pair.data["callee"][at : at + wide * (units & ~TAG)]), units, log


@pytest.mark.parametrize("there", ENCODINGS)
@pytest.mark.parametrize("here", ENCODINGS)
@pytest.mark.parametrize(
    "text",
    [
        "", "a", "plain ASCII, longer than a word", "é", "naïve ÿ", "aÿ€", "€", "😀", "\0x", "ab😀é" * 40, "\U0010ffff\uffff",
    ],
)  # fmt: skip
def test_text_arrives(text: str, here: str, there: str) -> None:
    assert send(*encoded(text, here), here, there)[:2] == encoded(text, there)


@pytest.mark.parametrize(
    ("text", "here", "there", "steps"),
    [
        ("aé", "utf8", "utf8", [(0, 0, 1, 3)]),
        ("aé", "utf16", "utf16", [(0, 0, 2, 4)]),
        ("aé", "utf8", "utf16", [(0, 0, 2, 6), (HEAP, 6, 2, 4)]),
        ("ab", "utf16", "utf8", [(0, 0, 1, 2)]),
        ("aé", "utf16", "utf8", [(0, 0, 1, 2), (HEAP, 2, 1, 6), (HEAP + 2, 6, 1, 3)]),
        ("€€", "utf16", "utf8", [(0, 0, 1, 2), (HEAP, 2, 1, 6)]),
        ("éé", "latin1+utf16", "utf8", [(0, 0, 1, 2), (HEAP, 2, 1, 4)]),
        ("aé", "latin1+utf16", "utf8", [(0, 0, 1, 2), (HEAP, 2, 1, 4), (HEAP + 2, 4, 1, 3)]),
        ("aé", "latin1+utf16", "utf16", [(0, 0, 2, 4)]),
        ("a€", "latin1+utf16", "utf16", [(0, 0, 2, 4)]),
        ("aé", "latin1+utf16", "latin1+utf16", [(0, 0, 2, 2)]),
        ("a€", "latin1+utf16", "latin1+utf16", [(0, 0, 2, 4)]),
        ("ab", "utf8", "latin1+utf16", [(0, 0, 2, 2)]),
        ("aé", "utf8", "latin1+utf16", [(0, 0, 2, 3), (HEAP, 3, 2, 2)]),
        ("é€", "utf8", "latin1+utf16", [(0, 0, 2, 5), (HEAP, 5, 2, 10), (HEAP + 6, 10, 2, 4)]),
        ("é€", "utf16", "latin1+utf16", [(0, 0, 2, 2), (HEAP, 2, 2, 4)]),
        ("aé", "utf16", "latin1+utf16", [(0, 0, 2, 2)]),
    ],
)  # fmt: skip
def test_memory_is_asked_for_in_the_prescribed_steps(text: str, here: str, there: str, steps: Steps) -> None:
    assert send(*encoded(text, here), here, there)[2] == steps


def test_utf16_that_was_tagged_and_would_fit_becomes_latin1() -> None:
    data = "aÿé".encode("utf-16-le")
    assert send(data, 3 | TAG, "latin1+utf16", "latin1+utf16") == (b"a\xff\xe9", 3, [(0, 0, 2, 6), (HEAP, 6, 1, 3)])


@pytest.mark.parametrize("there", ENCODINGS)
@pytest.mark.parametrize(
    "data",
    [
        b"\x80", b"ab\xff", b"\xc0\x80", b"\xc1\xbf", b"\xc2", b"\xc2\x41", b"\xe0\x80\x80", b"\xe0\x9f\xbf",
        b"\xe2\x82", b"\xe2\x82\x41", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf",
        b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"longer than eight bytes \xc3",
    ],
)  # fmt: skip
def test_malformed_utf8(data: bytes, there: str) -> None:
    with pytest.raises(UnicodeDecodeError) as expected:
        data.decode()
    why = f"test:pair/f: a string isn't utf-8: malformed at {16 + expected.value.start:#x} (string in the arguments)"
    with pytest.raises(GuestTrap) as caught:
        send(data + b"\x80\x80\x80", len(data), "utf8", there)  # what follows would complete some of them
    assert str(caught.value) == why


@pytest.mark.parametrize("there", ENCODINGS)
@pytest.mark.parametrize(
    "units",
    [
        (0xD800,), (0xDC00,), (0x41, 0xDBFF, 0x41), (0xD800, 0xD800, 0xDC00), (0xDFFF, 0xD800), (0xDC00, 0xDC00),
        (0x41,) * 9 + (0xD83D,),
    ],
)  # fmt: skip
@pytest.mark.parametrize("here", ENCODINGS[1:])
def test_malformed_utf16(units: tuple[int, ...], here: str, there: str) -> None:
    data = b"".join(each.to_bytes(2, "little") for each in units)
    with pytest.raises(GuestTrap, match=r"a string isn't utf-16: a surrogate alone at 0x[0-9a-f]+ \(string in the arguments\)"):
        send(data + b"\0\xdc", len(units) | (TAG if here != "utf16" else 0), here, there)


@pytest.mark.parametrize(
    ("here", "at", "length", "why"),
    [
        ("utf8", 0xFFFF, 2, "2 bytes at 0xffff, memory has 0x10000"),
        ("utf8", 0x10001, 0, "0 bytes at 0x10001"),
        ("utf16", 1, 0, "misaligned pointer: 0x1 must be a multiple of 2"), ("utf16", 0xFFFE, 2, "4 bytes at 0xfffe"),
        ("latin1+utf16", 3, 0, "misaligned pointer: 0x3 must be a multiple of 2"),
        ("latin1+utf16", 0xFFFE, 3, "3 bytes at 0xfffe"),
        ("latin1+utf16", 0xFFFE, 2 | TAG, "4 bytes at 0xfffe"),
        ("utf8", 0, 1 << 31, "2147483648 bytes are more than 2147483647"),
        ("utf16", 0, 1 << 30, "2147483648 bytes are more than 2147483647"),
        ("utf16", 0, 0xFFFF_FFFF, "8589934590 bytes are more than"),
    ],
)  # fmt: skip
def test_strings_that_are_not_there(here: str, at: int, length: int, why: str) -> None:
    with Pair(TYPE, (here, "utf8"), lambda *_: None) as pair, pytest.raises(GuestTrap, match=why):
        pair.call([at, length])


@pytest.mark.parametrize(
    ("here", "there", "answers", "why"),
    [
        ("utf8", "utf16", [1], "misaligned pointer: 0x1 must be a multiple of 2"),
        ("utf8", "utf8", [0xFFFF], "3 bytes at 0xffff"),
        ("utf16", "utf8", [0, 0xFFFF], "6 bytes at 0xffff"), ("utf16", "utf8", [0, 0, 0x1_0000], "3 bytes at 0x10000"),
        ("utf8", "latin1+utf16", [0, 3], "misaligned pointer: 0x3"),
    ],
)  # fmt: skip
def test_each_answer_of_realloc_is_checked(here: str, there: str, answers: list[int], why: str) -> None:
    with Pair(TYPE, (here, there), lambda *_: None) as pair:
        pair.reallocs["callee"] = lambda *_: answers.pop(0)  # type: ignore[assignment]
        data, length = encoded("aé", here)
        pair.put("caller", 0, data)
        with pytest.raises(GuestTrap, match=f"realloc returned a bad pointer: .*{why}"):
            pair.call([0, length])
    assert not answers
