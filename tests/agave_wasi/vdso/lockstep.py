"""The same random calls in two equal worlds, one with a vDSO and one without: nobody may be able to tell them apart."""

from __future__ import annotations

from random import Random

from agave_wasi import Mount, World
from agave_wasi.instance import LiveInstance
from agave_wasi.preview1.compiled import SIGNATURES
from kernel_sim.snapshot import save

TYPES = {"i": "i32", "I": "i64"}
CALLS = (
    "clock_time_get", "fd_advise", "fd_allocate", "fd_close", "fd_fdstat_get", "fd_fdstat_set_flags", "fd_filestat_get",
    "fd_filestat_set_size", "fd_filestat_set_times", "fd_pread", "fd_pwrite", "fd_read", "fd_readdir", "fd_renumber", "fd_seek",
    "fd_tell", "fd_write", "path_create_directory", "path_filestat_get", "path_filestat_set_times", "path_link", "path_open",
    "path_remove_directory", "path_rename", "path_symlink", "path_unlink_file", "random_get",
)  # fmt: skip
PATHS = (
    b"a", b"b", b"c", b"d", b"d/a", b"d/b", b"d/e", b"d/e/a", b"link", b"d/..", b"d/../a", b"./a", b"a/", b"", b"nothing/a",
    b"x" * 104, b"y" * 105, b"z" * 255, b"q" * 256, b"\xc3\xa4", b"\xff", b"a\0b", b"/a",
)  # fmt: skip
RIGHTS = 0x1FFFFFFF
READ, WRITE = 2, 64
MEMORY = 1 << 16
PATH_A, PATH_B, VECTORS, OUT, DATA = 0, 1024, 2048, 4096, 8192
"""Where arguments and results are in the guest's memory."""


def guest() -> bytes:
    """A module that hands every call on to the host."""
    lines = ["(module"]
    for name in CALLS:
        types = " ".join(TYPES[letter] for letter in SIGNATURES[name][0])
        lines.append(f'(import "wasi_snapshot_preview1" "{name}" (func ${name} (param {types}) (result i32)))')
    lines.append('(memory (export "memory") 1 2) (func (export "grow") (result i32) (memory.grow (i32.const 1)))')
    for name in CALLS:
        types = SIGNATURES[name][0]
        arguments = " ".join(f"(local.get {at})" for at in range(len(types)))
        declared = " ".join(TYPES[letter] for letter in types)
        lines.append(f'(func (export "{name}") (param {declared}) (result i32) (call ${name} {arguments}))')
    return "\n".join([*lines, ")"]).encode()


def world(quota: int) -> World:
    """With some files, a folder, a link to it, and a second tree of memory."""
    made = World(
        files={"/a": b"0123456789" * 30, "/d/b": b"", "/d/e/a": b"x" * 5000}, fs_quota=quota, max_fds=24, seed=7,
        mounts=[Mount("/", mode="memory"), Mount("/other", mode="memory")],
    )  # fmt: skip
    made.kernel.root.symlink(b"link", b"d/a")
    return made


class Pair:
    """Both worlds and their guests; `call` makes a call in both and compares what can be seen."""

    def __init__(self, quota: int = 1 << 20) -> None:
        self.worlds = [world(quota), world(quota)]
        self.lives: list[LiveInstance] = []
        for place, each in enumerate(self.worlds):
            start = each.start

            def slow(*args: object, start: object = start, **options: object) -> object:
                made = start(*args, **options)  # type: ignore[operator]
                made.fast = False
                return made

            if place:
                each.start = slow  # type: ignore[method-assign, assignment]
            self.lives.append(each.instantiate(guest()))

    def put(self, at: int, data: bytes) -> None:
        """The same bytes into both memories."""
        for live in self.lives:
            live.write(at, data)

    def call(self, name: str, *arguments: int) -> object:
        """The errno, after both are the same in it and in all of memory."""
        answers: list[object] = []
        for live in self.lives:
            try:
                answers.append(live.call(name, *arguments))
            except Exception as error:
                answers.append(f"{type(error).__name__}: {error}")
        assert answers[0] == answers[1], (name, arguments, answers)
        memories = [live.read(0, MEMORY) for live in self.lives]
        assert memories[0] == memories[1], (name, arguments)
        return answers[0]

    def look(self) -> None:
        """The worlds are the same from outside, to the last inode number and nanosecond."""
        first, second = [save(each.kernel) for each in self.worlds]
        assert first == second

    def close(self) -> None:
        """End both."""
        for live in self.lives:
            live.close()


class Walk:
    """A random walk through the calls: plain ones mostly, with an odd pointer or number here and there."""

    def __init__(self, pair: Pair, seed: int) -> None:
        self.pair = pair
        self.random = Random(seed)

    def step(self) -> None:
        """One call, or a few that belong together."""
        if self.random.random() < 0.03:
            self.scratch()
            return
        name = self.random.choices(CALLS, [8 if name in FREQUENT else 2 for name in CALLS])[0]
        arguments = getattr(self, name)()
        if self.random.random() < 0.02:
            at = self.random.randrange(len(arguments))
            arguments[at] = self.random.choice((0, 1, 3, MEMORY - 2, MEMORY + 8, 0x7FFFFFFF))
        self.pair.call(name, *arguments)

    def scratch(self) -> None:
        """A file that is made, written, closed and removed again, perhaps after a rename."""
        self.pair.put(PATH_A, b"scratch")
        opened = self.pair.call("path_open", 3, 0, PATH_A, 7, 9, RIGHTS, RIGHTS, 0, OUT)
        fd = int.from_bytes(self.pair.lives[0].read(OUT, 4), "little")
        if opened == 0:
            self.pair.call("fd_write", fd, *self.vectors(), OUT)
            self.pair.call("fd_close", fd)
        if self.random.random() < 0.5:
            self.pair.put(PATH_B, self.random.choice((b"a", b"d/b", b"d/new")))
            self.pair.call("path_rename", 3, PATH_A, 7, 3, PATH_B, 5 if self.random.random() < 0.5 else 1)
        self.pair.call("path_unlink_file", 3, PATH_A, 7)

    def fd(self) -> int:
        return self.random.choices((3, 4, self.random.randrange(5, 24), self.random.randrange(40)), (2, 1, 12, 1))[0]

    def directory(self) -> int:
        return self.random.choices((3, 4, self.fd()), (12, 4, 1))[0]

    def path(self, at: int) -> list[int]:
        path = self.random.choices(PATHS, [6 if 0 < len(each) < 6 and each.isascii() else 1 for each in PATHS])[0]
        self.pair.put(at, path)
        return [at, len(path)]

    def vectors(self) -> list[int]:
        count = self.random.choice((0, 1, 1, 1, 2, 3, 17))
        data = b""
        for _ in range(count):
            size = self.random.choice((0, 1, 7, 100, 4096, 9000))
            start = self.random.choice((DATA, DATA + 5000, VECTORS if size < 200 else DATA))
            data += start.to_bytes(4, "little") + size.to_bytes(4, "little")
        self.pair.put(VECTORS, data)
        return [VECTORS, count]

    def offset(self) -> int:
        return self.random.choice((0, 0, 1, 50, 300, 4096, 20000, 1 << 22, 1 << 62, (1 << 63) + 5))

    def fill(self) -> None:
        self.pair.put(DATA, self.random.randbytes(9000))

    def clock_time_get(self) -> list[int]:
        return [self.random.choice((0, 1, 1, 2, 3)), 0, OUT]

    def random_get(self) -> list[int]:
        return [DATA, self.random.choice((0, 1, 8, 63, 64, 65, 1000))]

    def fd_advise(self) -> list[int]:
        return [self.fd(), 0, 10, 0]

    def fd_allocate(self) -> list[int]:
        return [self.fd(), self.random.choice((0, 300)), self.random.choice((0, 10, 5000, 1 << 21))]

    def fd_close(self) -> list[int]:
        return [self.random.randrange(5, 24)]

    def fd_tell(self) -> list[int]:
        return [self.fd(), OUT]

    fd_fdstat_get = fd_filestat_get = fd_tell

    def fd_fdstat_set_flags(self) -> list[int]:
        return [self.fd(), self.random.choice((0, 0, 1, 4))]

    def fd_filestat_set_size(self) -> list[int]:
        return [self.fd(), self.random.choice((0, 5, 300, 6000, 1 << 21, 1 << 40))]

    def fd_filestat_set_times(self) -> list[int]:
        return [self.fd(), self.random.choice((5, (1 << 64) - 1)), 6, self.random.choice((1, 2, 4, 5, 8))]

    def fd_pread(self) -> list[int]:
        return [self.fd(), *self.vectors(), self.offset(), OUT]

    def fd_pwrite(self) -> list[int]:
        self.fill()
        return [self.fd(), *self.vectors(), self.random.choice((0, 0, 10, 300, self.offset())), OUT]

    def fd_read(self) -> list[int]:
        return [self.random.randrange(5, 24), *self.vectors(), OUT]

    def fd_write(self) -> list[int]:
        self.fill()
        return [self.random.randrange(5, 24), *self.vectors(), OUT]

    def fd_readdir(self) -> list[int]:
        return [self.directory(), DATA, 2000, self.random.choice((0, 0, 3)), OUT]

    def fd_renumber(self) -> list[int]:
        return [self.random.randrange(5, 24), self.random.randrange(5, 24)]

    def fd_seek(self) -> list[int]:
        return [self.fd(), self.random.choice((0, 0, 10, 300, -1, -400, 1 << 62, -(1 << 63))), self.random.randrange(4), OUT]

    def one_path(self) -> list[int]:
        return [self.directory(), *self.path(PATH_A)]

    path_create_directory = path_remove_directory = path_unlink_file = one_path

    def path_filestat_get(self) -> list[int]:
        return [self.directory(), self.random.randrange(2), *self.path(PATH_A), OUT]

    def path_filestat_set_times(self) -> list[int]:
        return [self.directory(), 1, *self.path(PATH_A), 77, 88, self.random.choice((1, 2, 4, 8))]

    def path_link(self) -> list[int]:
        return [self.directory(), 0, *self.path(PATH_A), self.directory(), *self.path(PATH_B)]

    def path_rename(self) -> list[int]:
        return [self.directory(), *self.path(PATH_A), self.directory(), *self.path(PATH_B)]

    def path_symlink(self) -> list[int]:
        return [*self.path(PATH_A), self.directory(), *self.path(PATH_B)]

    def path_open(self) -> list[int]:
        rights = self.random.choice((RIGHTS, RIGHTS, READ, WRITE, 0))
        oflags = self.random.choice((0, 0, 0, 1, 1, 1, 9, 8, 5, 4, 2, 13))
        fdflags = self.random.choice((0, 0, 0, 1, 4))
        return [self.directory(), self.random.randrange(2), *self.path(PATH_A), oflags, rights, rights, fdflags, OUT]


FREQUENT = {
    "fd_close", "fd_filestat_get", "fd_pread", "fd_pwrite", "fd_read", "fd_seek", "fd_write", "path_create_directory",
    "path_open", "path_remove_directory", "path_rename", "path_unlink_file",
}  # fmt: skip

