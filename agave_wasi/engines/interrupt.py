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
from _thread import start_new_thread

from agave_wasi.engines.base import Interrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agave_wasi.engines.wasmtime_store import Store


class State:
    """Of the process, as signals are: `exposed` says whether Ctrl-C may raise KeyboardInterrupt right here."""

    __slots__ = ("exposed", "watcher")

    def __init__(self) -> None:
        self.exposed = True
        self.watcher: Watcher | None = None


state = State()


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
        if not self.deadlines:
            return True
        from select import select
        from time import monotonic

        key, (deadline, store) = min(self.deadlines.items(), key=lambda item: item[1][0])
        if select([self.reading], [], [], max(0.0, deadline - monotonic()))[0]:
            return True
        if self.deadlines.pop(key, None) is not None:
            store.request_stop(Interrupted("timeout"))
        return False


def _watcher() -> Watcher:
    watcher = state.watcher
    if watcher is None or watcher.pid != os.getpid():  # a forked process has no threads but its first
        watcher = state.watcher = Watcher()
    return watcher


class Watch:
    """Watches over a run of `store`: with Watch(store, timeout): run it. `timeout` in seconds, None for none."""

    __slots__ = ("store", "timeout", "_watcher", "_old_wakeup", "_old_handler")

    def __init__(self, store: Store, timeout: float | None = None) -> None:
        self.store = store
        self.timeout = timeout
        self._old_wakeup: int | None = None
        self._old_handler: Any = None

    def __enter__(self) -> Watch:
        watcher = self._watcher = _watcher()
        watcher.running.append(self.store)
        if self.timeout is not None:
            from time import monotonic

            watcher.deadlines[id(self)] = monotonic() + self.timeout, self.store
            watcher.wake()
        try:
            self._old_wakeup = set_wakeup_fd(watcher.writing, warn_on_full_buffer=False)
        except ValueError:  # not the main thread: signals aren't ours
            return self
        handler = getsignal(SIGINT)
        if callable(handler):
            self._old_handler = handler
            signal(SIGINT, self._on_sigint)
        return self

    def __exit__(self, *_: object) -> None:
        if self._old_handler is not None:
            signal(SIGINT, self._old_handler)
        if self._old_wakeup is not None:
            set_wakeup_fd(self._old_wakeup)
        self._watcher.deadlines.pop(id(self), None)
        self._watcher.running.remove(self.store)
        self.store.stop_request = None

    def _on_sigint(self, number: int, frame: Any) -> None:
        if state.exposed:
            self._old_handler(number, frame)
            return
        try:
            self._old_handler(number, frame)
        except BaseException as error:
            self.store.request_stop(error)
