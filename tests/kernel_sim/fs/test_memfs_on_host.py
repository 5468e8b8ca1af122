"""The file system in memory against a folder of the host: the same operations on both, with the same answers.

Where POSIX leaves an answer to the system (attributes of directories, the error for unlinking one), both sides are asked
in a way that avoids the question.
"""

from __future__ import annotations

import errno as host_errno
import os
import sys
import tempfile
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kernel_sim.errors import KernelError
from tests.kernel_sim.scripts import ROOT, World, world

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
TARGETS = st.one_of(PATHS, st.sampled_from(["a/", "nowhere", "."]))
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), PATHS, st.booleans()),
        st.tuples(st.just("write"), PATHS, st.integers(0, 5), st.binary(max_size=6)),
        st.tuples(st.just("append"), PATHS, st.binary(max_size=6)),
        st.tuples(st.just("truncate"), PATHS, st.integers(0, 9)),
        st.tuples(st.just("read"), PATHS),
        st.tuples(st.just("mkdir"), PATHS),
        st.tuples(st.just("rmdir"), PATHS),
        st.tuples(st.just("unlink"), PATHS),
        st.tuples(st.just("rename"), PATHS, PATHS),
        st.tuples(st.just("link"), PATHS, PATHS),
        st.tuples(st.just("symlink"), TARGETS, PATHS),
        st.tuples(st.just("readlink"), PATHS),
        st.tuples(st.just("stat"), PATHS, st.booleans()),
        st.tuples(st.just("list"), PATHS),
    ),
    max_size=25,
)
Operation = tuple[Any, ...]


class InMemory:
    """The operations on a world."""

    def __init__(self) -> None:
        self.k = world()

    def perform(self, operation: Operation) -> Any:
        try:
            return getattr(self, operation[0])(*operation[1:])
        except KernelError as error:
            return error.errno

    def create(self, path: str, exclusive: bool) -> None:
        self.k.sys.close(self.k.open(path, "creat w excl" if exclusive else "creat w"))

    def _with(self, fd: int, call: Any) -> Any:
        try:
            return call(fd)
        finally:
            self.k.sys.close(fd)

    def write(self, path: str, offset: int, data: bytes) -> Any:
        return self._with(self.k.open(path, "w"), lambda fd: self.k.pwrite(fd, data, offset))

    def append(self, path: str, data: bytes) -> Any:
        return self._with(self.k.open(path, "w append"), lambda fd: self.k.write(fd, data))

    def truncate(self, path: str, size: int) -> Any:
        return self._with(self.k.open(path, "w"), lambda fd: self.k.sys.ftruncate(fd, size))

    def read(self, path: str) -> Any:
        fd = self.k.open(path)
        if self.k.sys.fstat(fd).type == "directory":
            self.k.sys.close(fd)
            return "ISDIR"
        return self._with(fd, lambda fd: self.k.read(fd, 100))

    def mkdir(self, path: str) -> None:
        self.k.mkdir(path)

    def rmdir(self, path: str) -> None:
        self.k.rmdir(path)

    def unlink(self, path: str) -> None:
        self.k.unlink(path)

    def rename(self, path: str, new: str) -> None:
        self.k.rename(path, new)

    def link(self, path: str, new: str) -> None:
        self.k.link(path, new)

    def symlink(self, target: str, path: str) -> None:
        self.k.symlink(target, path)

    def readlink(self, path: str) -> str:
        return self.k.sys.readlinkat(ROOT, path.encode()).decode()

    def stat(self, path: str, follow: bool) -> tuple[str, int, int]:
        found = self.k.stat(path, follow)
        return (found.type, 0, 0) if found.type == "directory" else (found.type, found.nlink, found.size)

    def list(self, path: str) -> list[str]:
        return sorted(self.k.names(path))


class OnHost:
    """The same operations on a folder of the host, with the same answers where POSIX decides."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def perform(self, operation: Operation) -> Any:
        try:
            return getattr(self, operation[0])(*operation[1:])
        except OSError as error:
            assert error.errno is not None
            return host_errno.errorcode[error.errno].removeprefix("E")

    def at(self, path: str) -> str:
        return f"{self.folder}/{path}"

    def _open(self, path: str, flags: int) -> int:
        return os.open(self.at(path), flags)

    def _with(self, fd: int, call: Any) -> Any:
        try:
            return call(fd)
        finally:
            os.close(fd)

    def create(self, path: str, exclusive: bool) -> None:
        try:
            os.close(self._open(path, os.O_WRONLY | os.O_CREAT | (os.O_EXCL if exclusive else 0)))
        except IsADirectoryError:
            try:
                os.stat(self.at(path))
            except OSError as error:
                if error.errno == host_errno.ELOOP:  # a link "a" to "a/": Linux sees the slash first, we the loop
                    raise
            raise

    def write(self, path: str, offset: int, data: bytes) -> Any:
        return self._with(self._open(path, os.O_WRONLY), lambda fd: os.pwrite(fd, data, offset))

    def append(self, path: str, data: bytes) -> Any:
        return self._with(self._open(path, os.O_WRONLY | os.O_APPEND), lambda fd: os.write(fd, data))

    def truncate(self, path: str, size: int) -> Any:
        return self._with(self._open(path, os.O_WRONLY), lambda fd: os.ftruncate(fd, size))

    def read(self, path: str) -> Any:
        return self._with(self._open(path, os.O_RDONLY), lambda fd: os.read(fd, 100))

    def mkdir(self, path: str) -> None:
        os.mkdir(self.at(path))

    def rmdir(self, path: str) -> None:
        os.rmdir(self.at(path))

    def unlink(self, path: str) -> Any:
        if os.path.isdir(self.at(path)) and not os.path.islink(self.at(path)):
            return "ISDIR"  # some hosts say PERM
        return os.unlink(self.at(path))

    def rename(self, path: str, new: str) -> None:
        os.rename(self.at(path), self.at(new))

    def link(self, path: str, new: str) -> None:
        os.link(self.at(path), self.at(new), follow_symlinks=False)

    def symlink(self, target: str, path: str) -> None:
        os.symlink(target, self.at(path))

    def readlink(self, path: str) -> str:
        return os.readlink(self.at(path))

    def stat(self, path: str, follow: bool) -> tuple[str, int, int]:
        found = os.stat(self.at(path), follow_symlinks=follow)
        kind = {0o040000: "directory", 0o100000: "regular-file", 0o120000: "symbolic-link"}[found.st_mode & 0o170000]
        return (kind, 0, 0) if kind == "directory" else (kind, found.st_nlink, found.st_size)

    def list(self, path: str) -> list[str]:
        return sorted(os.listdir(self._listed(path)))

    def _listed(self, path: str) -> str:
        return self.at(path)


@pytest.mark.skipif(sys.platform != "linux", reason="other hosts differ in details that POSIX leaves open")
@settings(max_examples=400, deadline=None)
@example([("symlink", "a/", "a"), ("create", "a", False)])
@given(OPERATIONS)
def test_the_same_operations_on_the_host(operations: list[Operation]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        memory, host = InMemory(), OnHost(folder)
        for operation in operations:
            assert memory.perform(operation) == host.perform(operation), operation
        assert tree_in_memory(memory.k) == tree_on_host(folder)


def tree_in_memory(k: World) -> dict[str, object]:
    """Every path with its content; hard links by the first path of the file."""
    found: dict[str, object] = {}
    first: dict[int, str] = {}
    pending = [""]
    while pending:
        above = pending.pop()
        for name in sorted(k.names(above or ".")):
            path = f"{above}/{name}".lstrip("/")
            stat = k.stat(path, False)
            if stat.type == "directory":
                pending.append(path)
                found[path] = "directory"
            elif stat.type == "symbolic-link":
                found[path] = k.sys.readlinkat(ROOT, path.encode()).decode()
            else:
                found[path] = (k.get(path), first.setdefault(stat.inode, path))
    return found


def tree_on_host(folder: str) -> dict[str, object]:
    found: dict[str, object] = {}
    first: dict[int, str] = {}
    pending = [""]
    while pending:
        above = pending.pop()
        for name in sorted(os.listdir(f"{folder}/{above}")):
            path = f"{above}/{name}".lstrip("/")
            place = f"{folder}/{path}"
            if os.path.islink(place):
                found[path] = os.readlink(place)
            elif os.path.isdir(place):
                pending.append(path)
                found[path] = "directory"
            else:
                with open(place, "rb") as file:
                    found[path] = (file.read(), first.setdefault(os.stat(place).st_ino, path))
    return found
