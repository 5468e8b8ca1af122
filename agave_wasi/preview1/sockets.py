"""sock_*: the four functions that Preview 1 has for stream sockets."""

from __future__ import annotations

from agave_wasi.preview1.host import Host, wasi, wasi_blocking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.preview1.types import (
        Fd,
        FdFlags,
        NewFd,
        ReadBuffers,
        Received,
        RiFlags,
        SdFlags,
        SiFlags,
        Size,
        WriteBuffers,
    )  # fmt: skip

SHUT_RD, SHUT_WR = 1, 2


class Sockets(Host):
    """Accepting, receiving, sending, shutting down."""

    __slots__ = ()

    @wasi_blocking
    def sock_accept(self, fd: Fd, flags: FdFlags) -> NewFd:
        """The next connection of a listening socket."""
        return self.kernel.accept(fd, flags)

    @wasi_blocking
    def sock_recv(self, fd: Fd, ri_data: ReadBuffers, ri_flags: RiFlags) -> Received:
        """Receive into buffers; how much, and flags about the message."""
        return self.kernel.recv(fd, ri_data, ri_flags)

    @wasi_blocking
    def sock_send(self, fd: Fd, si_data: WriteBuffers, si_flags: SiFlags) -> Size:
        """Send buffers; how much was taken."""
        return self.kernel.send(fd, si_data)

    @wasi
    def sock_shutdown(self, fd: Fd, how: SdFlags) -> None:
        """Finish one direction of a connection, or both."""
        self.kernel.shutdown(fd, bool(how & SHUT_RD), bool(how & SHUT_WR))
