"""The file of a snapshot: what is written comes back, and anything else is refused, with the part's name."""

from __future__ import annotations

import json
import random
from hashlib import sha256
from typing import Any

import pytest

from agave_wasi.snapshots.container import MAGIC, SAMPLES, VERSION, Container, json_of, write
from kernel_sim.snapshot import SnapshotError

PARTS = [("one", b"1" * 5000), ("two", bytes(random.Random(1).randbytes(300))), ("none", b"")]
DATA = write({"x": "1"}, PARTS)
START = len(MAGIC) + 8


def signed(header: Any, body: bytes) -> bytes:
    """A file with this header, and a checksum that is right."""
    raw = json.dumps(header).encode()
    begin = MAGIC + VERSION.to_bytes(4, "little") + len(raw).to_bytes(4, "little") + raw
    return begin + sha256(begin).digest() + body


def taken_apart(data: bytes = DATA) -> tuple[Any, bytes]:
    """Header and body."""
    end = START + int.from_bytes(data[START - 4 : START], "little")
    return json.loads(data[START:end]), data[end + 32 :]


def read(data: bytes, most: int = 1 << 20) -> dict[str, bytes]:
    container = Container(data)
    return {name: container.part(name, most) for name in container.names}


def test_what_is_written_comes_back() -> None:
    assert read(DATA) == dict(PARTS) and Container(DATA).made_by == {"x": "1"}
    assert len(DATA) < 1200 and write({"x": "1"}, PARTS) == DATA


def test_samples_of_what_is_large_tell_whether_to_compress_it() -> None:
    size = 1 << 20
    hopeless = random.Random(2).randbytes(size)
    step = size // SAMPLES
    misjudged = b"".join(hopeless[at : at + step // 4] + bytes(step - step // 4) for at in range(0, size, step))
    half = hopeless[: size // 2] + bytes(size // 2)
    parts = [("hopeless", hopeless), ("easy", bytes(size)), ("half", half), ("misjudged", misjudged)]
    data = write({}, parts)
    assert [row[1] for row in taken_apart(data)[0]["parts"]] == ["raw", "zlib", "zlib", "raw"]
    assert read(data) == dict(parts)


def test_every_byte_that_is_changed_is_noticed() -> None:
    for at in range(len(DATA)):
        damaged = bytearray(DATA)
        damaged[at] ^= 1 << at % 8
        with pytest.raises(SnapshotError):
            read(bytes(damaged))


def test_every_file_that_is_cut_off_is_noticed() -> None:
    for end in range(len(DATA)):
        with pytest.raises(SnapshotError):
            read(DATA[:end])
    with pytest.raises(SnapshotError, match="something behind the last part"):
        read(DATA + b"x")


def test_the_part_is_named() -> None:
    header, body = taken_apart()
    with pytest.raises(SnapshotError, match=r"^two: its checksum is wrong"):
        read(signed(header, body[:-1] + bytes([body[-1] ^ 1])))
    with pytest.raises(SnapshotError, match=r"^two: the file ends in the middle of it"):
        read(signed(header, body[:-1]))
    with pytest.raises(SnapshotError, match=r"^one: it has 5000 bytes, more than the 4999 that are allowed here \(at"):
        read(DATA, 4999)
    with pytest.raises(SnapshotError, match=r"^three: the snapshot has no such part"):
        Container(DATA).part("three", 1)
    with pytest.raises(SnapshotError, match="version 9; only version 1"):
        read(MAGIC + b"\x09\0\0\0" + DATA[START - 4 :])
    with pytest.raises(SnapshotError, match="this is no snapshot of a run"):
        read(b"\0asm")


@pytest.mark.parametrize("size", [0, 4999, 5001, 1 << 19])
def test_what_is_compressed_has_the_size_that_is_said(size: int) -> None:
    header, body = taken_apart()
    header["parts"][0][3] = size
    with pytest.raises(SnapshotError, match=r"^one: it has "):
        read(signed(header, body))


def test_what_is_not_compressed_but_said_to_be() -> None:
    header, body = taken_apart()
    header["parts"][1][1] = "zlib"
    with pytest.raises(SnapshotError, match=r"^two: it isn't compressed"):
        read(signed(header, body))
    header["parts"][1][1], header["parts"][1][3] = "raw", 299
    with pytest.raises(SnapshotError, match=r"^two: it has 300 bytes, and not 299"):
        read(signed(header, body))


@pytest.mark.parametrize(
    "row",
    [None, [], ["a"], ["a", "raw", 1, 1], ["a", "gzip", 0, 0, ""], ["a", "raw", -1, 0, ""], ["a", "raw", 0, -1, ""],
     [1, "raw", 0, 0, ""], ["a", "raw", True, 0, ""], ["\n", "raw", 0, 0, ""], ["a", "raw", 1.0, 0, ""]],
)  # fmt: skip
def test_rows_that_describe_nothing(row: Any) -> None:
    with pytest.raises(SnapshotError, match=r"the header: .*describes no part"):
        read(signed({"made_by": {}, "parts": [row]}, b""))


@pytest.mark.parametrize(
    "header",
    [
        [], None, {}, {"made_by": {}}, {"made_by": [], "parts": []}, {"made_by": {"x": 1}, "parts": []},
        {"made_by": {}, "parts": {}},
    ],
)  # fmt: skip
def test_headers_that_say_nothing(header: Any) -> None:
    with pytest.raises(SnapshotError, match="the header: "):
        read(signed(header, b""))


def test_two_parts_of_one_name() -> None:
    row = ["a", "raw", 0, 0, sha256(b"").hexdigest()]
    with pytest.raises(SnapshotError, match="two parts 'a'"):
        read(signed({"made_by": {}, "parts": [row, row]}, b""))


def test_json_is_an_object() -> None:
    assert json_of("x", b'{"a": 1}') == {"a": 1}
    for wrong in (b"", b"[]", b"\xff", b"[" * 100_000):
        with pytest.raises(SnapshotError, match=r"^x: it is no JSON"):
            json_of("x", wrong)
