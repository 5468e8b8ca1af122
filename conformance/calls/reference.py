"""A recorded run on wasmtime-py's own WASI: `python -m conformance.calls.reference`, told on stdin (`recorded`)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import wasmtime

from agave_wasi.cache import CodeCache
from conformance.calls import answers
from conformance.calls.call import Call
from conformance.calls.equal import Order
from conformance.calls.linked import Linked
from conformance.calls.recorded import Ending, RecordedRun, carry_out
from conformance.calls.recorder import Recorder


class Reference(RecordedRun):
    """One guest on wasmtime's WASI, its host calls recorded through shims. `sink` gets each call when it is over."""

    def __init__(self, order: Order, sink: Callable[[Call], object], on: wasmtime.Engine | None = None) -> None:
        super().__init__(order, on)
        self.answers = answers.Answers()
        self.libraries: dict[str, Linked] = {}
        self.put_back: list[bytes | None] = []
        self.recorder = Recorder(sink, time.monotonic_ns, order.stop_after, order.most_calls)

    def compile(self, wasm: bytes) -> None:
        order = self.order
        cache = CodeCache(order.cache) if order.cache is not None else None
        self.program = Linked(self.store, wasm, cache)
        self.libraries = {name: Linked(self.store, Path(path).read_bytes(), cache) for name, path in order.libraries}
        if order.answers:
            older = any(each.older for each in (self.program, *self.libraries.values()))
            self.answers = answers.read(Path(order.answers), answers.OLDER if older else answers.NEWER)

    def called(self) -> Ending:
        return Ending("exit", values=self._called(self._exports()))

    def finish(self) -> None:
        self.recorder.finish()

    def _exports(self) -> Any:
        """The program's exports, all that it needs being linked before it."""
        around = self._guarded(self._enter), self._guarded(self._leave)
        found: dict[str, Any] = {}
        for name, library in self.libraries.items():
            found[name] = library.instantiate(found, *around)
        return self.program.instantiate(found, *around)

    def _called(self, exports: Any) -> list[int | float]:
        """Call what is to be called; the results of the export that was asked for."""
        asked, arguments = self.order.invoke or ("_start", [])
        result: Any = None
        for name, given in (("_initialize", []), (asked, arguments)):
            function = exports.get(name)
            if isinstance(function, wasmtime.Func):
                result = function(self.store, *given)
        return list(result) if isinstance(result, tuple | list) else [] if result is None else [result]

    def _guarded(self, action: Callable[..., None]) -> Callable[..., None]:
        """A function of ours whose exceptions are kept: what comes out of wasmtime is only a trap."""

        def call(*arguments: Any) -> None:
            try:
                action(*arguments)
            except BaseException as error:
                self.stopped = error
                raise

        return call

    def _enter(self, module: Linked, number: int) -> None:
        entered = self.recorder.enter(module.decoder, module.names[number], module.slots)
        self.put_back.append(self.answers.hurry(entered.call, module.view()))

    def _leave(self, module: Linked, number: int, errno: int) -> None:
        entered = self.recorder.open[-1]
        memory = module.view()
        kept = self.put_back.pop()
        if kept is not None:
            memory[entered.call.slots[0] : entered.call.slots[0] + len(kept)] = kept
        if errno == 0:
            self.answers.replace(entered.call, memory)
        self.recorder.leave(errno)
        if errno == 0:
            self.answers.date(entered.call, memory)


if __name__ == "__main__":
    sys.exit(carry_out(Reference))
