"""wasi:io/error and wasi:io/poll: what went wrong with a stream, and waiting for several things at once.

A pollable is about a deadline, or about a source, whose `subscription` answers what the kernel is to wait for, or None if the
source is ready now. It is a child of its source, which can't be dropped before it.
"""

from __future__ import annotations

from agave_wasi.abi.memory import Trap
from agave_wasi.component.host import Host, blocking, interface, internal, resource
from kernel_sim.clock import ClockId
from kernel_sim.errors import KernelError, WouldBlock
from kernel_sim.syscalls.polling import Subscription

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.syscalls import Syscalls


@resource("wasi:io/error@0.2", "error", errno="text", detail="nothing")
class Error(Host):
    """What went wrong: `errno` is the kernel's name for it, `detail` a value of the interface that knows more."""

    __slots__ = ("errno", "detail")

    def __init__(self, kernel: Syscalls, errno: str, detail: object = None) -> None:
        super().__init__(kernel)
        self.errno = errno
        self.detail = detail

    def to_debug_string(self) -> str:
        """The error for a person; not for programs to look into."""
        return self.errno


@interface("wasi:io/error@0.2", Error)
class Errors(Host):
    """Errors alone."""

    __slots__ = ()


class Source(Host):
    """What pollables can be about; `children` is how many there are."""

    __slots__ = ("children",)

    def __init__(self, kernel: Syscalls) -> None:
        super().__init__(kernel)
        self.children = 0

    @internal
    def restored(self) -> None:
        self.children = 0

    @internal
    def subscription(self) -> Subscription | None:
        """What to wait for; None: it is ready."""
        return None

    def subscribe(self) -> Pollable:
        """A pollable that is ready when there is something to be done here."""
        return Pollable(self.kernel, self)

    def drop(self) -> None:
        """The owner has no use for it any more; a trap while pollables are about it."""
        if self.children:
            raise Trap(f"a resource ({type(self).__name__}) was dropped before {self.children} pollables that are its children")


@resource("wasi:io/poll@0.2", "pollable", source="source?", deadline="moment")
class Pollable(Host):
    """Something to wait for: `source` is what it is about, else it is the clock, which it waits for until `deadline`."""

    __slots__ = ("source", "deadline")

    def __init__(self, kernel: Syscalls, source: Source | None, deadline: int = 0) -> None:
        super().__init__(kernel)
        self.source = source
        self.deadline = deadline
        self.restored()

    @internal
    def restored(self) -> None:
        if self.source is not None:
            self.source.children += 1

    @internal
    def subscription(self) -> Subscription | None:
        """What to wait for; None: it is ready."""
        if self.source is not None:
            return self.source.subscription()
        return Subscription(None, False, ClockId.MONOTONIC, self.deadline, True)

    def ready(self) -> bool:
        """Is it ready? Never waits."""
        wanted = self.subscription()
        return wanted is None or is_true(self.kernel, wanted)

    @blocking
    def block(self) -> None:
        """Wait until it is ready."""
        wanted = self.subscription()
        if wanted is not None:
            try:
                self.kernel.poll([wanted])
            except KernelError:  # the source is broken, of which the next operation on it will tell
                return

    def drop(self) -> None:
        """Nobody waits for it any more."""
        if self.source is not None:
            self.source.children -= 1
            self.source = None


@interface("wasi:io/poll@0.2", Pollable)
class Poll(Host):
    """Waiting for the first of several things."""

    __slots__ = ()

    @blocking
    def poll(self, in_: list[Pollable]) -> list[int]:
        """Wait until one of the pollables is ready; the places of all that are, ascending. An empty list is a trap."""
        if not in_:
            raise Trap("poll was called with an empty list")
        ready: list[int] = []
        places: list[int] = []
        wanted: list[Subscription] = []
        for place, each in enumerate(in_):
            subscription = each.subscription()
            if subscription is None:
                ready.append(place)
            else:
                places.append(place)
                wanted.append(subscription)
        if wanted:
            try:
                ready += [places[each.index] for each in self.kernel.poll(wanted)]
            except WouldBlock:
                if not ready:
                    raise
            except KernelError:
                ready += [place for place, each in zip(places, wanted) if is_true(self.kernel, each)]
        ready.sort()
        return ready


def is_true(kernel: Syscalls, wanted: Subscription) -> bool:
    """Has it come true? What is broken counts: the next operation tells how."""
    try:
        kernel.poll([wanted])
    except WouldBlock:
        return False
    except KernelError:
        return True
    return True
