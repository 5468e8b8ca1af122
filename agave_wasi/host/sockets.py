"""Stream sockets of the host, for guests that serve: a listener and the connections that it accepts.

Everything is non-blocking: "not yet" is an answer, and waiting is the scheduler's. Nothing here connects to the outside.
"""

from __future__ import annotations

import errno
import socket

from agave_wasi.host.errno import kernel_errors
from agave_wasi.host.readiness import readiness

LARGEST_READ = 1 << 20
"""Bytes that one read asks the host for at most: the buffer is made before it is known how much there is."""
BACKLOG = 128
"""Connections that the host holds until they are accepted (listen(2))."""
_EXAMPLE = "write it like 127.0.0.1:8080 or [::1]:8080, with port 0 for any free one"
_CURES = {
    errno.EADDRINUSE: "another program listens there; choose another port, or 0 for any free one",
    errno.EADDRNOTAVAIL: "no network interface of this machine has that address",
    errno.EACCES: "ports below 1024 need privileges; choose a higher one",
    errno.EAFNOSUPPORT: "this machine has no such network protocol",
}


class HostConnection:
    """A connection device over a connected stream socket, which it owns from now on."""

    __slots__ = ("_socket", "live", "terminal")

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        connected.setblocking(False)
        if connected.family in (socket.AF_INET, socket.AF_INET6):
            # Guests have no way to ask for it, and a small answer must not wait for the peer's acknowledgement.
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.terminal = False
        self.live = True

    def fileno(self) -> int:
        """The host descriptor, to wait for; -1 when closed."""
        return self._socket.fileno()

    def read(self, limit: int) -> bytes | None:
        """At most `limit` bytes; b"" after the peer's last, None if nothing is there yet. CONNRESET."""
        return self._receive(limit, 0)

    def peek(self, limit: int) -> bytes | None:
        """As `read`, but the bytes stay."""
        return self._receive(limit, socket.MSG_PEEK)

    @kernel_errors
    def _receive(self, limit: int, flags: int) -> bytes | None:
        try:
            return self._socket.recv(min(limit, LARGEST_READ), flags)
        except BlockingIOError:
            return None

    @kernel_errors
    def write(self, data: memoryview) -> int | None:
        """Send what the host has room for: the count, None if there is no room. PIPE if the peer has closed, CONNRESET."""
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return None

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        """(ready, bytes available, hung up); hung up for reading: the peer sends no more."""
        fd = self._socket.fileno()
        return readiness(fd, write) if fd >= 0 else (True, 0, True)

    def wake_at(self, count: int) -> None:
        """Let the host call it ready for reading only when so many bytes are there, or no more can come."""
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, count)
        except OSError:  # it is closed, or has no such option: then it wakes its reader early
            return

    @kernel_errors
    def shutdown(self, read: bool, write: bool) -> None:
        """Shut one or both directions: the peer meets the end of the stream. NOTCONN if it is gone already."""
        if read or write:
            self._socket.shutdown(socket.SHUT_RDWR if read and write else socket.SHUT_RD if read else socket.SHUT_WR)

    @kernel_errors
    def close(self) -> None:
        """Close the socket; what was sent still arrives."""
        self._socket.close()

    def __del__(self) -> None:
        """Nothing refers to it any more, and nobody has closed it: before the socket warns of that itself."""
        if hasattr(self, "_socket"):  # a signal may have come while it was made
            self.close()


class HostListener:
    """A listener device at "ADDR:PORT" or "[ADDR6]:PORT"; port 0 takes any free port (`address` tells which).

    Raises ValueError for text that isn't such an address, OSError (with the host's errno) if the host refuses it; both
    say what to do.
    """

    __slots__ = ("_socket", "address", "live")

    address: str
    """Where it really listens, in the form of the argument."""

    def __init__(self, address: str) -> None:
        family, host, port = parse_address(address)
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setblocking(False)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # the default differs between hosts
            listening.bind((host, port))
            listening.listen(BACKLOG)
            port = listening.getsockname()[1]
        except OSError as error:
            listening.close()
            cure = _CURES.get(error.errno or 0, error.strerror)
            raise OSError(error.errno, f"can't listen at {address}: {cure}") from None
        self.live = True
        self.address = f"[{host}]:{port}" if family == socket.AF_INET6 else f"{host}:{port}"
        self._socket = listening

    def fileno(self) -> int:
        """The host descriptor, to wait for; -1 when closed."""
        return self._socket.fileno()

    @kernel_errors
    def accept(self) -> HostConnection | None:
        """The next connection, or None if there is none yet."""
        try:
            connected, _ = self._socket.accept()
        except (BlockingIOError, ConnectionAbortedError):  # aborted: it was gone before we looked
            return None
        try:
            return HostConnection(connected)
        except BaseException:
            connected.close()
            raise

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        """(is a connection waiting, 0, closed)."""
        fd = self._socket.fileno()
        if fd < 0:
            return True, 0, True
        return readiness(fd, False)[0], 0, False

    @kernel_errors
    def close(self) -> None:
        """Stop listening; connections stay."""
        self._socket.close()

    def __del__(self) -> None:
        """As that of a connection."""
        if hasattr(self, "_socket"):
            self.close()


def parse_address(text: str) -> tuple[socket.AddressFamily, str, int]:
    """(family, address, port) of "127.0.0.1:80", "[::1]:80" or "localhost:80"; no names are looked up. ValueError."""
    host, colon, digits = text.rpartition(":")
    if not colon:
        raise ValueError(f"no port in {text!r}: {_EXAMPLE}")
    if not (digits.isascii() and digits.isdigit() and int(digits) <= 65535):
        raise ValueError(f"{digits!r} in {text!r} is no port (0 to 65535): {_EXAMPLE}")
    if not host:
        raise ValueError(f"no address in {text!r}: 127.0.0.1{text} serves this machine only, 0.0.0.0{text} everybody")
    if host == "localhost":
        host = "127.0.0.1"
    family = socket.AF_INET
    bare = host
    if host.startswith("[") and host.endswith("]"):
        family = socket.AF_INET6
        bare = host[1:-1]
    elif ":" in host:
        raise ValueError(f"{text!r} looks like IPv6 without brackets: {_EXAMPLE}")
    try:
        socket.inet_pton(family, bare)
    except (OSError, ValueError):  # ValueError: characters that no address has
        raise ValueError(f"{host!r} in {text!r} is no IP address, and names aren't looked up: {_EXAMPLE}") from None
    return family, bare, int(digits)
