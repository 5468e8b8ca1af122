"""Images: what is saved comes back exactly, and no archive, however hostile, does more than be refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agave_wasi.images import ImageError, image_bytes, load_image
from kernel_sim.fs.inode import Directory
from kernel_sim.fs.memfs import MemDirectory, MemFile, MemSymlink
from kernel_sim.kernel import Kernel


def new_tree(max_bytes: int = 1 << 24, max_inodes: int = 10_000) -> MemDirectory:
    return Kernel(max_bytes=max_bytes, max_inodes=max_inodes).root


def write(directory: MemDirectory, name: bytes, *pieces: tuple[int, bytes], size: int | None = None) -> MemFile:
    file = directory.create(name)
    for offset, data in pieces:
        assert file.write_at(offset, [memoryview(data)]) == len(data)
    if size is not None:
        file.truncate(size)
    return file


def described(tree: MemDirectory) -> dict[bytes, object]:
    """Everything that an image keeps, by path."""
    found: dict[bytes, object] = {}
    first: dict[int, bytes] = {}
    pending = [(b"", tree)]
    while pending:
        path, directory = pending.pop()
        for name, (_, inode) in sorted(directory.names.items()):
            here = path + b"/" + name
            if isinstance(inode, MemDirectory):
                pending.append((here, inode))
                found[here] = "directory", inode.mtime, inode.nlink, inode.parent is directory
            elif isinstance(inode, MemSymlink):
                found[here] = inode.target, inode.mtime, inode.nlink, first.setdefault(id(inode), here)
            elif isinstance(inode, MemFile):
                start = bytearray(min(inode.size, 1 << 22))
                inode.content.read(0, [memoryview(start)])
                found[here] = inode.size, bytes(start), inode.mtime, inode.nlink, first.setdefault(id(inode), here)
            else:
                found[here] = inode.type
    return found


def at(tree: MemDirectory, path: bytes) -> object:
    inode: object = tree
    for name in path.split(b"/"):
        assert isinstance(inode, MemDirectory)
        inode = inode.lookup(name)
    return inode


def archive(*members: tarfile.TarInfo | tuple[tarfile.TarInfo, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as tar:
        for member in members:
            info, data = member if isinstance(member, tuple) else (member, b"")
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    info.size = size
    return info


def text(name: str, data: bytes = b"text") -> tuple[tarfile.TarInfo, bytes]:
    return member(name, size=len(data)), data


def refused(data: bytes, tree: MemDirectory | None = None) -> str:
    """Why an image is refused; nothing of it may have been left in the tree."""
    tree = new_tree() if tree is None else tree
    fs = tree.fs
    before = described(tree), tree.mtime, tree.nlink, fs.used_bytes, fs.used_inodes, fs.next_inode
    with pytest.raises(ImageError) as caught:
        load_image(tree, data)
    assert (described(tree), tree.mtime, tree.nlink, fs.used_bytes, fs.used_inodes, fs.next_inode) == before
    return str(caught.value)


# Round trips


def furnished() -> MemDirectory:
    tree = new_tree(1 << 40)
    write(tree, b"plain", (0, b"content")).mtime = 1_234_567_890_123_456_789
    sub = tree.make_directory(b"sub")
    write(sub, b"empty")
    write(sub, "näme".encode(), (0, b"x" * 100_000))
    write(sub, b"\xff\xfe", (0, b"no text"))
    write(sub, b"n" * 255, (0, b"long"))
    write(sub, b"holes", (3 << 20, b"middle"), (9 << 20, b"end"), size=1 << 33)
    write(sub, b"hole", size=1 << 34)
    tree.symlink(b"link", b"sub/gone")
    tree.symlink(b"absolute", b"/etc/passwd")
    tree.symlink(b"far", b"../" * 1000)
    sub.link(b"same", tree.lookup(b"plain"))
    sub.link(b"samelink", tree.lookup(b"link"))
    tree.make_directory(b"bare")
    sub.mtime = 5
    return tree


def test_what_was_saved_comes_back() -> None:
    tree = furnished()
    data = image_bytes(tree)
    assert len(data) < 1 << 20
    again = new_tree(1 << 22)
    assert load_image(again, data) == []
    assert described(again) == described(tree)
    assert image_bytes(again) == data


def test_tar_reads_what_was_saved(tmp_path: Path) -> None:
    (tmp_path / "image.tar").write_bytes(image_bytes(furnished()))
    listing = subprocess.run(["tar", "-tvf", "image.tar"], cwd=tmp_path, capture_output=True, check=True, text=True).stdout
    assert "-rw-r--r-- 0/0" in listing and "drwxr-xr-x 0/0" in listing
    assert "8589934592" in listing and "sub/same link to plain" in listing


@pytest.mark.parametrize(
    ("kind", "sparse"),
    [("gnu", False), ("posix", False), ("ustar", False), ("v7", False), ("gnu", True), ("posix", True)],
)
def test_what_tar_packs_can_be_loaded(tmp_path: Path, kind: str, sparse: bool) -> None:
    folder = tmp_path / "folder"
    (folder / "d" / "e").mkdir(parents=True)
    (folder / "d" / "file").write_bytes(b"content")
    (folder / "d" / "e" / ("n" * (150 if kind in ("gnu", "posix") else 50))).write_bytes(b"long")
    (folder / "link").symlink_to("d/file")
    (folder / "hard").hardlink_to(folder / "d" / "file")
    with (folder / "holes").open("wb") as file:
        for place in range(20):
            file.seek(place << 18)
            file.write(b"island")
        file.truncate(6 << 20)
    options = ["--sparse"] if sparse else []
    subprocess.run(["tar", f"--format={kind}", *options, "-cf", tmp_path / "image.tar", "-C", folder, "."], check=True)
    tree = new_tree()
    assert load_image(tree, tmp_path / "image.tar") == []
    found = described(tree)
    assert sorted(found) == sorted(b"/" + str(path.relative_to(folder)).encode() for path in folder.rglob("*"))
    holes = at(tree, b"holes")
    assert isinstance(holes, MemFile) and holes.content.tobytes() == (folder / "holes").read_bytes()
    assert at(tree, b"hard") is at(tree, b"d/file")
    if kind == "posix":
        assert holes.mtime == (folder / "holes").stat().st_mtime_ns


names = st.sampled_from([b"a", b"b", "ü".encode(), b"\xff", b"c" * 120, b" x ", b"-", b"new\nline", b"=1", b"\x01"])
times = st.integers(0, (1 << 64) - 1)
pieces = st.lists(st.tuples(st.integers(0, 1 << 22), st.binary(min_size=1, max_size=50)), max_size=3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("file"), st.integers(0, 9), names, times, pieces, st.integers(0, 1 << 23)),
        st.tuples(st.just("directory"), st.integers(0, 9), names, times),
        st.tuples(st.just("symlink"), st.integers(0, 9), names, times, st.binary(min_size=1, max_size=300)),
        st.tuples(st.just("link"), st.integers(0, 9), names, st.integers(0, 9)),
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_any_tree_makes_the_round_trip(sequence: list[tuple[object, ...]]) -> None:
    tree = new_tree(1 << 30)
    directories, others = [tree], []
    for verb, place, name, *rest in sequence:
        assert isinstance(place, int) and isinstance(name, bytes)
        directory = directories[place % len(directories)]
        if name in directory.names:
            continue
        if verb == "directory":
            directories.append(directory.make_directory(name))
        elif verb == "symlink" and isinstance(rest[1], bytes) and 0 not in rest[1]:
            directory.symlink(name, rest[1])
            others.append(directory.lookup(name))
        elif verb == "file":
            others.append(write(directory, name, *rest[1], size=rest[2]))  # type: ignore[misc, arg-type]
        elif verb == "link" and others and isinstance(rest[0], int):
            directory.link(name, others[rest[0] % len(others)])
        if verb != "link" and name in directory.names:
            directory.lookup(name).mtime = rest[0]  # type: ignore[assignment]
    for number, directory in enumerate(directories[1:]):
        directory.mtime = number * 10**9 + number
    data = image_bytes(tree)
    again = new_tree(1 << 30)
    assert load_image(again, data) == []
    assert described(again) == described(tree)
    assert image_bytes(again) == data


def test_deep_trees_make_the_round_trip() -> None:
    tree = directory = new_tree()
    for _ in range(3000):
        directory = directory.make_directory(b"d")
    write(directory, b"deepest", (0, b"!"))
    again = new_tree()
    load_image(again, image_bytes(tree))
    found: object = again
    for _ in range(3000):
        assert isinstance(found, MemDirectory)
        found = found.lookup(b"d")
    assert isinstance(found, MemDirectory) and b"deepest" in found.names


def test_a_path_that_is_too_long_is_not_saved() -> None:
    tree = directory = new_tree()
    for _ in range(300):
        directory = directory.make_directory(b"d" * 255)
    with pytest.raises(ImageError, match="at most can be saved"):
        image_bytes(tree)


def test_devices_and_mounts_are_left_out() -> None:
    kernel = Kernel()
    kernel.make_dev(kernel.root.make_directory(b"dev"), {})
    kernel.root.make_directory(b"tmp")
    kernel.mount(b"/mnt", kernel.new_memory_tree())
    tree = new_tree()
    load_image(tree, image_bytes(kernel.root))
    assert list(described(tree)) == [b"/tmp"]


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


def test_files_streams_and_paths(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(image_bytes(furnished()))
    for source in (path, str(path)):
        tree = new_tree()
        load_image(tree, source)
        assert described(tree) == described(furnished())
    with path.open("rb") as file:
        load_image(new_tree(), file)
    with pytest.raises(ImageError, match=r"missing.tar can't be read: No such file"):
        load_image(new_tree(), tmp_path / "missing.tar")


# Loading into a world that has something already


def test_directories_merge_and_files_are_replaced() -> None:
    tree = new_tree()
    sub = tree.make_directory(b"sub")
    write(sub, b"kept", (0, b"old"))
    write(sub, b"replaced", (0, b"old"))
    used = tree.fs.used_bytes
    info = member("sub", tarfile.DIRTYPE)
    info.mtime = 77
    load_image(tree, archive(info, text("sub/replaced", b"newer"), text("sub/new/file")))
    assert tree.lookup(b"sub") is sub and sub.mtime == 77 * 10**9 and sub.nlink == 3
    assert sorted(sub.names) == [b"kept", b"new", b"replaced"]
    assert at(tree, b"sub/replaced").content.tobytes() == b"newer"  # type: ignore[attr-defined]
    new = at(tree, b"sub/new")
    assert isinstance(new, MemDirectory) and new.parent is sub
    assert tree.fs.used_bytes == used - 3 + 5 + 4 and tree.fs.used_inodes == 6


def test_what_is_something_else_already_is_refused() -> None:
    kernel = Kernel()
    kernel.make_dev(kernel.root.make_directory(b"dev"), {})
    assert "/dev is something else" in refused(archive(text("good"), text("dev")), kernel.root)
    assert "/dev/null is something else" in refused(archive(text("good"), text("dev/null")), kernel.root)
    write(kernel.root, b"file")
    assert "/file is something else" in refused(archive(member("file", tarfile.DIRTYPE)), kernel.root)


# Hostile images


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
        ([text("/".join(["d" * 200] * 400))], "bytes; 65536 at most are possible"),
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


@pytest.mark.parametrize("table", [b"2\n0\n5\n3\n2\n", b"1\n0\n99\n", b"1\n-1\n5\n", b"1\n5\n-5\n", b"1\nx\n5\n", b"1\n0\n"])
def test_maps_of_holes_that_make_no_sense(table: bytes) -> None:
    info = member("f", size=1024)
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "f", "GNU.sparse.realsize": "9"}
    assert refused(info.tobuf(tarfile.PAX_FORMAT) + table.ljust(512, b"\0") + bytes(512) + bytes(1024))


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_decompression_bombs(compress: object) -> None:
    flood = archive(member("fifo", tarfile.FIFOTYPE)) + bytes(150 << 20)
    tree = new_tree(1 << 20, 100)
    assert "holds more than this file system may" in refused(compress(flood), tree)  # type: ignore[operator]
    assert "big doesn't fit" in refused(compress(archive(text("big", bytes(3 << 20)))), tree)  # type: ignore[operator]


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
            assert fs.used_bytes == sum(inode.content.stored() for inode in stored.values() if isinstance(inode, MemFile))


def walk(directory: Directory) -> list[object]:
    found: list[object] = []
    assert isinstance(directory, MemDirectory)
    for _, inode in directory.names.values():
        found.append(inode)
        if isinstance(inode, MemDirectory):
            found += walk(inode)
    return found
