"""A recorded run of a component on wasmtime-py's own WASI 0.2: `python -m conformance.component_calls.reference`.

Told on stdin (`conformance.calls.recorded`). The program is one with shims.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import wasmtime
from wasmtime.component import Component, Linker

from agave_wasi.cache import CodeCache
from agave_wasi.component.binary import decode
from conformance.adapters.job import GuestRefused
from conformance.adapters.wasmtime_component import MISSING, RUN, VERSIONS
from conformance.calls.call import Call
from conformance.calls.equal import Order
from conformance.calls.linked import compiled
from conformance.calls.recorded import Ending, RecordedRun, carry_out
from conformance.component_calls.answers import Answers
from conformance.component_calls.lowered import TRACE, lowered
from conformance.component_calls.observer import Observer


class Reference(RecordedRun):
    """One component on wasmtime's WASI 0.2, whose shims tell an observer. `sink` gets each call when it is over."""

    def __init__(self, order: Order, sink: Callable[[Call], object]) -> None:
        super().__init__(order)
        self.sink = sink

    def compile(self, wasm: bytes) -> None:
        order = self.order
        told = Answers(Path(order.answers)) if order.answers else None
        functions = lowered(decode(wasm))
        self.observer = Observer(functions, self.sink, time.monotonic_ns, order.stop_after, order.most_calls, told)
        cache = CodeCache(order.cache) if order.cache is not None else None
        self.component = compiled(self.engine, wasm, cache, Component)

    def called(self) -> Ending:
        self.store.set_wasi_http()
        return Ending("exit", self._called())

    def finish(self) -> None:
        self.observer.finish()

    def _step(self, store: wasmtime.StoreContext, message: str) -> str:
        try:
            return self.observer.step(message)
        except BaseException as error:
            self.stopped = error
            raise

    def _called(self) -> int:
        """Call `run`; its exit code."""
        linker = Linker(self.engine)
        linker.add_wasip2()
        linker.add_wasi_http()
        with linker.root() as root, root.add_instance(TRACE) as trace:
            trace.add_func("step", self._step)
        try:
            instance = linker.instantiate(self.store, self.component)
        except wasmtime.WasmtimeError as error:
            if any(words in str(error) for words in MISSING):
                raise GuestRefused(" ".join(str(error).split())) from None
            raise
        names = (f"{RUN}{version}" for version in VERSIONS)
        interface = next((each for name in names if (each := instance.get_export_index(self.store, name))), None)
        index = instance.get_export_index(self.store, "run", interface) if interface is not None else None
        run = instance.get_func(self.store, index) if index is not None else None
        if run is None:
            raise GuestRefused("the component exports no wasi:cli/run of 0.2")
        return int(getattr(run(self.store), "tag", "ok") != "ok")


if __name__ == "__main__":
    sys.exit(carry_out(Reference))
