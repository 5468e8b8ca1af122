"""Random operations on the device and, as plain os calls, on a twin directory: same answers, same trees in the end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agave_wasi.host.directory import HostDirectory
from agave_wasi.host.errno import kernel_error
from kernel_sim.errors import KernelError

Operation = tuple[Any, ...]

names = st.sampled_from([b"a", b"b", b"c", b"d", "é".encode(), b"n" * 256])
flags = st.tuples(*[st.booleans()] * 5)
offsets = st.integers(0, 40)
data = st.binary(max_size=20)
where = st.integers(0, 3)
"""Which of the directories opened so far, modulo their number."""
times = st.none() | st.integers(0, 1 << 32).map(lambda value: value * 1000)

operations = st.one_of(
    st.tuples(st.just("open_file"), where, names, flags),
    st.tuples(st.just("open_directory"), where, names),
    st.tuples(st.just("make_directory"), where, names),
    st.tuples(st.just("remove_directory"), where, names),
    st.tuples(st.just("unlink"), where, names),
    st.tuples(st.just("symlink"), where, names, st.sampled_from([b"a", b"nowhere", b"../b", b"/etc"])),
    st.tuples(st.just("readlink"), where, names),
    st.tuples(st.just("link"), where, names, where, names),
    st.tuples(st.just("rename"), where, names, where, names),
    st.tuples(st.just("stat"), where, names),
    st.tuples(st.just("entries"), where),
    st.tuples(st.just("set_times"), where, names, times, times),
    st.tuples(st.just("read"), where, offsets, offsets),
    st.tuples(st.just("write"), where, offsets, st.lists(data, max_size=3)),
    st.tuples(st.just("append"), where, st.lists(data, max_size=3)),
    st.tuples(st.just("truncate"), where, offsets),
)

BEGINNING: list[Operation] = [
    ("make_directory", 0, b"b"),
    ("open_directory", 0, b"b"),
    ("symlink", 0, b"c", b"a"),
    ("open_file", 0, b"a", (True, True, True, False, False)),
    ("write", 0, 0, [b"0123456789"]),
]
"""So that random operations find something to work on."""


class Twin:
    """What the device should do, by plain os calls on descriptors, in the vocabulary of `operations`."""

    def __init__(self, path: str) -> None:
        self.directories = [os.open(path, os.O_RDONLY)]
        self.files: list[int] = []

    def close(self) -> None:
        for fd in self.directories + self.files:
            os.close(fd)

    def open_file(self, directory: int, name: bytes, chosen: tuple[bool, ...]) -> None:
        read, write, create, exclusive, truncate = chosen
        how = os.O_NOFOLLOW | (os.O_RDWR if read and write else os.O_WRONLY if write else os.O_RDONLY)
        how |= os.O_CREAT * create | os.O_EXCL * (create and exclusive) | os.O_TRUNC * truncate
        fd = os.open(name, how, 0o666, dir_fd=directory)
        if os.path.isdir(f"/dev/fd/{fd}"):
            os.close(fd)
            raise IsADirectoryError(21, "")
        self.files.append(fd)

    def open_directory(self, directory: int, name: bytes) -> None:
        self.directories.append(os.open(name, os.O_NOFOLLOW | os.O_DIRECTORY, dir_fd=directory))

    def make_directory(self, directory: int, name: bytes) -> None:
        os.mkdir(name, dir_fd=directory)

    def remove_directory(self, directory: int, name: bytes) -> None:
        os.rmdir(name, dir_fd=directory)

    def unlink(self, directory: int, name: bytes) -> None:
        os.unlink(name, dir_fd=directory)

    def symlink(self, directory: int, name: bytes, target: bytes) -> None:
        os.symlink(target, name, dir_fd=directory)

    def readlink(self, directory: int, name: bytes) -> bytes:
        return os.readlink(name, dir_fd=directory)

    def link(self, directory: int, name: bytes, new_directory: int, new_name: bytes) -> None:
        os.link(name, new_name, src_dir_fd=directory, dst_dir_fd=new_directory, follow_symlinks=False)

    def rename(self, directory: int, name: bytes, new_directory: int, new_name: bytes) -> None:
        os.rename(name, new_name, src_dir_fd=directory, dst_dir_fd=new_directory)

    def stat(self, directory: int, name: bytes) -> tuple[int, int]:
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        return found.st_nlink, found.st_size

    def entries(self, directory: int) -> list[bytes]:
        return sorted(map(os.fsencode, os.listdir(directory)))

    def set_times(self, directory: int, name: bytes, atime: int | None, mtime: int | None) -> int | None:
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        kept = (found.st_atime_ns if atime is None else atime, found.st_mtime_ns if mtime is None else mtime)
        os.utime(name, ns=kept, dir_fd=directory, follow_symlinks=False)
        return mtime

    def read(self, file: int, offset: int, size: int) -> bytes:
        return os.pread(file, size, offset)

    def write(self, file: int, offset: int, pieces: list[bytes]) -> int:
        return os.pwrite(file, b"".join(pieces), offset)

    def append(self, file: int, pieces: list[bytes]) -> int:
        return os.pwrite(file, b"".join(pieces), os.fstat(file).st_size)

    def truncate(self, file: int, size: int) -> None:
        os.ftruncate(file, size)


class Ours:
    """The same vocabulary over the device."""

    def __init__(self, device: HostDirectory) -> None:
        self.device = device
        self.directories = [device.root]
        self.files: list[int] = []

    def __getattr__(self, name: str) -> Callable[..., object]:
        method: Callable[..., object] = getattr(self.device, name)
        return method

    def open_file(self, directory: int, name: bytes, chosen: tuple[bool, bool, bool, bool, bool]) -> None:
        self.files.append(self.device.open_file(directory, name, *chosen))

    def open_directory(self, directory: int, name: bytes) -> None:
        self.directories.append(self.device.open_directory(directory, name))

    def stat(self, directory: int, name: bytes) -> tuple[int, int]:
        return self.device.stat(directory, name)[3:5]

    def entries(self, directory: int) -> list[bytes]:
        return [name for name, _, _ in self.device.entries(directory)]

    def set_times(self, directory: int, name: bytes, atime: int | None, mtime: int | None) -> int | None:
        self.device.set_times(directory, name, atime, mtime)
        return None if mtime is None else self.device.stat(directory, name)[6]

    def read(self, file: int, offset: int, size: int) -> bytes:
        buffers = [memoryview(bytearray(size // 2)), memoryview(bytearray(size - size // 2))]
        count = self.device.read(file, offset, buffers)
        return b"".join(buffers)[:count]

    def write(self, file: int, offset: int, pieces: list[bytes]) -> int:
        return self.device.write(file, offset, [memoryview(piece) for piece in pieces])

    def append(self, file: int, pieces: list[bytes]) -> int:
        return self.device.append(file, [memoryview(piece) for piece in pieces])


def outcome(side: Twin | Ours, operation: Operation) -> object:
    """What an operation answers, or the name of its errno; None if there is no file to do it with."""
    verb, *args = operation
    if verb in ("read", "write", "append", "truncate"):
        if not side.files:
            return None
        args[0] = side.files[args[0] % len(side.files)]
    else:
        args[0] = side.directories[args[0] % len(side.directories)]
        if verb in ("link", "rename"):
            args[2] = side.directories[args[2] % len(side.directories)]
    try:
        return getattr(side, verb)(*args)
    except KernelError as error:
        return error.errno
    except OSError as error:
        return kernel_error(error).errno


def tree(path: str) -> list[tuple[str, object]]:
    """Every path below `path`, with its content or target."""
    found: list[tuple[str, object]] = []
    for directory, _, files in os.walk(path):
        found.append((os.path.relpath(directory, path), "directory"))
        for name in files:
            whole = os.path.join(directory, name)
            relative = os.path.relpath(whole, path)
            if os.path.islink(whole):
                found.append((relative, os.readlink(whole)))
            else:
                with open(whole, "rb") as file:
                    found.append((relative, file.read()))
    return sorted(found)


@settings(max_examples=150, deadline=None)
@given(st.lists(operations, max_size=30))
def test_the_device_does_what_the_host_does(sequence: list[Operation]) -> None:
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        device = HostDirectory(ours)
        twin = Twin(theirs)
        side = Ours(device)
        try:
            for operation in BEGINNING + sequence:
                assert outcome(side, operation) == outcome(twin, operation), operation
            assert tree(ours) == tree(theirs)
        finally:
            twin.close()
            device.close_all()
