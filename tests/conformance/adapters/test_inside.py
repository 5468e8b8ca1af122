"""A guest whose runtime takes any path is kept in its folders, and nothing else is answered otherwise than by `os`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters.inside import PATHS, Inside
from conformance.adapters.job import GuestLedOut

NEW = os.O_CREAT | os.O_WRONLY


@pytest.fixture
def top(tmp_path: Path) -> Iterator[int]:
    """A folder that a guest has, beside a file that it hasn't."""
    (tmp_path / "top" / "d").mkdir(parents=True)
    (tmp_path / "top" / "f").touch()
    (tmp_path / "victim").touch()
    (tmp_path / "topside").mkdir()
    (tmp_path / "top" / "out").symlink_to("../victim")
    (tmp_path / "top" / "up").symlink_to("..")
    (tmp_path / "top" / "nowhere").symlink_to("../new")
    (tmp_path / "top" / "loop").symlink_to("loop")
    top = os.open(tmp_path / "top", os.O_RDONLY)
    yield top
    os.close(top)


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Any]:
    made = Inside([str(tmp_path / "top")])
    yield made
    os.close(made._here)


Use = Callable[[Any, int], Any]
OUT: dict[str, Use] = {
    "above": lambda os, top: os.open("../victim", 0, dir_fd=top),
    "the folder above": lambda os, top: os.open("..", 0, dir_fd=top),
    "above, removed": lambda os, top: os.rmdir("d/../..", dir_fd=top),
    "a name that begins alike": lambda os, top: os.mkdir("../topside/new", dir_fd=top),
    "a link": lambda os, top: os.open("out", 0, dir_fd=top),
    "a link to nothing": lambda os, top: os.open("nowhere", NEW, dir_fd=top),
    "a link on the way": lambda os, top: os.unlink("up/victim", dir_fd=top),
    "a link with a slash": lambda os, top: os.mkdir("up/new/", dir_fd=top),
    "a link to look at": lambda os, top: os.stat("out", dir_fd=top, follow_symlinks=True),
    "a link on the way to look at": lambda os, top: os.stat("up/victim", dir_fd=top, follow_symlinks=False),
    "times": lambda os, top: os.utime("out", ns=(1, 1), dir_fd=top),
    "a link's target": lambda os, top: os.readlink("up/top/up", dir_fd=top) + os.readlink("up/victim", dir_fd=top),
    "linked from": lambda os, top: os.link("up/victim", "new", src_dir_fd=top, dst_dir_fd=top, follow_symlinks=False),
    "linked to": lambda os, top: os.link("f", "up/new", src_dir_fd=top, dst_dir_fd=top, follow_symlinks=False),
    "renamed from": lambda os, top: os.rename("up/victim", "new", src_dir_fd=top, dst_dir_fd=top),
    "renamed to": lambda os, top: os.rename("f", "../new", src_dir_fd=top, dst_dir_fd=top),
    "a new link": lambda os, top: os.symlink("f", "up/new", dir_fd=top),
}


@pytest.mark.parametrize("use", OUT.values(), ids=OUT)
def test_a_path_that_leads_out_ends_the_run(use: Use, inside: Any, top: int, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*")), os.getcwd()
    with pytest.raises(GuestLedOut, match="led out of its folders by the path "):
        use(inside, top)
    assert (sorted(tmp_path.rglob("*")), os.getcwd()) == before


def test_an_absolute_path_leads_out(inside: Any, top: int, tmp_path: Path) -> None:
    with pytest.raises(GuestLedOut, match="victim"):
        inside.rename(str(tmp_path / "victim"), "new", src_dir_fd=top, dst_dir_fd=top)
    with pytest.raises(GuestLedOut, match="victim"):
        inside.unlink(str(tmp_path / "victim"), dir_fd=top)
    assert (tmp_path / "victim").exists()


IN: dict[str, Use] = {
    "a file": lambda os, top: os.close(os.open("d/../f", 0, dir_fd=top)),
    "a new file": lambda os, top: os.close(os.open("d/new", NEW, 0o644, dir_fd=top)),
    "a link itself": lambda os, top: os.stat("out", dir_fd=top, follow_symlinks=False).st_ino,
    "a link's target": lambda os, top: os.readlink("out", dir_fd=top),
    "a link removed": lambda os, top: os.unlink("out", dir_fd=top),
    "a link renamed": lambda os, top: os.rename("out", "d/out", src_dir_fd=top, dst_dir_fd=top),
    "a link that leads out": lambda os, top: os.symlink("/etc", "new", dir_fd=top),
    "there and back": lambda os, top: os.stat("../top/f", dir_fd=top).st_ino,
    "the folder itself": lambda os, top: os.stat(".", dir_fd=top).st_ino,
    "what the runtime looks at by itself": lambda os, top: os.stat("..").st_ino,
    "a descriptor": lambda os, top: (os.stat(top).st_ino, os.listdir(top).sort(), os.utime(top, ns=(1, 1))),
    "times": lambda os, top: os.utime("f", ns=(1, 1), dir_fd=top, follow_symlinks=True),
}


@pytest.mark.parametrize("use", IN.values(), ids=IN)
def test_what_stays_inside_is_as_it_was(use: Use, inside: Any, top: int) -> None:
    use(inside, top)


@pytest.mark.parametrize(
    "use, error",
    [
        (lambda os, top: os.open("none/f", 0, dir_fd=top), FileNotFoundError),
        (lambda os, top: os.open("f/f", 0, dir_fd=top), NotADirectoryError),
        (lambda os, top: os.open("loop", 0, dir_fd=top), OSError),
        (lambda os, top: os.open("out", os.O_NOFOLLOW, dir_fd=top), OSError),
        (lambda os, top: os.open("out", NEW | os.O_EXCL, dir_fd=top), FileExistsError),
        (lambda os, top: os.open("a\0b", 0, dir_fd=top), ValueError),
        (lambda os, top: os.rmdir("", dir_fd=top), FileNotFoundError),
        (lambda os, top: os.mkdir("x" * 300, dir_fd=top), OSError),
        (lambda os, top: os.rmdir(".", dir_fd=top), OSError),
    ],
)  # fmt: skip
def test_errors_are_those_of_os(use: Use, error: type[Exception], inside: Any, top: int) -> None:
    with pytest.raises(error) as seen:
        use(inside, top)
    with pytest.raises(error) as plain:
        use(os, top)
    assert str(seen.value) == str(plain.value)


def test_every_function_that_takes_a_path_is_looked_at(inside: Any) -> None:
    assert all(getattr(inside, name) is not getattr(os, name) for name in PATHS)
    assert inside.path is os.path and inside.O_CREAT == os.O_CREAT
    used = {"open", "mkdir", "rmdir", "unlink", "stat", "utime", "readlink", "symlink", "link", "rename"}
    assert used == PATHS.keys()
