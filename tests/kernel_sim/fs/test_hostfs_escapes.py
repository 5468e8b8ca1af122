"""Nothing outside a host folder is reached, whatever links say and whoever swaps them meanwhile."""


from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.resolve import resolve
from tests.kernel_sim.fs.trees import BOTH, Machine, count_descriptors, refusal
from tests.waiting import HANG


@pytest.mark.parametrize("target", ["../secret", "../secret/secret.txt", "/", "d/../../secret", "../folder/../secret"])
def test_links_out_lead_nowhere(machine: Machine, folder: Path, target: str) -> None:
    calls = machine.calls
    for link in ("out", "absolute"):
        (folder / link).symlink_to(target if link == "out" else folder.parent / "secret")
    for path in (b"out", b"out/secret.txt", b"absolute", b"absolute/secret.txt", b"d/../absolute/secret.txt"):
        assert refusal(machine.read, path) == Errno.PERM
        assert refusal(calls.fstatat, 0, path, True) == Errno.PERM
    for path in (b"out/new", b"absolute/new"):
        assert refusal(machine.write, path, b"x") == Errno.PERM
        for change in (calls.mkdirat, calls.unlinkat, calls.rmdirat):
            assert refusal(change, 0, path) == Errno.PERM
        assert refusal(calls.renameat, 0, b"f", 0, path) == Errno.PERM
        assert refusal(calls.linkat, 0, b"f", 0, path) == Errno.PERM
        assert refusal(calls.symlinkat, b"f", 0, path) == Errno.PERM
        assert refusal(calls.utimensat, 0, path, True, 1, 1) == Errno.PERM
    assert os.listdir(folder.parent / "secret") == ["secret.txt"]
    assert refusal(calls.readlinkat, 0, b"absolute") == Errno.PERM


def swapping(folder: Path, stop: threading.Event) -> None:
    """Again and again: `d` is a folder, is a link to the secret one; `d/secret.txt` and `e` a file, a link likewise."""
    secret = folder.parent / "secret"
    real = folder / "real"
    real.mkdir()
    (real / "secret.txt").write_text("harmless")
    (folder / "link").symlink_to(secret)
    (folder / "up").symlink_to("../secret")
    (folder / "file").write_text("harmless")
    (folder / "filelink").symlink_to(secret / "secret.txt")
    while not stop.is_set():
        for place, candidates in (("w", ("real", "link", "real", "up")), ("e", ("file", "filelink"))):
            for candidate in candidates:
                os.rename(folder / candidate, folder / place)
                os.rename(folder / place, folder / candidate)
        os.rename(folder / "real", folder / "w")
        os.rename(folder / "w" / "secret.txt", folder / "w" / "moved")
        os.symlink("../../secret/secret.txt", folder / "w" / "secret.txt")
        os.unlink(folder / "w" / "secret.txt")
        os.rename(folder / "w" / "moved", folder / "w" / "secret.txt")
        os.rename(folder / "w", folder / "real")


def attack(machine: Machine, seen: dict[str, int]) -> None:
    """Try to get out; count how it ended."""
    calls = machine.calls

    def harmless(path: bytes) -> None:
        assert machine.read(path) == b"harmless", path

    for path in (b"w/secret.txt", b"e", b"w/../w/secret.txt", b"w/new", b"link/secret.txt", b"up/secret.txt"):
        attempts: list[tuple[Callable[..., object], tuple[object, ...]]] = [
            (harmless, (path,)),
            (machine.open, (path, 0, BOTH)),
            (calls.mkdirat, (0, path + b"x")),
            (calls.utimensat, (0, path, True, 1, 1)),
            (machine.names, (b"w",)),
        ]
        for attempt, args in attempts:
            try:
                attempt(*args)
                how = attempt.__name__
            except KernelError as error:
                how = error.errno
            seen[how] = seen.get(how, 0) + 1


@pytest.mark.parametrize("kind", ["host", "overlay"])
def test_no_race_leads_out(folder: Path, kind: str) -> None:
    """Another thread swaps folders and files for links to the outside while a guest opens, writes and lists."""
    stop = threading.Event()
    thread = threading.Thread(target=swapping, args=(folder, stop))
    before = count_descriptors()  # while the other thread, which opens folders too, doesn't run
    thread.start()
    seen: dict[str, int] = {}
    begin, enough = time.monotonic(), 1.5
    try:
        while time.monotonic() - begin < enough:
            enough = 1.5 if {"harmless", Errno.NOENT, Errno.PERM} <= seen.keys() else HANG
            machine = Machine(kind, folder)
            attack(machine, seen)
            machine.close()
            del machine
    finally:
        stop.set()
        thread.join()
    secret = folder.parent / "secret"
    assert os.listdir(secret) == ["secret.txt"] and (secret / "secret.txt").read_text() == "SECRET"
    assert secret.stat().st_mtime_ns > 10 and (secret / "secret.txt").stat().st_mtime_ns > 10
    assert seen["harmless"] and seen[Errno.NOENT] and seen[Errno.PERM]
    assert count_descriptors() == before


def test_creating_meets_a_name_that_has_just_been_taken(machine: Machine, folder: Path) -> None:
    makers: dict[str, Callable[[Path], object]] = {
        "file": lambda path: path.touch(),
        "link": lambda path: path.symlink_to("../secret/new"),
        "directory": lambda path: path.mkdir(),
    }
    for name, make in makers.items():
        target = resolve(machine.top, name.encode(), True)
        assert target.inode is None
        make(folder / name)
        assert refusal(target.directory.create, name.encode()) == Errno.EXIST
    assert os.listdir(folder.parent / "secret") == ["secret.txt"]
