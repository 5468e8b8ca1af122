"""Bodies: each a pipe, of which the guest has one end. What is not there yet, like trailers, is told by a future."""

from __future__ import annotations

from agave_wasi.component.host import Host, resource, static
from agave_wasi.component.types import Err, Ok, WitError
from agave_wasi.preview2.io import Source
from agave_wasi.preview2.streams import InputStream, OutputStream, SharedFd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.preview2.http.fields import Fields
    from kernel_sim.syscalls import Syscalls


@resource("wasi:http/types@0.2", "outgoing-body", source="descriptor", sink="descriptor?")
class OutgoingBody(Host):
    """A body that the guest writes. `source` is where somebody could read it; `sink` the other end, until it is taken."""

    __slots__ = ("source", "sink")

    def __init__(self, kernel: Syscalls) -> None:
        super().__init__(kernel)
        source, sink = kernel.pipe()
        self.source = SharedFd(source, 1)
        self.sink: SharedFd | None = SharedFd(sink, 1)

    def write(self) -> OutputStream:
        """A stream that writes it; once only."""
        if self.sink is None:
            raise WitError
        sink, self.sink = self.sink, None
        stream = OutputStream(self.kernel, sink)
        sink.leave(self.kernel)
        return stream

    @static
    @staticmethod
    def finish(types: Host, this: OutgoingBody, trailers: Fields | None) -> None:
        """It is complete."""
        this.drop()
        if trailers is not None:
            trailers.drop()

    def drop(self) -> None:
        """It is over; a stream that writes it finds nobody who reads."""
        for end in (self.source, self.sink):
            if end is not None and end.users:
                end.leave(self.kernel)
        self.sink = None


@resource("wasi:http/types@0.2", "incoming-body", source="descriptor?")
class IncomingBody(Host):
    """A body that the guest reads; `source` is what it has not asked for yet."""

    __slots__ = ("source",)

    def __init__(self, kernel: Syscalls, source: SharedFd) -> None:
        super().__init__(kernel)
        source.users += 1
        self.source: SharedFd | None = source

    def stream(self) -> InputStream:
        """A stream that reads it; once only."""
        if self.source is None:
            raise WitError
        stream = InputStream(self.kernel, self.source)
        self.drop()
        return stream

    @static
    @staticmethod
    def finish(types: Host, this: IncomingBody) -> FutureTrailers:
        """What comes behind it."""
        this.drop()
        return FutureTrailers(types.kernel, Ok())

    def drop(self) -> None:
        """Nobody wants it any more."""
        source, self.source = self.source, None
        if source is not None:
            source.leave(self.kernel)


class Future(Source):
    """Something that is there: it can be had once."""

    __slots__ = ("value",)

    def __init__(self, kernel: Syscalls, value: Ok | Err | None) -> None:
        super().__init__(kernel)
        self.value = value

    def get(self) -> Ok | Err:
        """What it is; an error when somebody has got it already."""
        value, self.value = self.value, None
        return Err() if value is None else Ok(value)


@resource("wasi:http/types@0.2", "future-trailers", value="outcome")
class FutureTrailers(Future):
    """Trailers, if there are any, or what went wrong with the body."""

    __slots__ = ()


@resource("wasi:http/types@0.2", "future-incoming-response", value="outcome")
class FutureIncomingResponse(Future):
    """A response, or what went wrong with the request."""

    __slots__ = ()
