"""Every kind of inode comes back from a snapshot with what it held and what it refers to."""

from __future__ import annotations

from kernel_sim.fs.content import PAGE, SparseContent
from kernel_sim.snapshot import load, save
from kernel_sim.snapshot.inodes import KINDS
from kernel_sim.snapshot.outside import OUTSIDE_KINDS
from kernel_sim.snapshot.streams import STREAM_KINDS
from tests.kernel_sim.scripts import ROOT, errno, populated, world
from tests.kernel_sim.snapshot.copies import again


def test_everything_about_files() -> None:
    k = populated(world(max_bytes=1 << 22))
    k.link("f", "hard")
    fd = k.open("f", "rw")
    k.pwrite(fd, b"far", 50 * PAGE)
    k.sys.utimensat(ROOT, b"g", True, 123, 456)
    gone = k.open("g", "rw")
    k.unlink("g")
    copy = again(k)
    assert copy.stat("f").inode == copy.stat("hard").inode
    content = copy.kernel.root.lookup(b"f").content  # type: ignore[attr-defined]  # a MemFile
    assert isinstance(content, SparseContent) and len(content.pages) == 2
    assert copy.kernel.root.fs.used_bytes == k.kernel.root.fs.used_bytes
    assert (copy.sys.fstat(gone).atime, copy.sys.fstat(gone).mtime, copy.sys.fstat(gone).nlink) == (123, 456, 0)
    copy.sys.close(gone)
    k.sys.close(gone)
    assert copy.kernel.root.fs.used_bytes == k.kernel.root.fs.used_bytes
    assert copy.names() == k.names()


def test_a_mounted_tree() -> None:
    k = populated()
    assert k.kernel.mount(b"e", k.kernel.new_memory_tree())
    k.put("e/inside", b"x")
    copy = again(k)
    assert copy.get("e/inside") == b"x"
    assert errno(copy.rmdir, "e") == "BUSY"
    assert copy.kernel.new_memory_tree().fs.number == k.kernel.new_memory_tree().fs.number


def test_the_depth_of_a_tree_has_no_limit() -> None:
    k = world()
    directory = k.kernel.root
    for _ in range(5000):
        directory = directory.make_directory(b"d")
    data = save(k.kernel)
    assert save(load(data).kernel) == data


def test_no_two_kinds_have_one_number_or_one_type() -> None:
    kinds = [*KINDS, *STREAM_KINDS, *OUTSIDE_KINDS]
    assert len({kind.number for kind in kinds}) == len({kind.type for kind in kinds}) == len(kinds)


def test_devices_and_links() -> None:
    k = populated()
    k.kernel.make_dev(k.kernel.root.make_directory(b"dev"))
    copy = again(k)
    assert copy.names("dev") == k.names("dev")
    assert copy.sys.readlinkat(ROOT, b"dang") == b"gone"
    assert copy.get("dev/null") == b"" and copy.read(copy.open("dev/zero"), 3) == bytes(3)
    assert errno(copy.write, copy.open("dev/full", "w"), b"x") == "NOSPC"
    assert copy.read(copy.open("dev/random"), 8) == k.read(k.open("dev/random"), 8)


def test_a_cookie_of_a_directory_is_never_given_twice() -> None:
    k = populated()
    fd = k.open(".", "dir")
    last = k.sys.getdents(fd, 0, 99)[-1]
    k.unlink(last.name.decode())
    copy = again(k)
    copy.put("fresh")
    assert copy.sys.getdents(fd, 0, 99)[-1].cookie > last.cookie


def test_targets_of_links_stay_charged() -> None:
    k = world(max_bytes=100)
    k.sys.symlinkat(b"t" * 60, 3, b"l")
    copy = again(k)
    assert errno(copy.sys.symlinkat, b"t" * 41, 3, b"m") == "NOSPC"
    copy.sys.unlinkat(3, b"l")
    assert copy.kernel.root.fs.used_bytes == 0
    assert save(again(copy).kernel) == save(copy.kernel)
