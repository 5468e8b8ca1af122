"""Ctrl-C and timeouts: how a guest that runs machine code is made to stop.

Python runs signal handlers only between bytecodes of the main thread, and a guest in an endless loop never gets there. So a
thread that sleeps on a pipe is woken by the signal itself (`set_wakeup_fd`) or by the timeout, and makes the engine tick:
the guest then looks for a stop request. While a guest runs, Ctrl-C only leaves such a request, because an exception raised
at the first instruction of a callback would be lost; it is raised directly where `state.exposed` says that Python may be
interrupted: outside guests, and around host operations that block.
"""

from __future__ import annotations

import os
from _signal import SIG_IGN, SIGINT, default_int_handler, getsignal, set_wakeup_fd, signal
from _thread import allocate_lock, start_new_thread

from agave_wasi.engines.base import Interrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agave_wasi.engines.wasmtime_engine import Store


class State:
    """Of the process, as signals are: `exposed` says whether Ctrl-C may raise KeyboardInterrupt right here."""

    __slots__ = ("exposed",)

    def __init__(self) -> None:
        self.exposed = True


state = State()


class Watch:
    """Watches over a run of `store`: with Watch(store, timeout): run it. `timeout` in seconds, None for none."""

    def __init__(self, store: Store, timeout: float | None = None) -> None:
        self.store = store
        self.timeout = timeout

    def __enter__(self) -> Watch:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        self._old_wakeup: int | None = None
        self._old_handler: Any = None
        try:
            self._old_wakeup = set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        except ValueError:  # not the main thread: signals aren't ours
            pass
        else:
            handler = getsignal(SIGINT)
            if callable(handler) and handler is not SIG_IGN:
                self._old_handler = handler
                signal(SIGINT, self._on_sigint)
        self._ended = allocate_lock()
        self._ended.acquire()
        start_new_thread(self._watch, ())
        return self

    def __exit__(self, *_: object) -> None:
        if self._old_handler is not None:
            signal(SIGINT, self._old_handler)
        if self._old_wakeup is not None:
            set_wakeup_fd(self._old_wakeup)
        os.write(self._writing, b"\0")  # ends the thread; signals are never number 0
        self._ended.acquire()
        os.close(self._reading)
        os.close(self._writing)

    def _on_sigint(self, number: int, frame: Any) -> None:
        if state.exposed:
            self._old_handler(number, frame)
            return
        try:
            self._old_handler(number, frame)
        except BaseException as error:
            self.store.request_stop(error)

    def _watch(self) -> None:
        try:
            timeout = self.timeout
            if timeout is not None:
                self._wait_for_deadline(timeout)
            while os.read(self._reading, 1) != b"\0":
                self.store.engine.tick()
        finally:
            self._ended.release()

    def _wait_for_deadline(self, timeout: float) -> None:
        """Tick for signals until the end of the run or the deadline."""
        from select import select
        from time import monotonic

        deadline = monotonic() + timeout
        while True:
            left = deadline - monotonic()
            if left <= 0:
                self.store.request_stop(Interrupted("timeout"))
                return
            if select([self._reading], [], [], left)[0]:
                byte = os.read(self._reading, 1)
                if byte == b"\0":
                    os.write(self._writing, b"\0")
                    return
                self.store.engine.tick()


__all__ = ["State", "Watch", "default_int_handler", "state"]
