"""A guest's store, whichever engine it is one of: what the guest may use, how it waits, and how it is stopped.

Exceptions of ours never cross wasm: a host function leaves one as `pending` and answers a trap, and whoever runs the guest
raises it again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from agave_wasi.engines import interrupt
from agave_wasi.engines.base import EngineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from agave_wasi.engines.base import Call, Callback, CoreEngine, Engine, Instance, StoreLimits, Switch
    from agave_wasi.hostcall import HostCalls
    from kernel_sim.wait import Wait

ELEMENT_SIZE = 16
"""Bytes that an element of a table takes at the most."""
MAX_FUNCTIONS = 100_000
"""Host functions of one guest, each of which takes some KiB: a component may ask for the same ones in every instance."""


class GuestStore(ABC):
    """What all stores have: an engine adds what its instances are made of.

    `depth` counts calls that lie one inside the other, in `thread`. `wait` is what the guest waits for; `inline_wait` is called
    to wait on the spot where the guest can't be suspended: in a call that a host function made. `ended` is what ended such a
    call: until the guest's frames are gone, for it ends the outer ones as well, whatever the host function catches. `spare` is
    the trap that a host function answers. `collects`: some of its code makes what is collected later, as exceptions are.
    `memory_room` is how many bytes a memory may have,
    `table_room` how many elements a table.
    """

    __slots__ = (
        "engine", "limits", "depth", "thread", "pending", "spare", "wait", "inline_wait", "stop_request", "ended", "collects",
        "memory_room", "table_room", "_functions", "_reserved", "__weakref__",
    )  # fmt: skip

    def __init__(self, engine: Engine, limits: StoreLimits) -> None:
        self.depth = self.thread = 0
        self.spare = 0
        self.engine = engine
        self.limits = limits
        self.pending: BaseException | None = None
        self.wait: Wait | None = None
        self.inline_wait: Callable[[Wait], None] | None = None
        self.stop_request: BaseException | None = None
        self.ended: BaseException | None = None
        self.collects = False
        self.memory_room = 1 << 32
        self.table_room = 1 << 32
        self._functions = 0
        self._reserved = 0, 0

    # What each engine does in its own way

    @abstractmethod
    def require_open(self) -> None:
        """EngineError once the store is closed: what belonged to it is gone."""

    @abstractmethod
    def close(self) -> None:
        """Free the guest; nothing of it may be used any more. EngineError while it runs."""

    @abstractmethod
    def request_stop(self, error: BaseException) -> None:
        """Make the guest stop with `error`, wherever it is. From any thread, and from signal handlers."""

    @abstractmethod
    def fuel_left(self) -> int:
        """Fuel that is left; EngineError where the engine doesn't count it."""

    @abstractmethod
    def instantiate(
        self,
        module: Any,
        imports: Mapping[tuple[str, str], Any],
        host: HostCalls | None = None,
        compile: Callable[[bytes], Any] | None = None,
        direct: bool = False,
        switch: Switch | None = None,
    ) -> Instance:
        """An instance of the engine's own kind of module, with its start function run.

        `imports` are host functions and exports of other instances. `host` is bound to the instance. With `direct`, host
        functions that wait do so on the spot: for a module with a start function, whose instance can't be suspended yet, and
        where fuel is counted. `switch` may make hot functions faster; `compile` compiles what an engine needs for that.
        """

    @abstractmethod
    def core(
        self, compile_module: Callable[[bytes | memoryview, int | None], Any], run: Callable[[Call], None], resume: Callback
    ) -> CoreEngine:
        """The engine of a component in this store.

        `compile_module` compiles, or finds what is compiled. `run` runs a call to its end, and the world with it; calls that
        host functions make run on the guest's own stack. `resume` starts a parked call again.
        """

    def retired(self) -> int:
        """How many instructions the guest has executed; 0 where that isn't counted."""
        return 0

    # What a guest may use

    def reserve(self, memories: int, tables: int) -> None:
        """So many more memories and tables are about to be there, and share with those that are."""
        self._reserved = self._reserved[0] + memories, self._reserved[1] + tables
        self.share_memory(*self._reserved)

    def share_memory(self, memories: int, tables: int) -> None:
        """Let so many memories grow together as far as the limit allows, each by its share; and so many tables likewise.

        An engine's own limit is for each of them alone, and a module may bring a hundred.
        """
        if self.limits.memory is not None:
            self.table_room = self.limits.memory // (ELEMENT_SIZE * max(tables, 1))
            self.memory_room = self.limits.memory // max(memories, 1)

    def count_function(self) -> None:
        """One more host function of a component's is made: EngineError for too many."""
        interrupt.look_up()  # linking may take long
        self._functions += 1
        if self._functions > MAX_FUNCTIONS:
            raise EngineError(f"more than {MAX_FUNCTIONS} host functions")

    # Calls

    def require_idle(self) -> None:
        """EngineError while the guest runs, in this thread or another."""
        if self.depth:
            raise EngineError("the guest is running: close it once its call is over")

    def require_thread(self, thread: int) -> None:
        """EngineError if the guest runs in another thread than `thread`: a store has one stack."""
        if thread != self.thread:
            raise EngineError("the guest is running in another thread: make one call at a time, or a world a thread")

    def suspend(self, wait: Wait) -> None:
        """A host function can't finish: wait here if Python frames hold the stack, else have the guest stand."""
        if self.depth > 1 and self.inline_wait is not None:
            self.inline_wait(wait)
        else:
            self.wait = wait
