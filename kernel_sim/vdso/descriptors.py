"""A descriptor table of which RAM knows every number, and keeps the files that live there.

A file's descriptor in RAM is in no Python table: `__missing__`, which a lookup comes to then, takes it home.
"""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fdtable import FdTable
from kernel_sim.openfile import OpenFile
from kernel_sim.vdso.layout import PATIENCE, State
from kernel_sim.vdso.ram import on_page

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_COUNT = on_page("count") >> 2


class SharedFdTable(FdTable):
    """The table while RAM shares it: numbers are given by the bits there."""

    __slots__ = ()

    def __missing__(self, fd: int) -> OpenFile:
        return self.mapped.vdso.slots.take_home(fd)

    def add(self, file: OpenFile) -> int:
        vdso = self.mapped.vdso
        if vdso.ram.u32[_COUNT] >= self.limit:
            raise KernelError(Errno.MFILE)
        fd = vdso.slots.lowest_free()
        self.put(fd, file)
        return fd

    def put(self, fd: int, file: OpenFile) -> None:
        vdso = self.mapped.vdso
        if fd >= self.limit:
            vdso.release()
            self.put(fd, file)
            return
        vdso.slots.enter(fd, State.KERNEL, 1 if vdso.inodes.holds(file.inode) else PATIENCE)
        dict.__setitem__(self, fd, file)

    def remove(self, fd: int) -> OpenFile:
        file = self[fd]
        dict.__delitem__(self, fd)
        vdso = self.mapped.vdso
        vdso.slots.leave(fd)
        vdso.inodes.closed(file.inode)
        return file

    def renumber(self, source: int, target: int) -> OpenFile | None:
        file = self[source]
        replaced = self[target]
        if source == target:
            return None
        self.remove(source)
        self.put(target, file)
        return replaced

    def __contains__(self, fd: object) -> bool:
        return isinstance(fd, int) and self.mapped.vdso.slots.state(fd) != State.CLOSED

    def __len__(self) -> int:
        return self.mapped.vdso.ram.u32[_COUNT]

    def __iter__(self) -> Iterator[int]:
        return iter(self.mapped.vdso.slots.numbers())

    def get(self, fd: int, default: Any = None) -> Any:
        if fd not in self:
            return default
        return self[fd]

    def keys(self) -> Any:
        return self.mapped.vdso.slots.numbers()

    def values(self) -> Any:
        return [self[fd] for fd in self]

    def items(self) -> Any:
        return [(fd, self[fd]) for fd in self]
