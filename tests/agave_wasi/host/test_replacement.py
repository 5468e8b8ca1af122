"""Replacing a file: all or nothing, whoever looks, whatever fails."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agave_wasi.host.directory import HostDirectory
from kernel_sim.errors import Errno, KernelError


def test_a_new_file(device: HostDirectory, tmp_path: Path) -> None:
    device.replace_file(0, b"f", [b"one ", bytearray(b"two "), memoryview(b"three"), b""], mtime=5)
    assert (tmp_path / "f").read_bytes() == b"one two three"
    assert (tmp_path / "f").stat().st_mtime_ns == 5
    assert os.listdir(tmp_path) == ["f"]
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "f").stat().st_mode & 0o7777 == 0o666 & ~mask


def test_permissions_are_kept_but_not_set_user_id(device: HostDirectory, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"old")
    (tmp_path / "f").chmod(0o4751)
    device.replace_file(0, b"f", iter([b"new"]), atime=1, mtime=2)
    found = (tmp_path / "f").stat()
    assert (found.st_mode & 0o7777, found.st_atime_ns, found.st_mtime_ns) == (0o751, 1, 2)
    assert (tmp_path / "f").read_bytes() == b"new"


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give files away")
def test_the_owner_is_kept_where_that_is_allowed(
    device: HostDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "f").write_bytes(b"old")
    os.chown(tmp_path / "f", 1234, 5678)
    (tmp_path / "f").chmod(0o664)
    device.replace_file(0, b"f", [b"new"])
    found = (tmp_path / "f").stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1234, 5678, 0o664)

    def fchown(fd: int, uid: int, gid: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", fchown)
    device.replace_file(0, b"f", [b"newer"])
    found = (tmp_path / "f").stat()
    assert (found.st_uid, found.st_mode & 0o777) == (os.geteuid(), 0o604)


def test_a_link_itself_is_replaced_and_other_names_keep_the_old(device: HostDirectory, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"old")
    (tmp_path / "link").symlink_to("f")
    os.link(tmp_path / "f", tmp_path / "other")
    device.replace_file(0, b"link", [b"new"])
    device.replace_file(0, b"f", [b"newer"])
    assert not (tmp_path / "link").is_symlink()
    assert [(tmp_path / name).read_bytes() for name in ("link", "f", "other")] == [b"new", b"newer", b"old"]


def test_a_directory_is_not_replaced(device: HostDirectory, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    with pytest.raises(KernelError) as caught:
        device.replace_file(0, b"d", [b"x"])
    assert caught.value.errno == Errno.ISDIR
    assert os.listdir(tmp_path) == ["d"]


@pytest.mark.parametrize("failing", ["chunks", "write", "fsync", "rename", "utime"])
def test_failures_leave_the_old_file_alone(
    device: HostDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"new"
        if failing == "chunks":
            raise KeyboardInterrupt

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "f").write_bytes(b"old")
    if failing != "chunks":
        monkeypatch.setattr(os, failing, fail)
    with pytest.raises((KernelError, KeyboardInterrupt)) as caught:
        device.replace_file(0, b"f", chunks(), 1, 1)
    if isinstance(caught.value, KernelError):
        assert caught.value.errno == Errno.NOSPC
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ["f"]
    assert (tmp_path / "f").read_bytes() == b"old"


def test_others_see_the_old_or_the_new_and_nothing_between(device: HostDirectory, tmp_path: Path) -> None:
    contents = {bytes([value]) * 10_000 for value in (1, 2)}
    device.replace_file(0, b"f", [min(contents)])
    seen = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.add((tmp_path / "f").read_bytes())

    looker = threading.Thread(target=look)
    looker.start()
    for _ in range(30):
        for content in contents:
            device.replace_file(0, b"f", [content[:5000], content[5000:]])
    done.set()
    looker.join()
    assert seen <= contents
