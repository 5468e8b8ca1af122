"""Writing an overlay back: each file in one step, nothing outside, and what fails is named."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.host.commit import CommitError, commit
from agave_wasi.host.directory import HostDirectory
from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.changes import Change, changes
from kernel_sim.fs.overlay import OverlayDirectory
from tests.kernel_sim.fs.trees import BOTH, CREATE, Machine, furnish, host_folder, host_tree


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return host_folder(tmp_path)


@pytest.fixture
def machine(folder: Path) -> Iterator[Machine]:
    made = Machine("overlay", folder)
    yield made
    made.close()


def pending(machine: Machine) -> list[Change]:
    assert isinstance(machine.top, OverlayDirectory)
    return changes(machine.top)


def write_back(machine: Machine) -> None:
    assert machine.device is not None
    commit(machine.device, pending(machine))


def refused(machine: Machine) -> CommitError:
    with pytest.raises(CommitError) as caught:
        write_back(machine)
    return caught.value


def change_everything(machine: Machine) -> None:
    """At least one change of every kind, kinds of entries exchanged too."""
    calls = machine.calls
    machine.write(b"f", b"HELLO")
    machine.write(b"new", b"new")
    calls.linkat(0, b"new", 0, b"d/linked")
    calls.mkdirat(0, b"n")
    calls.symlinkat(b"../f", 0, b"n/link")
    calls.renameat(0, b"d/g", 0, b"n/g")
    calls.renameat(0, b"d/e", 0, b"n/e")
    calls.symlinkat(b"f", 0, b"d/e")
    calls.unlinkat(0, b"l")
    calls.mkdirat(0, b"l")
    machine.write(b"l/in", b"in l")
    calls.utimensat(0, b"l", True, 10**9, 2 * 10**9)
    calls.utimensat(0, b"f", True, 10**9 + 1, 2 * 10**9 + 2)


EXPECTED = {
    "d": "directory",
    "d/e": ("link to", "f"),
    "d/linked": b"new",
    "f": b"HELLO",
    "l": "directory",
    "l/in": b"in l",
    "n": "directory",
    "n/e": "directory",
    "n/e/h": b"deep",
    "n/g": b"in d",
    "n/link": ("link to", "../f"),
    "new": ("same as", "d/linked"),
}


def normal(tree: dict[str, object]) -> dict[str, object]:
    """Which of the two linked names comes first in a walk doesn't matter."""
    if tree.get("d/linked") == ("same as", "new"):
        tree |= {"new": ("same as", "d/linked"), "d/linked": tree["new"]}
    return tree


def test_everything_is_written_back(machine: Machine, folder: Path) -> None:
    change_everything(machine)
    write_back(machine)
    assert normal(host_tree(folder)) == EXPECTED
    assert (folder / "l").stat().st_mtime_ns == 2 * 10**9
    assert (folder / "f").stat().st_mtime_ns == 2 * 10**9 + 2


def test_nothing_to_do_touches_nothing(machine: Machine, folder: Path) -> None:
    before = folder.stat().st_mtime_ns
    machine.read(b"d/e/h")
    write_back(machine)
    assert folder.stat().st_mtime_ns == before


def test_permissions_stay(machine: Machine, folder: Path) -> None:
    (folder / "f").chmod(0o751)
    (folder / "d" / "g").chmod(0o640)
    inode = (folder / "d" / "g").stat().st_ino
    machine.write(b"f", b"changed")
    machine.calls.renameat(0, b"d/g", 0, b"moved")
    write_back(machine)
    assert (folder / "f").stat().st_mode & 0o777 == 0o751
    assert (folder / "moved").stat().st_mode & 0o777 == 0o640
    assert (folder / "moved").stat().st_ino == inode and (folder / "moved").stat().st_nlink == 1


def test_files_change_places(machine: Machine, folder: Path) -> None:
    calls = machine.calls
    for old, new in ((b"f", b"t"), (b"d/g", b"f"), (b"t", b"d/g")):
        calls.renameat(0, old, 0, new)
    write_back(machine)
    assert (folder / "f").read_bytes() == b"in d" and (folder / "d" / "g").read_bytes() == b"hello"
    assert (folder / "f").stat().st_nlink == 1


def test_a_file_and_a_folder_change_places(machine: Machine, folder: Path) -> None:
    calls = machine.calls
    for old, new in ((b"f", b"t"), (b"d", b"f"), (b"t", b"d")):
        calls.renameat(0, old, 0, new)
    write_back(machine)
    assert host_tree(folder) == {
        "d": b"hello", "f": "directory", "f/e": "directory", "f/e/h": b"deep", "f/g": b"in d", "l": ("link to", "d/e"),
    }  # fmt: skip


def test_holes_stay_holes(machine: Machine, folder: Path) -> None:
    fd = machine.open(b"holes", CREATE, BOTH)
    machine.calls.pwritev(fd, [memoryview(b"far out")], 1 << 33)
    machine.calls.ftruncate(fd, 1 << 34)
    tail = machine.open(b"tail", CREATE, BOTH)
    machine.calls.writev(tail, [memoryview(b"start")])
    machine.calls.ftruncate(tail, 1 << 33)
    write_back(machine)
    with (folder / "holes").open("rb") as file:
        file.seek(1 << 33)
        assert file.read(9) == b"far out\0\0"
    for name, size in (("holes", 1 << 34), ("tail", 1 << 33)):
        status = (folder / name).stat()
        assert status.st_size == size and status.st_blocks < 2000


# What others have done meanwhile


def test_folders_exchanged_for_links_lead_nowhere(machine: Machine, folder: Path) -> None:
    before = host_tree(folder.parent / "secret")
    machine.write(b"d/secret.txt", b"changed")
    machine.calls.unlinkat(0, b"d/e/h")
    (folder / "d").rename(folder / "old")
    (folder / "d").symlink_to("../secret")
    error = refused(machine)
    assert (error.path, error.errno, error.done) == (b"d/secret.txt", Errno.NOTDIR, 0)
    assert str(error) == "d/secret.txt could not be written back (NOTDIR); nothing has been changed"
    assert host_tree(folder.parent / "secret") == before


def test_files_exchanged_for_links_are_replaced_themselves(machine: Machine, folder: Path) -> None:
    machine.write(b"f", b"changed")
    machine.calls.utimensat(0, b"d/g", True, 1, 1)
    for name in ("f", "d/g"):
        (folder / name).unlink()
        (folder / name).symlink_to(folder.parent / "secret" / "secret.txt")
    write_back(machine)
    assert not (folder / "f").is_symlink() and (folder / "f").read_bytes() == b"changed"
    secret = folder.parent / "secret" / "secret.txt"
    assert secret.read_text() == "SECRET" and secret.stat().st_mtime_ns > 1


def test_a_moved_file_that_is_another_one_now_is_not_moved(machine: Machine, folder: Path) -> None:
    machine.calls.renameat(0, b"f", 0, b"moved")
    (folder / "f").rename(folder / "other")
    (folder / "f").symlink_to(folder.parent / "secret" / "secret.txt")
    error = refused(machine)
    assert (error.path, error.errno) == (b"f", Errno.STALE)
    assert sorted(os.listdir(folder)) == ["d", "f", "l", "other"]


def test_a_folder_in_which_something_has_appeared_is_not_removed(machine: Machine, folder: Path) -> None:
    machine.calls.unlinkat(0, b"d/e/h")
    machine.calls.rmdirat(0, b"d/e")
    (folder / "d" / "e" / "precious").touch()
    error = refused(machine)
    assert (error.path, error.errno) == (b"d/e", Errno.NOTEMPTY)
    assert str(error).startswith("d/e could not be written back (NOTEMPTY); 1 of 2 changes were made before")
    assert (folder / "d" / "e" / "precious").exists()


def test_what_others_have_done_already_is_no_error(machine: Machine, folder: Path) -> None:
    machine.calls.unlinkat(0, b"f")
    machine.calls.mkdirat(0, b"made")
    machine.write(b"made/file", b"x")
    (folder / "f").unlink()
    (folder / "made").mkdir()
    write_back(machine)
    assert (folder / "made" / "file").read_bytes() == b"x"
    machine.calls.mkdirat(0, b"taken")
    (folder / "taken").touch()
    assert refused(machine).errno == Errno.EXIST


# What the host refuses


class Failing:
    """A device whose changes work `good` times and fail from then on, or (`recovers`) only once."""

    CHANGES = (
        "link", "rename", "replace_file", "make_directory", "remove_directory", "symlink", "set_times", "sync_directory"
    )  # fmt: skip

    def __init__(self, device: HostDirectory, good: int, recovers: bool = False) -> None:
        self.device = device
        self.good = good
        self.recovers = recovers

    def __getattr__(self, name: str) -> Any:
        method: Callable[..., object] = getattr(self.device, name)
        if name not in self.CHANGES:
            return method

        def call(*args: object) -> object:
            self.good -= 1
            if self.good == -1 or (self.good < 0 and not self.recovers):
                raise KernelError(Errno.IO)
            return method(*args)

        return call


def test_a_failure_anywhere_leaves_every_file_old_or_new(tmp_path: Path) -> None:
    """The host fails at each change in turn: every file is as before or as it should be, and nothing else is there."""
    for good in range(100):
        folder = furnish(tmp_path / f"{good}")
        old = host_tree(folder)
        machine = Machine("overlay", folder)
        change_everything(machine)
        assert machine.device is not None
        try:
            commit(Failing(machine.device, good), pending(machine))  # type: ignore[arg-type]  # it behaves like one
            failed = None
        except CommitError as error:
            failed = error
        machine.close()
        found = host_tree(folder)
        assert not any("agave" in path for path in found), found
        if failed is None:
            assert normal(found) == EXPECTED and good > 15
            return
        assert failed.errno == Errno.IO and failed.path.decode() in (*old, *EXPECTED, "")
        for path, content in found.items():
            if isinstance(content, tuple) and content[0] == "same as":
                content = found[str(content[1])]
            expected = EXPECTED.get(path)
            if path == "new":
                expected = EXPECTED["d/linked"]
            assert content in (old.get(path), expected), (good, path)
        assert b"deep" in found.values() and b"in d" in found.values()  # moved files are never lost
        assert found["f"] in (b"hello", b"HELLO")
    raise AssertionError("never done")


@pytest.mark.parametrize("links", [True, False])
def test_a_failure_anywhere_loses_nothing(tmp_path: Path, links: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file and a folder change places, which takes removals in the middle; what is stranded there is named."""
    was = {b"hello", b"in d", b"deep"}
    if not links:

        def link(*args: object) -> None:
            raise KernelError(Errno.PERM)

        monkeypatch.setattr(HostDirectory, "link", link)
    stranded = 0
    for good in range(100):
        folder = furnish(tmp_path / f"{good}")
        machine = Machine("overlay", folder)
        for old, new in ((b"f", b"t"), (b"d", b"f"), (b"t", b"d")):
            machine.calls.renameat(0, old, 0, new)
        assert machine.device is not None
        try:
            commit(Failing(machine.device, good, recovers=True), pending(machine))  # type: ignore[arg-type]
            failed = None
        except CommitError as error:
            failed = error
        machine.close()
        found = host_tree(folder)
        assert {content for content in found.values() if isinstance(content, bytes)} == was, good
        kept = [] if failed is None else failed.kept
        assert sorted(path for path in found if "agave" in path) == sorted(name.decode() for name, _ in kept)
        assert all(name.decode() in str(failed) for name, _ in kept)
        stranded += len(kept)
        if failed is None:
            assert stranded and good > 10
            return
    raise AssertionError("never done")


def test_hosts_without_hard_links_get_copies(machine: Machine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*args: object) -> None:
        raise KernelError(Errno.PERM)

    (folder / "d" / "g").write_bytes(bytes(range(256)) * 10_000)
    os.utime(folder / "d" / "g", ns=(5, 6))
    monkeypatch.setattr(HostDirectory, "link", link)
    machine.calls.renameat(0, b"d/g", 0, b"moved")
    machine.calls.renameat(0, b"l", 0, b"d/l")
    write_back(machine)
    assert (folder / "moved").read_bytes() == bytes(range(256)) * 10_000
    assert (folder / "moved").stat().st_mtime_ns == 6 and os.readlink(folder / "d" / "l") == "d/e"
    assert sorted(os.listdir(folder)) == ["d", "f", "moved"]


def test_a_read_only_device_refuses(machine: Machine, folder: Path) -> None:
    machine.write(b"f", b"changed")
    device = HostDirectory(folder, read_only=True)
    with pytest.raises(CommitError, match=r"f could not be written back \(PERM\)"):
        commit(device, pending(machine))
    device.close_all()
