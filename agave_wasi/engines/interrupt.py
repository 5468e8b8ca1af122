"""Signals and timeouts: how a guest that runs machine code is made to stop.

Python runs signal handlers only between bytecodes of the main thread, and a guest in an endless loop never gets there. So
one thread of the process sleeps on a pipe that the signal itself writes to (`set_wakeup_fd`), and then makes the engines
tick: each running guest looks whether it is to stop. The same thread watches over timeouts. While a guest runs, what a
handler raises (Ctrl-C, an embedder's alarm) becomes a stop request, because an exception raised at the first instruction of
a callback would be lost; it is raised directly where `state.exposed` says that Python may be interrupted: outside runs,
in the embedder's functions, and around host operations that block.
"""

from __future__ import annotations

import os
from _signal import getsignal, set_wakeup_fd, signal, valid_signals
from _thread import _local, start_new_thread
from itertools import count

from agave_wasi.engines.base import TIMEOUT, Interrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ParamSpec, Protocol, TypeVar

    class Ticking(Protocol):
        """An engine: a tick has its guests look whether they are to stop."""

        def tick(self) -> None: ...

    class Store(Protocol):
        """What runs a guest, and can be made to stop: `agave_wasi.engines.wasmtime_store`, `agave_wasi.metal`."""

        stop_request: BaseException | None

        @property
        def engine(self) -> Ticking: ...

        def request_stop(self, error: BaseException) -> None: ...

    P = ParamSpec("P")
    T = TypeVar("T")


class State(_local):
    """Of one thread. `exposed`: may a signal's handler raise right here? `deadline`: when its run must be over.

    Only the main thread is ever asked the first. The deadline is on the clock of time.monotonic, None if there is none.
    `store` is that of the innermost run.
    """

    exposed = True
    deadline: float | None = None
    store: Store | None = None


state = State()


def look_up() -> None:
    """In the middle of a long host call, and before a wait: raise what the run has been asked to stop with."""
    store = state.store
    if store is not None and store.stop_request is not None:
        request, store.stop_request = store.stop_request, None
        raise request


def exposed(function: Callable[P, T]) -> Callable[P, T]:
    """A function that may take long, because it waits for the host or is the embedder's: what handlers raise ends it."""

    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        before = state.exposed
        try:
            state.exposed = True
            look_up()  # after this moment nothing is only left as a request
            return function(*args, **kwargs)
        finally:
            state.exposed = before

    return call


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


NOT_MAIN = -2
"""In place of a descriptor (-1: none), in a watch of another thread than the main one."""
_SIGNALS = sorted(valid_signals())
_handlers: dict[int, Any] = {}
"""What handled a signal before `_on_signal` took its place."""


def _on_signal(number: int, frame: Any) -> None:
    """Do what the signal's own handler does, and keep what it raises for the guest to stop with."""
    watch, handler = _watches[-1] if _watches else None, _handlers[number]
    if watch is None:  # somebody put this back after the last run
        handler(number, frame)
        return
    forward(number)
    if state.exposed:
        handler(number, frame)
        return
    try:
        handler(number, frame)
    except BaseException as error:
        watch.store.request_stop(error)


def forward(number: int) -> None:
    """Tell whoever else listens for signals on a descriptor, as event loops do, of one that was written to ours."""
    own = _watcher().writing
    listener = next((each.old_wakeup for each in reversed(_watches) if each.old_wakeup != own), -1)
    if listener >= 0:
        try:
            os.write(listener, bytes([number]))
        except OSError:  # full, or gone: the interpreter too drops a byte that can't be written
            pass


_watches: list[Watch] = []
"""The watches of the main thread, innermost last."""


class Watch:
    """Watches over a run of `store`: with Watch(store, timeout): run it. `timeout` in seconds, None for none.

    Afterwards is raised what a signal's handler raised and the guest didn't live to see. Handlers that a host function
    installs during the run are its own affair.
    """

    __slots__ = ("store", "timeout", "old_wakeup", "_number", "_watcher", "_taken", "_outer")

    def __init__(self, store: Store, timeout: float | None = None) -> None:
        self.store = store
        self.timeout = timeout
        self.old_wakeup = NOT_MAIN
        self._number = next(_numbers)
        self._taken: list[int] = []
        self._outer: tuple[bool, float | None, Store | None] = True, None, None

    def __enter__(self) -> Watch:
        watcher = self._watcher = _watcher()
        self._outer = state.exposed, state.deadline, state.store
        watcher.running.append(self.store)
        try:
            self._take_signals()
            state.exposed, state.store = False, self.store
            self._set_deadline()
        except BaseException:  # a signal came before its handler was ours
            self._leave()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()
        request, self.store.stop_request = self.store.stop_request, None
        if request is not None and not isinstance(request, Interrupted):
            try:
                raise request
            finally:
                del request

    def _take_signals(self) -> None:
        try:
            self.old_wakeup = set_wakeup_fd(self._watcher.writing, warn_on_full_buffer=False)
        except ValueError:  # not the main thread: signals aren't ours
            return
        _watches.append(self)
        for number, handler in zip(_SIGNALS, map(getsignal, _SIGNALS)):
            if callable(handler) and handler is not _on_signal:
                _handlers[number] = handler
                self._taken.append(number)
                signal(number, _on_signal)

    def _set_deadline(self) -> None:
        """The end of this run, or of the one around it if that is earlier."""
        if self.timeout is not None:
            from time import monotonic

            deadline = monotonic() + self.timeout
            state.deadline = deadline if state.deadline is None else min(deadline, state.deadline)
        if state.deadline is not None:
            self._watcher.deadlines[self._number] = state.deadline, self.store
            self._watcher.wake()

    def _leave(self) -> None:
        """Everything is as it was before, whatever signals say meanwhile."""
        self._watcher.deadlines.pop(self._number, None)
        self._watcher.running.remove(self.store)
        try:
            self._give_back()
        finally:
            self._give_back()  # what was left when a handler that is back in its place raised
            state.exposed, state.deadline, state.store = self._outer

    def _give_back(self) -> None:
        if self.old_wakeup != NOT_MAIN:
            set_wakeup_fd(self.old_wakeup)
            self.old_wakeup = NOT_MAIN
        while self._taken:
            if getsignal(self._taken[-1]) is _on_signal:
                signal(self._taken[-1], _handlers[self._taken[-1]])
            self._taken.pop()
        if self in _watches:
            _watches.remove(self)
