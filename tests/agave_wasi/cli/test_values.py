"""How the text of an option becomes its value, and what is no value."""

from __future__ import annotations

import pytest

from agave_wasi.cli import values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", ("a", "a", "rw")),
        (".", (".", ".", "rw")),
        ("a:ro", ("a", "a", "ro")),
        ("a::/b", ("/b", "a", "rw")),
        ("a::/b:overlay", ("/b", "a", "overlay")),
        ("a::b:c:rw", ("b:c", "a", "rw")),
        ("a:b", ("a:b", "a:b", "rw")),
        ("a::ro", ("ro", "a", "rw")),
    ],
)
def test_folders(text: str, expected: tuple[str, str, str]) -> None:
    assert values.folder(text) == expected


def test_a_slip_in_the_mode_of_a_folder_lets_nobody_write() -> None:
    with pytest.raises(ValueError, match="'r0' is not ro, rw or overlay"):
        values.folder("a::/b:r0")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0", 0), ("17", 17), ("1K", 1024), ("2m", 2 << 20), ("3G", 3 << 30), ("1KiB", 1024), ("1MB", 1 << 20)],
)
def test_sizes(text: str, expected: int) -> None:
    assert values.size(text) == expected


@pytest.mark.parametrize("text", ["", "K", "-1", "1.5M", "1Q", "٣", "99999999999T", "1 K"])
def test_no_sizes(text: str) -> None:
    with pytest.raises(ValueError):
        values.size(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1970-01-01", 0), ("1970-01-01T00:00:01Z", 10**9), ("1970-01-01T01:00+01:00", 0), ("1970-01-01T00:00:00.000001", 1000)],
)
def test_moments(text: str, expected: int) -> None:
    assert values.moment(text) == expected
