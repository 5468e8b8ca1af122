"""The directory device against real directories: names, attributes, directories and links."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agave_wasi.host.directory import HostDirectory
from kernel_sim.errors import Errno
from tests.agave_wasi.host.asking import open_file
from tests.kernel_sim.fs.trees import refusal

if TYPE_CHECKING:
    from kernel_sim.devices import DirectoryDevice

TYPE, MTIME = 0, 6
SECOND = 1_000_000_000


def test_is_a_directory_device(device: HostDirectory) -> None:
    protocol: DirectoryDevice = device
    assert protocol.stat(protocol.root, b"")[TYPE] == "directory"


# Construction


def test_path_must_be_a_directory_but_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(FileNotFoundError):
        HostDirectory(tmp_path / "missing")
    with pytest.raises(NotADirectoryError):
        HostDirectory(tmp_path / "file")
    device = HostDirectory(os.fsencode(tmp_path / "link"))
    assert [name for name, _, _ in device.entries(device.root)] == [b"file", b"link"]
    device.close_all()


def test_hosts_without_openat_are_refused_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "supports_dir_fd", set())
    with pytest.raises(NotImplementedError, match=r"'C:/data'.*directory in memory"):
        HostDirectory("C:/data")


# Names


@pytest.mark.parametrize("name", [b"", b".", b"..", b"a/b", b"/", b"a\0b", b"../x"])
def test_only_single_components_pass(device: HostDirectory, name: bytes) -> None:
    device.make_directory(0, b"d")
    calls: list[tuple[Callable[..., object], tuple[object, ...]]] = [
        (device.open_directory, (0, name)),
        (device.open_file, (0, name, True, False, True, False, False)),
        (device.readlink, (0, name)),
        (device.symlink, (0, name, b"x")),
        (device.make_directory, (0, name)),
        (device.remove_directory, (0, name)),
        (device.unlink, (0, name)),
        (device.link, (0, name, 0, b"x")),
        (device.link, (0, b"d", 0, name)),
        (device.rename, (0, name, 0, b"x")),
        (device.rename, (0, b"d", 0, name)),
        (device.replace_file, (0, name, [b""])),
    ]
    if name:
        calls += [(device.stat, (0, name)), (device.set_times, (0, name, 0, 0))]
    for call, args in calls:
        assert refusal(call, *args) == Errno.INVAL


def test_names_and_targets_are_bytes_of_any_kind(device: HostDirectory, tmp_path: Path) -> None:
    if not os.path.exists("/proc"):
        pytest.skip("macOS has UTF-8 names only")
    odd = bytes(set(range(1, 256)) - {ord("/")})[:120]
    target = bytes(range(255, 0, -1))
    device.close(open_file(device, odd, "wc"))
    device.symlink(0, b"\xff\xfe", target)
    assert [(name, kind) for name, _, kind in device.entries(0)] == [
        (odd, "regular-file"),
        (b"\xff\xfe", "symbolic-link"),
    ]
    assert device.readlink(0, b"\xff\xfe") == target
    assert sorted(os.listdir(os.fsencode(tmp_path))) == [odd, b"\xff\xfe"]
    assert refusal(device.symlink, 0, b"nul", b"a\0b") == Errno.INVAL
    assert refusal(device.stat, 0, b"n" * 300) == Errno.NAMETOOLONG


# Attributes


def test_stat_tells_what_the_host_tells(device: HostDirectory, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("file")
    for name, kind in ((b"file", "regular-file"), (b"link", "symbolic-link"), (b"", "directory")):
        host = os.lstat(os.path.join(os.fsencode(tmp_path), name))
        times = (host.st_atime_ns, host.st_mtime_ns, host.st_ctime_ns)
        assert device.stat(0, name) == (kind, host.st_dev, host.st_ino, host.st_nlink, host.st_size, *times)
    file = open_file(device, b"file")
    assert device.stat_file(file) == device.stat(0, b"file")
    assert refusal(device.stat, 0, b"missing") == Errno.NOENT


def test_types(device: HostDirectory, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "dir").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket"))
    expected = {
        b"dir": "directory",
        b"fifo": "fifo",
        b"file": "regular-file",
        b"link": "symbolic-link",
        b"socket": "socket-stream",
    }
    assert {name: kind for name, _, kind in device.entries(0)} == expected
    assert {name: device.stat(0, name)[0] for name in expected} == expected
    for name, inode, _ in device.entries(0):
        assert inode == device.stat(0, name)[2]
    host = HostDirectory("/dev")
    assert host.stat(0, b"null")[0] == "character-device"
    assert (b"null", "character-device") in [(name, kind) for name, _, kind in host.entries(0)]
    host.close_all()


def test_times(device: HostDirectory, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    file = open_file(device, b"file")
    device.set_times(0, b"file", 10 * SECOND + 1, 20 * SECOND + 2)
    assert device.stat(0, b"file")[5:7] == (10 * SECOND + 1, 20 * SECOND + 2)
    device.set_times(0, b"file", None, 30 * SECOND)
    assert device.stat(0, b"file")[5:7] == (10 * SECOND + 1, 30 * SECOND)
    device.set_file_times(file, 5, None)
    assert device.stat_file(file)[5:7] == (5, 30 * SECOND)
    device.set_times(0, b"link", 7 * SECOND, 7 * SECOND)
    assert device.stat(0, b"link")[5:7] == (7 * SECOND, 7 * SECOND)
    assert device.stat(0, b"file")[MTIME] == 30 * SECOND
    device.set_times(0, b"", 8 * SECOND, 9 * SECOND)
    assert device.stat(0, b"")[MTIME] == 9 * SECOND


def test_times_out_of_range_never_crash(device: HostDirectory, tmp_path: Path) -> None:
    (tmp_path / "old").touch()
    os.utime(tmp_path / "old", ns=(-(1 << 62), -5 * SECOND))
    assert device.stat(0, b"old")[5:7] == (0, 0)
    device.set_times(0, b"old", None, SECOND)
    assert (tmp_path / "old").stat().st_mtime_ns == SECOND
    assert (tmp_path / "old").stat().st_atime_ns < 0
    file = open_file(device, b"old")
    for extreme in (0, (1 << 63) - 1, 1 << 63, (1 << 64) - 1):
        device.set_times(0, b"old", extreme, extreme)
        device.set_file_times(file, extreme, extreme)
        assert all(0 <= time < 1 << 64 for time in device.stat(0, b"old")[5:])
    for impossible in (-1, 1 << 64, 1 << 200):
        assert refusal(device.set_times, 0, b"old", impossible, None) == Errno.INVAL
        assert refusal(device.set_file_times, file, None, impossible) == Errno.INVAL


# Directories


def test_a_directory_handle_survives_a_rename_and_a_removal(device: HostDirectory, tmp_path: Path) -> None:
    device.make_directory(0, b"d")
    handle = device.open_directory(0, b"d")
    (tmp_path / "d").rename(tmp_path / "e")
    device.close(open_file(device, b"f", "wc", handle))
    assert (tmp_path / "e" / "f").exists()
    device.unlink(handle, b"f")
    device.remove_directory(0, b"e")
    assert device.entries(handle) == []
    assert refusal(device.make_directory, handle, b"x") == Errno.NOENT
    device.close(handle)


def test_entries_are_sorted_and_listed_anew(device: HostDirectory, tmp_path: Path) -> None:
    for name in ("b", "a", "B", "é", ".hidden"):
        (tmp_path / name).touch()
    expected = sorted(name.encode() for name in ("b", "a", "B", "é", ".hidden"))
    assert [name for name, _, _ in device.entries(0)] == expected
    (tmp_path / "a").unlink()
    assert [name for name, _, _ in device.entries(0)] == [name for name in expected if name != b"a"]


def test_open_directory_refuses_everything_else(device: HostDirectory, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("d")
    os.mkfifo(tmp_path / "fifo")
    for name in (b"file", b"link", b"fifo"):
        assert refusal(device.open_directory, 0, name) == Errno.NOTDIR
    assert refusal(device.open_directory, 0, b"missing") == Errno.NOENT


def test_a_directory_that_may_only_be_searched_can_be_walked_through(device: HostDirectory, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("permissions don't concern the superuser")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").touch()
    (tmp_path / "d").chmod(0o100)
    handle = device.open_directory(0, b"d")
    assert device.stat(handle, b"f")[0] == "regular-file"
    assert refusal(device.entries, handle) == Errno.ACCES
    (tmp_path / "d").chmod(0o700)


def test_names_come_and_go(device: HostDirectory, tmp_path: Path) -> None:
    device.make_directory(0, b"d")
    sub = device.open_directory(0, b"d")
    (tmp_path / "f").write_bytes(b"f")
    device.link(0, b"f", sub, b"g")
    assert device.stat(sub, b"g")[3] == 2
    device.rename(sub, b"g", 0, b"h")
    device.rename(0, b"h", 0, b"f")  # two names of one file: rename(2) does nothing
    device.unlink(0, b"h")
    assert device.stat(0, b"f")[3] == 1
    (tmp_path / "other").write_bytes(b"other")
    device.rename(0, b"other", 0, b"f")
    assert (tmp_path / "f").read_bytes() == b"other"
    assert refusal(device.make_directory, 0, b"f") == Errno.EXIST
    assert refusal(device.remove_directory, 0, b"f") == Errno.NOTDIR
    assert refusal(device.unlink, 0, b"d") == Errno.ISDIR
    assert refusal(device.rename, 0, b"f", 0, b"d") == Errno.ISDIR
    assert refusal(device.rename, 0, b"d", 0, b"f") == Errno.NOTDIR
    assert refusal(device.rename, 0, b"d", sub, b"inside") == Errno.INVAL
    assert refusal(device.link, 0, b"d", 0, b"x") == Errno.PERM
    assert refusal(device.link, 0, b"f", 0, b"d") == Errno.EXIST
    device.close(open_file(device, b"full", "wc", sub))
    assert refusal(device.remove_directory, 0, b"d") == Errno.NOTEMPTY
    device.unlink(sub, b"full")
    device.sync_directory(sub)
    device.remove_directory(0, b"d")
    assert refusal(device.unlink, 0, b"missing") == Errno.NOENT


def test_unlink_of_a_directory_where_the_host_says_perm(
    device: HostDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlink(name: bytes, dir_fd: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    (tmp_path / "d").mkdir()
    (tmp_path / "f").touch()
    monkeypatch.setattr(os, "unlink", unlink)
    assert refusal(device.unlink, 0, b"d") == Errno.ISDIR
    assert refusal(device.unlink, 0, b"f") == Errno.PERM


def test_links_are_never_followed(device: HostDirectory, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"secret")
    device.symlink(0, b"link", b"f")
    device.symlink(0, b"dangling", b"nowhere")
    for mode in ("r", "w", "rw", "wc", "wct", "wt"):
        assert refusal(open_file, device, b"link", mode) == Errno.LOOP
        assert refusal(open_file, device, b"dangling", mode) == Errno.LOOP
    assert refusal(open_file, device, b"link", "wcx") == Errno.EXIST
    assert not (tmp_path / "nowhere").exists()
    assert (tmp_path / "f").read_bytes() == b"secret"
    device.link(0, b"link", 0, b"again")
    assert device.readlink(0, b"again") == b"f"
    device.unlink(0, b"link")
    assert (tmp_path / "f").exists()
    assert refusal(device.readlink, 0, b"f") == Errno.INVAL
    assert refusal(device.symlink, 0, b"again", b"x") == Errno.EXIST
