"""Random operations through the syscalls on memory, on a host folder and on an overlay: the same answers everywhere.

In the end the overlay's changes are written back, and its folder must equal the one that was changed directly.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agave_wasi.host.commit import commit
from kernel_sim.errors import KernelError
from kernel_sim.fs.changes import changes
from kernel_sim.fs.overlay import OverlayDirectory
from tests.kernel_sim.fs.trees import Machine, host_tree

Operation = tuple[Any, ...]

names = st.sampled_from([b"a", b"b", b"c", b"d", b"e"])
paths = st.one_of(
    names,
    st.lists(names, min_size=2, max_size=3).map(b"/".join),
    st.sampled_from([b".", b"d/..", b"..", b"d/../a", b"l/a", b"a/", b"d/", b"l/", b"out/x", b"abs", b"n" * 256, b"d/./b"]),
)
where = st.integers(0, 3)
open_flags = st.sampled_from([0, 0, 0, 1, 1, 2, 5, 8, 9, 13]) | st.integers(0, 15)
data = st.binary(min_size=1, max_size=20)

operations = st.one_of(
    st.tuples(st.just("open"), where, paths, st.booleans(), open_flags, st.sampled_from([0, 2, 64, 66])),
    st.tuples(st.just("mkdirat"), where, paths),
    st.tuples(st.just("rmdirat"), where, paths),
    st.tuples(st.just("unlinkat"), where, paths),
    st.tuples(st.just("symlinkat"), st.sampled_from([b"a", b"d", b"../a", b"gone", b"."]), where, paths),
    st.tuples(st.just("readlinkat"), where, paths),
    st.tuples(st.just("linkat"), where, paths, where, paths),
    st.tuples(st.just("renameat"), where, paths, where, paths),
    st.tuples(st.just("fstatat"), where, paths, st.booleans()),
    st.tuples(st.just("utimensat"), where, paths, st.booleans(), st.none(), st.integers(1, 1 << 40)),
    st.tuples(st.just("listing"), where),
    st.tuples(st.just("read"), where, st.integers(0, 30)),
    st.tuples(st.just("write"), where, st.lists(data, min_size=1, max_size=3)),
    st.tuples(st.just("pwrite"), where, data, st.integers(0, 50)),
    st.tuples(st.just("append"), where, data),
    st.tuples(st.just("ftruncate"), where, st.integers(0, 40)),
    st.tuples(st.just("fallocate"), where, st.integers(0, 40), st.integers(1, 40)),
    st.tuples(st.just("futimens"), where, st.none(), st.integers(1, 1 << 40)),
    st.tuples(st.just("fstat"), where),
    st.tuples(st.just("close"), where),
)


BEGINNING: list[Operation] = [
    ("open", 0, b"d", True, 2, 0),
    ("open", 0, b"d/c", True, 2, 0),
    ("open", 0, b"a", True, 0, 66),
    ("open", 0, b"d/a", True, 0, 66),
]
"""So that random operations find something to work on."""


def furnish(machine: Machine) -> None:
    """What there is at the start; for the overlay's folder it is made on the host."""
    calls = machine.calls
    machine.write(b"a", b"0123456789")
    calls.mkdirat(0, b"d")
    calls.mkdirat(0, b"d/c")
    machine.write(b"d/a", b"in d")
    machine.write(b"d/c/b", b"deep")
    calls.symlinkat(b"d", 0, b"l")
    calls.symlinkat(b"../..", 0, b"out")
    calls.linkat(0, b"a", 0, b"e")
    calls.linkat(0, b"a", 0, b"d/e")


class Side:
    """A machine, and the descriptors that its operations have opened: directories, and files."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.directories = [0]
        self.files: list[int] = []

    def outcome(self, operation: Operation) -> object:
        """What an operation answers, or the name of its errno."""
        verb, *args = operation
        try:
            return getattr(self, verb, self._plain)(verb, *args)
        except KernelError as error:
            return error.errno

    def _plain(self, verb: str, *args: Any) -> object:
        given = list(args)
        if verb in ("fstat", "ftruncate", "fallocate", "futimens"):
            if not self.files:
                return None
            given[0] = self.files[args[0] % len(self.files)]
        else:
            if verb == "symlinkat":
                given[1] = self.directories[args[1] % len(self.directories)]
            else:
                given[0] = self.directories[args[0] % len(self.directories)]
            if verb in ("linkat", "renameat"):
                given[2] = self.directories[args[2] % len(self.directories)]
        found = getattr(self.machine.calls, verb)(*given)
        if verb == "fallocate":  # hosts differ in whether that is a modification
            self.machine.calls.futimens(given[0], None, 7)
        if verb in ("fstat", "fstatat"):
            size = found.size if found.type != "directory" else 0
            return found.type, found.nlink, size, found.mtime if found.mtime < 1 << 40 else "recent"
        return found

    def open(self, verb: str, at: int, path: bytes, follow: bool, flags: int, rights: int) -> object:
        base = self.directories[at % len(self.directories)]
        fd = self.machine.calls.openat(base, path, follow, flags, 0, rights, rights)
        kind = self.machine.calls.fstat(fd).type
        (self.directories if kind == "directory" else self.files).append(fd)
        return fd, kind

    def listing(self, verb: str, at: int) -> object:
        fd = self.directories[at % len(self.directories)]
        entries = self.machine.calls.getdents(fd, 0, 1 << 20)
        assert [entry.name for entry in entries[:2]] == [b".", b".."]
        return sorted((entry.name, entry.type) for entry in entries)

    def _file(self, at: int) -> int:
        if not self.files:
            raise KernelError("no file is open")
        return self.files[at % len(self.files)]

    def read(self, verb: str, at: int, size: int) -> object:
        buffer = bytearray(size)
        count = self.machine.calls.readv(self._file(at), [memoryview(buffer)[: size // 2], memoryview(buffer)[size // 2 :]])
        return bytes(buffer[:count])

    def write(self, verb: str, at: int, pieces: list[bytes]) -> object:
        return self.machine.calls.writev(self._file(at), [memoryview(piece) for piece in pieces])

    def pwrite(self, verb: str, at: int, piece: bytes, offset: int) -> object:
        return self.machine.calls.pwritev(self._file(at), [memoryview(piece)], offset)

    def append(self, verb: str, at: int, piece: bytes) -> object:
        fd = self._file(at)
        self.machine.calls.set_status(fd, 1)
        count = self.machine.calls.writev(fd, [memoryview(piece)])
        self.machine.calls.set_status(fd, 0)
        return count, self.machine.calls.tell(fd)

    def close(self, verb: str, at: int) -> object:
        fd = self._file(at)
        self.files.remove(fd)
        return self.machine.calls.close(fd)


@settings(max_examples=200, deadline=None)
@given(st.lists(operations, max_size=25))
def test_every_tree_answers_alike(sequence: list[Operation]) -> None:
    with tempfile.TemporaryDirectory() as direct, tempfile.TemporaryDirectory() as under:
        machines = [Machine("memory"), Machine("host", direct), Machine("host", under)]
        for machine in machines:
            furnish(machine)
        machines.append(Machine("overlay", under))
        at_first = host_tree(under)
        sides = [Side(machines[0]), Side(machines[1]), Side(machines[3])]
        try:
            for operation in BEGINNING + sequence:
                answers = [side.outcome(operation) for side in sides]
                assert answers[0] == answers[1] == answers[2], (operation, answers)
            assert host_tree(under) == at_first
            overlay = machines[3]
            assert isinstance(overlay.top, OverlayDirectory) and overlay.device is not None
            commit(overlay.device, changes(overlay.top))
            assert host_tree(under) == host_tree(direct)
            assert not changes_left(under)
        finally:
            for machine in machines:
                machine.close()


def changes_left(folder: str) -> list[str]:
    """Temporary files that were left behind."""
    return [name for name in os.listdir(folder) if name.startswith(".")]


