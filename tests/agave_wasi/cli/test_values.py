"""How the text of an option becomes its value, and what is no value."""

from __future__ import annotations

from collections.abc import Callable

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


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (values.natural, "0x10", 16), (values.natural, "1_000", 1000), (values.natural, str((1 << 64) - 1), (1 << 64) - 1),
        (values.positive, "1", 1), (values.descriptors, "3", 3), (values.descriptors, "1048576", 1 << 20),
        (values.stack_size, "16K", 16 << 10), (values.stack_size, "1G", 1 << 30), (values.seconds, "1e-3", 0.001),
        (values.variable, "A=b=c", ("A", "b=c")), (values.variable, "A=", ("A", "")),
        (values.variable, "SURELY_NOT_SET", ("SURELY_NOT_SET", None)), (values.named_module, "a=b=c", ("a", "b=c")),
        (values.address, "[::1]:80", "[::1]:80"), (values.rights, "strict", "strict"), (values.guest_name, "é", "é"),
    ],
)  # fmt: skip
def test_values(read: Callable[[str], object], text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "why"),
    [
        (values.text, "", "it is empty"), (values.text, "a\0b", "it has a NUL character"), (values.natural, "x", "no"),
        (values.natural, "-1", "it is negative"), (values.natural, str(1 << 64), "more than 64 bits"),
        (values.positive, "0", "at least 1"), (values.descriptors, "2", "from 3"), (values.descriptors, "1048577", "from 3"),
        (values.stack_size, "16383", "from 16K"), (values.stack_size, "1025M", "from 16K"),
        (values.seconds, "0", "more than 0"),
        (values.seconds, "nan", "more than 0"), (values.seconds, "inf", "more than 0"), (values.seconds, "soon", "no"),
        (values.moment, "1969-12-31T23:59:59", "from 1970"), (values.moment, "2263-01-01", "to 2262"),
        (values.moment, "now", "ISO 8601"), (values.variable, "=x", "the name is missing"), (values.variable, "A=\0", "NUL"),
        (values.named_module, "a=", "a name and a file"), (values.named_module, "=b", "a name and a file"),
        (values.rights, "", "lenient and strict"), (values.guest_name, "\udcff", "UTF-8"), (values.folder, "::g", "host"),
        (values.folder, "h::", "guest"), (values.address, "80", "port"),
    ],
)  # fmt: skip
def test_no_values(read: Callable[[str], object], text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(text)


def test_points_and_contents() -> None:
    assert values.point("call:fd_write:3") == "call:fd_write:3"
    assert values.contents("/a=b=c") == ("/a", "b=c")
    for wrong in ("", "call", "line:3", "icount"):
        with pytest.raises(ValueError, match="it is icount:N"):
            values.point(wrong)
    for wrong in ("", "a", "=b", "a="):
        with pytest.raises(ValueError, match="GUEST=HOST"):
            values.contents(wrong)
