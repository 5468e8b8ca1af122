"""Names and times of images: every byte survives, no name steers a terminal, no time is one that no guest can see."""

from __future__ import annotations

import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_wasi.image_names import nanoseconds, printable, to_bytes, to_text

MAX_TIME = (1 << 64) - 1
"""As Preview 1 has room for."""


@given(st.binary())
def test_names_survive(name: bytes) -> None:
    assert to_bytes(to_text(name)) == name
    assert printable(name) == printable(to_text(name))
    assert printable(name).isprintable() and 0 < len(printable(name)) < 2100


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"plain/na\xc3\xafve", "plain/naïve"), (b"a\x1b[2J\nb", r"a\x1b[2J\nb"), (b"\xff", r"\xff"), (b"", "(no name)"),
        ("\u202e", r"\u202e"), (b"d" * 200, "d" * 200), (b"a" * 100 + b"b" * 1000 + b"c" * 90, "a" * 100 + "..." + "c" * 90),
    ],
)  # fmt: skip
def test_names_in_messages(name: str | bytes, shown: str) -> None:
    assert printable(name) == shown


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("5", 5 * 10**9), ("1.5", 1_500_000_000), ("1.000000001", 1_000_000_001), ("1.0000000019", 1_000_000_001),
        ("1234567890.123456789", 1_234_567_890_123_456_789), ("0.0", 0), ("99999999999999999999", MAX_TIME),
    ],
)  # fmt: skip
def test_times_in_an_extended_header_are_exact(written: str, time: int) -> None:
    info = tarfile.TarInfo("f")
    info.mtime = 77
    info.pax_headers = {"mtime": written}
    assert nanoseconds(info) == time


@pytest.mark.parametrize("written", ["", "x", "-1", ".5", "1.x", "٣", "9" * 40, "1.-5"])
def test_other_times_are_those_of_the_plain_header(written: str) -> None:
    info = tarfile.TarInfo("f")
    info.mtime = 77
    info.pax_headers = {"mtime": written}
    assert nanoseconds(info) == 77 * 10**9


@pytest.mark.parametrize(
    ("mtime", "time"), [(-5, 0), (float("inf"), 0), (float("nan"), 0), (1e30, MAX_TIME), (0, 0), (1.5, 10**9)]
)
def test_times_that_no_guest_can_see(mtime: float, time: int) -> None:
    info = tarfile.TarInfo("f")
    info.mtime = mtime
    assert nanoseconds(info) == time
