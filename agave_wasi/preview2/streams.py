"""wasi:io/streams: bytes in and bytes out, without waiting unless a function's name says so.

A stream stands on a descriptor of the process, which it may share with others. On a file it has an offset of its own; on what
has no offsets (a standard stream, a pipe) it has none. An output stream takes all that `check-write` has permitted, and keeps
what the other end has no room for yet: while it keeps something, it permits nothing.
"""

from __future__ import annotations

from agave_wasi.abi.memory import Trap
from agave_wasi.component.host import Host, blocking, interface, internal, resource
from agave_wasi.component.types import Case, WitError
from agave_wasi.preview2.held import hold
from agave_wasi.preview2.io import Error, Source
from kernel_sim.errors import Errno, KernelError, WouldBlock
from kernel_sim.syscalls.polling import Subscription

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Never

    from kernel_sim.syscalls import Syscalls

READ_MAX = 1 << 20
"""So many bytes come with one read at the most; the length that a guest asks for may be any."""
PERMIT = 1 << 20
"""So many bytes may be written at once."""
BLOCKING_MAX = 4096
"""So many bytes may be given to the functions that write, flush and wait."""
CLOSED = Case("closed")
_size = len  # where WIT calls a parameter so


class SharedFd:
    """A descriptor that several resources use; the last one closes it. The process itself may be a user from the start."""

    __slots__ = ("fd", "users")

    def __init__(self, fd: int, users: int = 0) -> None:
        self.fd = fd
        self.users = users

    def leave(self, kernel: Syscalls) -> None:
        """One of them doesn't need it any more."""
        self.users -= 1
        if not self.users:
            kernel.close(self.fd)


class Stream(Source):
    """What both directions have: the descriptor, an offset where there are offsets, and whether it is over."""

    __slots__ = ("shared", "offset", "closed")

    def __init__(self, kernel: Syscalls, shared: SharedFd, offset: int | None = None) -> None:
        super().__init__(kernel)
        shared.users += 1
        self.shared = shared
        self.offset = offset
        self.closed = False

    def _fail(self, errno: str) -> Never:
        """The last operation failed, and it was the last one."""
        self.closed = True
        raise WitError(failed(self.kernel, errno)) from None

    def drop(self) -> None:
        super().drop()
        self.shared.leave(self.kernel)


@resource("wasi:io/streams@0.2", "input-stream", shared="descriptor", offset="natural?", closed="flag")
class InputStream(Stream):
    """Bytes to be read."""

    __slots__ = ()

    @internal
    def subscription(self) -> Subscription | None:
        if self.closed or self.offset is not None:
            return None
        return Subscription(self.shared.fd)

    def read(self, len: int) -> bytearray:
        """At most `len` bytes, none if none are there yet."""
        try:
            return self.blocking_read(len)
        except WouldBlock:
            return bytearray()

    @blocking
    def blocking_read(self, len: int) -> bytearray:
        """At most `len` bytes, and at least one unless `len` is 0."""
        if self.closed:
            raise WitError(CLOSED)
        data = bytearray(len if len < READ_MAX else READ_MAX)
        offset = self.offset
        try:
            if offset is None:
                count = self.kernel.readv(self.shared.fd, (memoryview(data),))
            else:
                count = self.kernel.preadv(self.shared.fd, (memoryview(data),), offset)
                self.offset = offset + count
        except KernelError as error:
            self._fail(error.errno)
        if not count and len:
            self.closed = True
            raise WitError(CLOSED)
        del data[count:]
        return data

    def skip(self, len: int) -> int:
        """As `read`, but only how many bytes there were."""
        return _size(self.read(len))

    @blocking
    def blocking_skip(self, len: int) -> int:
        """As `blocking-read`, but only how many bytes there were."""
        return _size(self.blocking_read(len))


@resource(
    "wasi:io/streams@0.2", "output-stream", shared="descriptor", offset="natural?", closed="flag", append="flag",
    permit="natural", pending="bytes", done="natural", broken="text",
)  # fmt: skip
class OutputStream(Stream):
    """Where bytes are written. With `append` they go to the end of the file, wherever that is.

    `permit` is what the next write may be; `pending` what was taken and has found no room yet; `done` how much of a call that
    waits has been written; `broken` the error of a write in the meantime, of which nobody heard.
    """

    __slots__ = ("append", "permit", "pending", "done", "broken")

    def __init__(self, kernel: Syscalls, shared: SharedFd, offset: int | None = None, append: bool = False) -> None:
        super().__init__(kernel, shared, offset)
        self.append = append
        self.permit = 0
        self.pending = b""
        self.done = 0
        self.broken = ""

    @internal
    def restored(self) -> None:
        super().restored()
        if not hold(self.kernel.process, len(self.pending)):
            raise ValueError("resources: streams keep more bytes than a process may make its host hold")

    @internal
    def subscription(self) -> Subscription | None:
        if self.pending and not self.closed and not self.broken:
            try:
                self._push()
            except WouldBlock:
                return Subscription(self.shared.fd, True)
            except KernelError as error:
                self.broken = error.errno
        return None

    def _out(self, data: memoryview) -> int:
        """Write; how much was taken. WouldBlock if there is no room."""
        offset = self.offset
        if offset is not None:
            count = self.kernel.pwritev(self.shared.fd, (data,), offset)
            self.offset = offset + count
            return count
        if self.append:
            return self.kernel.appendv(self.shared.fd, (data,))
        return self.kernel.writev(self.shared.fd, (data,))

    def _keep(self, rest: bytes) -> None:
        """Keep that; if the process holds too much already, the stream fails."""
        if not hold(self.kernel.process, len(rest) - len(self.pending)):
            self._fail(Errno.NOBUFS)
        self.pending = rest

    def _push(self) -> None:
        """Write what is kept; WouldBlock if some of it stays."""
        view = memoryview(self.pending)
        at = 0
        try:
            while at < len(view):
                at += self._out(view[at:])
        except KernelError:
            at = len(view)
            raise
        finally:
            self._keep(bytes(view[at:]))

    def _require_open(self) -> None:
        if self.closed:
            raise WitError(CLOSED)
        if self.broken:
            self._fail(self.broken)

    def _take(self, contents: bytes | bytearray | memoryview) -> None:
        """Write what there is room for, and keep the rest; nothing is kept before."""
        rest = memoryview(contents)
        try:
            while rest:
                rest = rest[self._out(rest) :]
        except WouldBlock:
            self._keep(bytes(rest))
        except KernelError as error:
            self._fail(error.errno)

    def _flushed(self) -> None:
        """Nothing is kept any more; WouldBlock if that takes time."""
        self._require_open()
        if self.pending:
            try:
                self._push()
            except KernelError as error:
                self._fail(error.errno)

    def _use_permit(self, wanted: int) -> None:
        self._require_open()
        if wanted > self.permit:
            raise Trap(f"a write of {wanted} bytes, where check-write had permitted {self.permit}")
        self.permit = 0

    def drop(self) -> None:
        super().drop()
        self._keep(b"")

    def check_write(self) -> int:
        """How many bytes the next write may have; 0 if it must wait."""
        self.permit = 0
        try:
            self._flushed()
        except WouldBlock:
            return 0
        self.permit = PERMIT
        return PERMIT

    def write(self, contents: bytes) -> None:
        """Write what `check-write` has permitted; more is a trap."""
        self._use_permit(len(contents))
        self._take(contents)

    def write_zeroes(self, len: int) -> None:
        """As `write`, so many zeros."""
        self._use_permit(len)
        self._take(bytes(len))

    def flush(self) -> None:
        """Begin to write what is kept; `check-write` permits nothing until that is over."""
        try:
            self._flushed()
        except WouldBlock:
            self.permit = 0

    @blocking
    def blocking_flush(self) -> None:
        """Write what is kept, and wait for that."""
        self._flushed()

    @blocking
    def blocking_write_and_flush(self, contents: bytes) -> None:
        """Write at most 4096 bytes, and wait until all are written; more are a trap."""
        if len(contents) > BLOCKING_MAX:
            raise Trap(f"blocking-write-and-flush of {len(contents)} bytes; at most {BLOCKING_MAX} are allowed")
        self._flushed()
        self.permit = 0
        view = memoryview(contents)
        try:
            while self.done < len(view):  # a call that waited goes on where it was
                self.done += self._out(view[self.done :])
        except KernelError as error:
            self.done = 0
            self._fail(error.errno)
        self.done = 0

    @blocking
    def blocking_write_zeroes_and_flush(self, len: int) -> None:
        """As `blocking-write-and-flush`, so many zeros."""
        if len > BLOCKING_MAX:
            raise Trap(f"blocking-write-zeroes-and-flush of {len} bytes; at most {BLOCKING_MAX} are allowed")
        self.blocking_write_and_flush(bytes(len))

    def splice(self, src: InputStream, len: int) -> int:
        """Move at most `len` bytes from `src`; how many there were."""
        contents = src.read(min(len, self.check_write()))
        self.permit = 0
        self._take(contents)
        return _size(contents)

    @blocking
    def blocking_splice(self, src: InputStream, len: int) -> int:
        """As `splice`, once this stream and `src` are ready."""
        self._flushed()
        contents = src.blocking_read(min(len, PERMIT))
        self.permit = 0
        self._take(contents)
        return _size(contents)


@interface("wasi:io/streams@0.2", InputStream, OutputStream)
class Streams(Host):
    """Streams alone."""

    __slots__ = ()

    def failure(self, error: KernelError) -> Case:
        """The `stream-error` of a kernel's error."""
        return failed(self.kernel, error.errno)


def failed(kernel: Syscalls, errno: str) -> Case:
    """The `stream-error` that says what went wrong."""
    return Case("last-operation-failed", Error(kernel, errno))
