"""What an embedder gives a program: any bytes as input, output to functions or devices, arguments without NULs."""

from __future__ import annotations

import pytest

from agave_wasi import World
from agave_wasi.host.stdio import SinkStream
from agave_wasi.streams import argument, standard_streams
from tests.agave_wasi.guests import READS_STDIN, prints, wat


def test_input_is_any_bytes_or_text() -> None:
    for given, read in ((b"\0\xff", b"\0\xff"), ("zw\u00f6lf\0", "zw\u00f6lf\0".encode()), (b"", b"")):
        stdin = standard_streams(given, None, None, False)[0]
        assert stdin.read(100) == read and stdin.read(100) == b""
    assert World().run(wat(READS_STDIN), stdin=b"\0\0\0").exit_code == 3


def test_output_goes_to_a_function_and_is_collected() -> None:
    pieces: list[bytes] = []
    result = World().run(prints("one"), stdout=pieces.append)
    assert (result.stdout, b"".join(pieces)) == (b"one", b"one")


def test_devices_are_taken_as_they_are() -> None:
    device = SinkStream(terminal=True)
    streams = standard_streams(device, device, device, False)
    assert all(each is device for each in streams)
    assert [each.terminal for each in standard_streams(b"", None, None, True)] == [True, True, True]


def test_arguments_have_no_nul() -> None:
    assert argument("a\udcff") == b"a\xff"
    for text in ("a\0b", b"a\0b"):
        with pytest.raises(ValueError, match="NUL"):
            argument(text)
