"""The bytes of an image on their way in: decompressed, forwards only, within limits."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable

import pytest

from agave_wasi.image_streams import BLOCK, MAX_HEADER, Forward, decompressed
from agave_wasi.images import ImageError, image_bytes, load_image
from tests.agave_wasi.archives import archive, described, furnished, member, new_tree, refused, text


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_images(compress: object) -> None:
    data = image_bytes(furnished())
    for packed in (compress(data), compress(data[:5000]) + compress(data[5000:])):  # type: ignore[operator]
        tree = new_tree()
        load_image(tree, packed)
        assert described(tree) == described(furnished())
        assert "damaged" in refused(packed[:-10]) and "damaged" in refused(packed[: len(packed) // 2])


def test_zstandard_is_named() -> None:
    assert "zstd -d" in refused(b"\x28\xb5\x2f\xfd" + bytes(100))


def test_headers_have_a_limit() -> None:
    info = member("f")
    info.pax_headers = {"comment": "x" * (1 << 21)}
    assert "bytes of headers" in refused(archive(info))
    chain = member("x", b"x", size=512).tobuf(tarfile.USTAR_FORMAT) + b"11 path=ab\n".ljust(512, b"\0")
    assert "damaged" in refused(chain * 1500)
    longname = member("././@LongLink", tarfile.GNUTYPE_LONGNAME, size=1 << 40).tobuf(tarfile.GNU_FORMAT)
    assert "bytes of headers" in refused(longname + bytes(4096))


def test_a_map_of_very_many_holes() -> None:
    info = member("f", size=1 << 22)
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "f", "GNU.sparse.realsize": "9"}
    assert "bytes of headers" in refused(info.tobuf(tarfile.PAX_FORMAT) + b"9999999\n" + b"0\n" * (1 << 21) + bytes(1024))


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_decompression_bombs(compress: object) -> None:
    flood = archive(member("fifo", tarfile.FIFOTYPE)) + bytes(150 << 20)
    tree = new_tree(1 << 20, 100)
    assert "holds more than this file system may" in refused(compress(flood), tree)  # type: ignore[operator]
    assert "big doesn't fit" in refused(compress(archive(text("big", bytes(3 << 20)))), tree)  # type: ignore[operator]


class Dripping(io.BytesIO):
    """Gives three bytes at a time, as a pipe may."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(3 if size is None or size < 0 else min(3, size))


def test_a_stream_that_gives_little_at_a_time_is_read_whole() -> None:
    stream = Forward(Dripping(bytes(range(100))), 1 << 20, "x")
    assert stream.read(50) == bytes(range(50)) and stream.tell() == 50
    assert stream.seek(90) == 90 and stream.read(20) == bytes(range(90, 100))


def test_it_only_goes_forwards() -> None:
    stream = Forward(io.BytesIO(bytes(100)), 1 << 20, "x")
    stream.seek(10)
    for position, whence in ((9, 0), (0, 1), (0, 2)):
        with pytest.raises(tarfile.ReadError, match="lies before"):
            stream.seek(position, whence)
    with pytest.raises(tarfile.ReadError, match="unexpected end of data"):
        stream.seek(101)


def test_the_limit_is_on_what_comes_out() -> None:
    stream = Forward(io.BytesIO(bytes(100)), 60, "big.tar")
    stream.read(60)
    with pytest.raises(ImageError, match=r"big\.tar holds more than this file system may, after 60 bytes"):
        stream.read(1)


def test_what_is_passed_over_is_no_header() -> None:
    stream = Forward(io.BytesIO(bytes(3 * MAX_HEADER)), 1 << 30, "x")
    stream.seek(2 * MAX_HEADER)
    assert stream.read(MAX_HEADER) == bytes(MAX_HEADER)
    with pytest.raises(tarfile.ReadError, match="bytes of headers"):
        stream.read(1)


def test_an_archive_ends_with_zeros_and_what_follows_is_read() -> None:
    with pytest.raises(tarfile.ReadError, match="no valid header at byte 0"):
        stream = Forward(io.BytesIO(b"x" * BLOCK), 1 << 20, "x")
        stream.read(BLOCK)
        stream.finish()
    stream = Forward(io.BytesIO(bytes(BLOCK) + b"more" * 5000), 1 << 20, "x")
    stream.read(BLOCK)
    stream.finish()
    assert stream.tell() == BLOCK + 20_000


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_the_beginning_tells_what_it_is_compressed_with(compress: Callable[[bytes], bytes]) -> None:
    data = bytes(range(256)) * 1000
    source = decompressed(io.BytesIO(compress(data)), "x")
    found = b""
    while piece := source.read(10_000):
        found += piece
    assert found == data


def test_xz_streams_may_follow_each_other_with_zeros_between() -> None:
    packed = lzma.compress(b"one") + bytes(8) + lzma.compress(b"two")
    source = decompressed(io.BytesIO(packed), "x")
    assert [source.read(10) for _ in range(3)] == [b"one", b"two", b""]


def test_xz_with_a_huge_dictionary_is_refused() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 30}]
    packed = lzma.compress(b"x", filters=filters)
    with pytest.raises(ValueError, match="bad xz data"):
        decompressed(io.BytesIO(packed), "x").read(1)
