"""Syscalls on sockets: accepting, receiving, sending, shutting down."""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError, WouldBlock
from kernel_sim.net.stream import Listener, Socket, StreamSocket
from kernel_sim.openfile import OpenFile, Rights, Status
from kernel_sim.syscalls.table import Calls, syscall
from kernel_sim.wait import Wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

SOCKET_RIGHTS = (
    Rights.FD_READ | Rights.FD_WRITE | Rights.POLL_FD_READWRITE | Rights.FD_FDSTAT_SET_FLAGS
    | Rights.FD_FILESTAT_GET | Rights.SOCK_SHUTDOWN
)  # fmt: skip

LISTENER_RIGHTS = SOCKET_RIGHTS | Rights.SOCK_ACCEPT


class ReceiveFlags:
    """How `recv` reads."""

    PEEK = 1
    WAITALL = 2


class SocketCalls(Calls):
    """The syscalls that only sockets answer."""

    __slots__ = ()

    def _connection(self, fd: int) -> tuple[OpenFile, StreamSocket]:
        file = self.fds[fd]
        inode = file.inode
        if not isinstance(inode, Socket):
            raise KernelError(Errno.NOTSOCK)
        if not isinstance(inode, StreamSocket):
            raise KernelError(Errno.NOTCONN)
        return file, inode

    @syscall(80, Rights.SOCK_ACCEPT)
    def accept(self, fd: int, status: int) -> int:
        """The next connection of a listening socket, as a new descriptor with those status flags.

        Errors:
            BADF     `fd` is not open
            NOTSOCK  `fd` is not a socket
            INVAL    `fd` is not listening
            AGAIN    nobody has connected yet, and the socket is non-blocking
            MFILE    too many descriptors
            CONNABORTED  the connection broke before it was accepted
            IO       the host failed
        """
        file = self.fds[fd]
        inode = file.inode
        if not isinstance(inode, Socket):
            raise KernelError(Errno.NOTSOCK)
        if not isinstance(inode, Listener):
            raise KernelError(Errno.INVAL)
        if len(self.fds) >= self.fds.limit:
            raise KernelError(Errno.MFILE)
        connection = inode.accept()
        if connection is None:
            if file.status & Status.NONBLOCK:
                raise KernelError(Errno.AGAIN)
            raise WouldBlock(Wait(readable=(fd,)))
        return self.fds.add(OpenFile(connection, True, True, status, SOCKET_RIGHTS, SOCKET_RIGHTS))

    @syscall(81, Rights.FD_READ)
    def recv(self, fd: int, buffers: Sequence[memoryview], flags: int) -> tuple[int, bool]:
        """Receive into `buffers`: the count (0 when the peer has finished), and whether a message was cut short.

        A stream has no messages, so nothing is ever cut. WAITALL waits until the buffers can be filled, the peer has
        finished, or no more would fit into the socket's own buffer.

        Errors:
            BADF     `fd` is not open
            NOTSOCK  `fd` is not a socket
            NOTCONN  `fd` is listening
            AGAIN    nothing has arrived yet, and the socket is non-blocking
            CONNRESET  the peer broke the connection off
            IO       the host failed
        """
        file, socket = self._connection(fd)
        wanted = sum(map(len, buffers))
        nonblocking = file.status & Status.NONBLOCK
        if flags & ReceiveFlags.WAITALL and not nonblocking:
            _, available, hangup = socket.readiness(False)
            least = min(wanted, WAITALL_LIMIT)
            if available < least and not hangup:
                raise WouldBlock(Wait(readable=(fd,), least=least))
        count = socket.peek(buffers) if flags & ReceiveFlags.PEEK else socket.read_at(0, buffers)
        if count is None:
            if nonblocking:
                raise KernelError(Errno.AGAIN)
            raise WouldBlock(Wait(readable=(fd,)))
        return count, False

    @syscall(82, Rights.FD_WRITE)
    def send(self, fd: int, buffers: Sequence[memoryview]) -> int:
        """Send `buffers`; the bytes that were taken.

        Errors:
            BADF     `fd` is not open
            NOTSOCK  `fd` is not a socket
            NOTCONN  `fd` is listening
            AGAIN    no room yet, and the socket is non-blocking
            PIPE     this end or the peer has finished
            CONNRESET  the peer broke the connection off
            IO       the host failed
        """
        file, socket = self._connection(fd)
        count = socket.write_at(0, buffers)
        if count is None:
            if file.status & Status.NONBLOCK:
                raise KernelError(Errno.AGAIN)
            raise WouldBlock(Wait(writable=(fd,)))
        return count

    @syscall(83, Rights.SOCK_SHUTDOWN)
    def shutdown(self, fd: int, read: bool, write: bool) -> None:
        """Finish one direction of a connection, or both.

        Errors:
            BADF     `fd` is not open
            NOTSOCK  `fd` is not a socket
            NOTCONN  `fd` is listening, or the peer is gone
            INVAL    neither direction was named
            IO       the host failed
        """
        _, socket = self._connection(fd)
        if not read and not write:
            raise KernelError(Errno.INVAL)
        socket.shutdown(read, write)


WAITALL_LIMIT = 1 << 16
"""More than this can't be asked to arrive at once: it is all that a socket buffers."""
