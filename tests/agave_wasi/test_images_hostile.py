"""Hostile images: whatever an archive says, it is loaded as it is meant, or refused with a reason, as a whole."""


from __future__ import annotations

import gzip
import random
import tarfile

import pytest

from agave_wasi.images import ImageError, image_bytes, load_image
from kernel_sim.fs.inode import Directory
from kernel_sim.fs.memfs import MemDirectory, MemFile, MemSymlink
from tests.agave_wasi.archives import archive, at, described, furnished, member, new_tree, refused, text


def test_absolute_names_begin_at_the_top() -> None:
    tree = new_tree()
    load_image(tree, archive(text("/etc/passwd"), text(".//./a")))
    assert sorted(described(tree)) == [b"/a", b"/etc", b"/etc/passwd"]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "a/..", ".."])
def test_leading_out_is_refused(name: str) -> None:
    assert 'leads out of the image (".."); pack it' in refused(archive(text("good"), text(name)))
    assert 'leads out of the image (".."); pack it' in refused(archive(text("good"), member("bad", tarfile.LNKTYPE, name)))


def test_links_out_are_only_stored() -> None:
    tree = new_tree()
    load_image(tree, archive(member("a", tarfile.SYMTYPE, "/etc"), member("b", tarfile.SYMTYPE, "../../etc")))
    link = at(tree, b"a")
    assert isinstance(link, MemSymlink) and link.target == b"/etc"


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ([member("l", tarfile.SYMTYPE, "/etc"), text("l/passwd")], "l/passwd lies below l, which is a symbolic link"),
        ([text("f"), text("f/x")], "f/x lies below f, which is a file"),
        ([text("f"), member("f", tarfile.DIRTYPE)], "f is a directory here and something else before"),
        ([text("d/x"), text("d")], "d was a directory before and is something else here"),
        ([member("h", tarfile.LNKTYPE, "later"), text("later")], "h is a hard link to later, which isn't there"),
        ([text("d/x"), member("h", tarfile.LNKTYPE, "d")], "h is a hard link to a directory"),
        ([text("f"), member("h", tarfile.LNKTYPE, "f/x")], "h is a hard link to f/x, which isn't there"),
        ([text("x" * 256)], "has a name or target that is too long"),
        ([member("s", tarfile.SYMTYPE, "t" * 5000)], "s has a name or target that is too long"),
        ([text("/".join(["d" * 200] * 400))], "bytes; 4095 at most are possible"),
        ([text("/")], "has no name"),
        ([text("d\n\x1b[2J\u202e/../x")], r"d\n\x1b[2J\u202e/../x leads out"),
    ],
)
def test_nonsense_is_refused_by_name(members: list[object], why: str) -> None:
    assert why in refused(archive(text("good"), *members))  # type: ignore[arg-type]


def test_the_last_of_several_counts() -> None:
    tree = new_tree()
    load_image(tree, archive(text("f", b"first"), member("h", tarfile.LNKTYPE, "f"), text("f", b"second")))
    assert at(tree, b"f").content.tobytes() == b"second"  # type: ignore[attr-defined]
    assert at(tree, b"h").content.tobytes() == b"first"  # type: ignore[attr-defined]
    assert tree.fs.used_bytes == 11 and tree.fs.used_inodes == 3


def test_devices_are_left_out_with_a_warning() -> None:
    tree = new_tree()
    kinds = [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
    warnings = load_image(tree, archive(*(member(f"dev/{number}", kind) for number, kind in enumerate(kinds)), text("f")))
    assert warnings == [
        "dev/0 is a character device and was left out",
        "dev/1 is a block device and was left out",
        "dev/2 is a FIFO and was left out",
    ]
    assert list(described(tree)) == [b"/f"]


def test_quotas() -> None:
    tree = new_tree(1000, 5)
    assert "big doesn't fit" in refused(archive(text("big", bytes(1001))), tree)
    assert "f4 doesn't fit" in refused(archive(*(text(f"f{number}") for number in range(9))), tree)
    assert "doesn't fit" in refused(archive(text("a/b/c/d/e/f")), tree)
    load_image(tree, archive(text("fits", bytes(1000))))


def test_huge_declared_sizes() -> None:
    for size in (1 << 30, 1 << 62, (1 << 64) - 1, 1 << 80):
        header = member("huge", size=size).tobuf(tarfile.PAX_FORMAT)
        assert "huge" in refused(header + bytes(2048))
        header = member("huge", b"?", size=size).tobuf(tarfile.PAX_FORMAT)
        assert "damaged" in refused(header + bytes(4096))
        header = member("huge", tarfile.FIFOTYPE, size=size).tobuf(tarfile.PAX_FORMAT)  # a FIFO has no content
        assert load_image(new_tree(), header + bytes(4096)) == ["huge is a FIFO and was left out"]


def test_negative_sizes() -> None:
    for size in (-1, -512, -1024, -(1 << 40)):
        assert refused(member("negative", size=size).tobuf(tarfile.GNU_FORMAT) + bytes(2048))
        info = member("negative")
        info.pax_headers = {"size": str(size)}
        assert refused(info.tobuf(tarfile.PAX_FORMAT) + bytes(2048))


@pytest.mark.parametrize("table", [b"2\n0\n5\n3\n2\n", b"1\n0\n99\n", b"1\n-1\n5\n", b"1\n5\n-5\n", b"1\nx\n5\n", b"1\n0\n"])
def test_maps_of_holes_that_make_no_sense(table: bytes) -> None:
    info = member("f", size=1024)
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "f", "GNU.sparse.realsize": "9"}
    assert refused(info.tobuf(tarfile.PAX_FORMAT) + table.ljust(512, b"\0") + bytes(512) + bytes(1024))


def test_every_truncation_is_noticed() -> None:
    data = archive(text("a", b"x" * 700), member("d", tarfile.DIRTYPE), member("l", tarfile.SYMTYPE, "a"), text("é" * 60))
    end = len(data.rstrip(b"\0")) // 512 * 512 + 512
    for cut in (*range(0, end, 512), *range(1, end, 97)):
        assert "damaged" in refused(data[:cut]), cut
    load_image(new_tree(), data[: end + 512])


def test_no_archive_at_all() -> None:
    for data in (b"", b"no archive", bytes(511), random.Random(1).randbytes(5000), b"\x7fELF" + bytes(2000)):
        assert "damaged or no tar archive" in refused(data)


def test_damage_is_refused_or_harmless() -> None:
    """Archives with bits flipped, bytes overwritten, blocks repeated or cut: loaded or refused, never anything else."""
    chance = random.Random(7)
    tree = furnished()
    long_names = text("a" * 150), member("b" * 150, tarfile.SYMTYPE, "c")
    originals = [image_bytes(tree), archive(*long_names, format=tarfile.GNU_FORMAT)]
    originals.append(gzip.compress(originals[1]))
    numbers = [b"99999999999\0", b"\x80" + bytes(11), b"\xff" * 12, b"-0000000001\0"]
    for _ in range(3000):
        data = bytearray(chance.choice(originals)[: 40 * 512])
        for _ in range(chance.randint(1, 8)):
            start = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[start] ^= 1 << chance.randrange(8)
                case 1:
                    data[start : start + 12] = chance.choice(numbers)
                case 2:
                    block = start // 512 * 512
                    data[block:block] = data[block : block + 512]
                case 3 if len(data) > 1024:
                    del data[start : start + 512]
        for block in range(0, len(data), 512):  # a header is looked at only if its checksum is right
            if chance.random() < 0.7 and len(data) - block >= 512:
                others = data[block : block + 148] + data[block + 156 : block + 512]
                data[block + 148 : block + 156] = b"%06o\0 " % (8 * ord(" ") + sum(others))
        target = new_tree(1 << 22, 300)
        fs = target.fs
        try:
            load_image(target, bytes(data))
        except ImageError as error:
            assert len(str(error)) < 1000 and str(error).isprintable()
            assert not target.names and not fs.used_bytes and fs.used_inodes == 1
        else:
            stored = {id(inode): inode for inode in walk(target)}
            assert fs.used_inodes == len(stored) + 1
            charged = [inode.content.stored() for inode in stored.values() if isinstance(inode, MemFile)]
            charged += [inode.stored() for inode in stored.values() if isinstance(inode, MemSymlink)]
            assert fs.used_bytes == sum(charged)


def walk(directory: Directory) -> list[object]:
    found: list[object] = []
    assert isinstance(directory, MemDirectory)
    for _, inode in directory.names.values():
        found.append(inode)
        if isinstance(inode, MemDirectory):
            found += walk(inode)
    return found
