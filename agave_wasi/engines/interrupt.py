"""Ctrl-C and timeouts: how a guest that runs machine code is made to stop.

Python runs signal handlers only between bytecodes of the main thread, and a guest in an endless loop never gets there. So
one thread of the process sleeps on a pipe that the signal itself writes to (`set_wakeup_fd`), and then makes the engines
tick: each running guest looks whether it is to stop. The same thread watches over timeouts. While a guest runs, Ctrl-C
only leaves a stop request, because an exception raised at the first instruction of a callback would be lost; it is raised
directly where `state.exposed` says that Python may be interrupted: outside guests, and around host operations that block.
"""

from __future__ import annotations

import os
from _signal import SIGINT, getsignal, set_wakeup_fd, signal
from _thread import _local, start_new_thread
from itertools import count

from agave_wasi.engines.base import TIMEOUT, Interrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agave_wasi.engines.wasmtime_store import Store


class State(_local):
    """Of one thread. `exposed`: may Ctrl-C raise KeyboardInterrupt right here? `deadline`: when its run must be over.

    Only the main thread is ever asked the first. The deadline is on the clock of time.monotonic, None if there is none.
    """

    exposed = True
    deadline: float | None = None


state = State()


def require_frames(count: int = 24) -> None:
    """RecursionError unless Python has so many frames left: for a callback that can't begin would not be heard."""
    if count:
        require_frames(count - 1)


class Watcher:
    """The thread that makes guests look up, with the pipe that wakes it. One a process, made when it is first needed."""

    __slots__ = ("pid", "reading", "writing", "running", "deadlines")

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.writing, False)
        self.running: list[Store] = []
        self.deadlines: dict[int, tuple[float, Store]] = {}
        start_new_thread(self._watch, ())

    def wake(self) -> None:
        """Have the thread look at the deadlines anew."""
        try:
            os.write(self.writing, b"\0")
        except BlockingIOError:  # it has been woken often enough
            pass

    def _watch(self) -> None:
        while True:
            if self._wait():
                os.read(self.reading, 4096)
                for store in list(self.running):
                    store.engine.tick()

    def _wait(self) -> bool:
        """Wait to be woken (True), or for the first deadline, whose guest is then stopped."""
        deadlines = list(self.deadlines.items())  # a copy made at one go: other threads come and leave
        if not deadlines:
            return True
        from time import monotonic

        key, (deadline, store) = min(deadlines, key=_when)
        if _readable(self.reading, deadline - monotonic()):
            return True
        if self.deadlines.pop(key, None) is not None:
            store.request_stop(Interrupted(TIMEOUT))
        return False


def _when(item: tuple[int, tuple[float, Store]]) -> float:
    return item[1][0]


def _readable(fd: int, seconds: float) -> bool:
    """Wait until `fd` can be read; False after so many seconds, or earlier if they are more than an hour."""
    import select

    poller = select.poll()  # select() itself can't express descriptors from 1024 on
    poller.register(fd, select.POLLIN)
    return bool(poller.poll(max(0, min(seconds, 3600.0)) * 1000))


_watchers: list[Watcher] = []
_numbers = count()
"""Watches are told apart by numbers: an id() may be used again, and the watcher may still have the old one in mind."""


def _watcher() -> Watcher:
    """The watcher of this process, made when it is first needed; a forked process has no threads but its first."""
    if not _watchers or _watchers[-1].pid != os.getpid():
        _watchers[:] = [Watcher()]
    return _watchers[-1]


class Watch:
    """Watches over a run of `store`: with Watch(store, timeout): run it. `timeout` in seconds, None for none.

    Afterwards a Ctrl-C that the guest didn't live to see is raised.
    """

    __slots__ = ("store", "timeout", "_number", "_watcher", "_old_wakeup", "_old_handler", "_old_deadline")

    def __init__(self, store: Store, timeout: float | None = None) -> None:
        self.store = store
        self.timeout = timeout
        self._number = next(_numbers)
        self._old_wakeup: int | None = None
        self._old_handler: Any = None
        self._old_deadline: float | None = None

    def __enter__(self) -> Watch:
        watcher = self._watcher = _watcher()
        watcher.running.append(self.store)
        outer = self._old_deadline = state.deadline
        if self.timeout is not None:
            from time import monotonic

            deadline = monotonic() + self.timeout
            watcher.deadlines[self._number] = deadline, self.store
            watcher.wake()
            state.deadline = deadline if outer is None else min(deadline, outer)
        try:
            self._old_wakeup = set_wakeup_fd(watcher.writing, warn_on_full_buffer=False)
        except ValueError:  # not the main thread: signals aren't ours
            return self
        handler = getsignal(SIGINT)
        if callable(handler):
            self._old_handler = handler
            signal(SIGINT, self._on_sigint)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        state.deadline = self._old_deadline
        if self._old_handler is not None:
            signal(SIGINT, self._old_handler)
        if self._old_wakeup is not None:
            set_wakeup_fd(self._old_wakeup)
        self._watcher.deadlines.pop(self._number, None)
        self._watcher.running.remove(self.store)
        request, self.store.stop_request = self.store.stop_request, None
        if kind is None and request is not None and not isinstance(request, Interrupted):
            try:
                raise request
            finally:
                del request

    def _on_sigint(self, number: int, frame: Any) -> None:
        if state.exposed:
            self._old_handler(number, frame)
            return
        try:
            self._old_handler(number, frame)
        except BaseException as error:
            self.store.request_stop(error)
