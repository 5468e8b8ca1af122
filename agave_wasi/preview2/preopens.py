"""wasi:filesystem/preopens: the directories that a program was started with."""

from __future__ import annotations

from agave_wasi.component.host import Host, interface
from agave_wasi.preview2.filesystem import Descriptor
from agave_wasi.preview2.streams import SharedFd


@interface("wasi:filesystem/preopens@0.2")
class Preopens(Host):
    """Where every path of a program begins."""

    __slots__ = ()

    def get_directories(self) -> list[tuple[Descriptor, str]]:
        """The directories with their names. The process keeps them open, whatever becomes of the descriptors."""
        files = self.kernel.fds.items()
        return [
            (Descriptor(self.kernel, SharedFd(fd, 1), file.inode.fs.writable), file.preopen.decode("utf-8", "replace"))
            for fd, file in files
            if file.preopen is not None
        ]
