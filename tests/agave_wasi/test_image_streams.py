"""The bytes of an image on their way in: decompressed, forwards only, within limits."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile

import pytest

from agave_wasi.images import image_bytes, load_image
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
