"""A recorded run of a component on wasmtime-py's own WASI 0.2: `python -m conformance.component_calls.reference`.

As `conformance.calls.reference`, whose order it reads on stdin and whose ending it prints. The program is one with shims.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path

import wasmtime
from wasmtime.component import Component, Linker

from agave_wasi.cache import CodeCache
from agave_wasi.component.binary import decode
from agave_wasi.engines.base import TRAP_NAMES
from conformance.adapters.job import GuestRefused
from conformance.adapters.wasmtime_component import MISSING, RUN, VERSIONS
from conformance.calls.call import Call
from conformance.calls.equal import Order
from conformance.calls.linked import compiled
from conformance.calls.recorder import RecordingFull, Stop
from conformance.calls.reference import EXIT_LATE, GRACE, Ending, engine
from conformance.component_calls.answers import Answers
from conformance.component_calls.lowered import TRACE, lowered
from conformance.component_calls.observer import Observer


class Reference:
    """One component on wasmtime's WASI 0.2, whose shims tell an observer. `sink` gets each call when it is over."""

    def __init__(self, order: Order, sink: Callable[[Call], object]) -> None:
        self.order = order
        self.engine = engine()
        self.store = wasmtime.Store(self.engine)
        wasm = Path(order.program).read_bytes()
        told = Answers(Path(order.answers)) if order.answers else None
        functions = lowered(decode(wasm))
        self.observer = Observer(functions, sink, time.monotonic_ns, order.stop_after, order.most_calls, told)
        cache = CodeCache(order.cache) if order.cache is not None else None
        self.component = compiled(self.engine, wasm, cache, Component)
        self.stopped: BaseException | None = None

    def run(self) -> Ending:
        """Run the component to its end."""
        order = self.order
        config = wasmtime.WasiConfig()
        config.argv, config.env = order.argv, order.env
        config.stdin_file, config.stdout_file, config.stderr_file = order.stdin, order.stdout, order.stderr
        for host, guest, writable in order.preopens:
            config.preopen_dir(host, guest, writable)
        self.store.set_wasi(config)
        self.store.set_wasi_http()
        self.store.set_epoch_deadline(1)
        timer = threading.Timer(order.timeout, self.engine.increment_epoch)
        timer.daemon = True
        try:
            timer.start()
            ending = Ending("exit", self._called())
        except BaseException as error:
            ending = self._ending(error)
        finally:
            timer.cancel()
            self.observer.finish()
        return ending

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

    def _ending(self, error: BaseException) -> Ending:
        if isinstance(self.stopped, Stop):
            return Ending("stopped")
        if isinstance(self.stopped, RecordingFull):
            return Ending("full", message=str(self.stopped))
        if self.stopped is not None:
            raise self.stopped
        if isinstance(error, wasmtime.ExitTrap):
            return Ending("exit", error.code)
        if isinstance(error, wasmtime.Trap | wasmtime.WasmtimeError):
            text = str(error)
            if "wasm trap: interrupt" in text:
                return Ending("timeout", EXIT_LATE, "stopped by the timeout")
            code = error.trap_code if isinstance(error, wasmtime.Trap) else None
            named = code is not None and code.value < len(TRAP_NAMES)
            return Ending("trap", 134, text, TRAP_NAMES[code.value] if code is not None and named else "")
        raise error


def main() -> int:
    """Run the order on stdin; the ending goes to stdout."""
    order = Order(**json.load(sys.stdin))
    late = threading.Timer(order.timeout + GRACE, lambda: os._exit(EXIT_LATE))
    late.daemon = True
    with open(order.calls, "wb", buffering=0) as file:

        def keep(call: Call) -> None:
            file.write(json.dumps(call.plain()).encode() + b"\n")

        reference = Reference(order, keep)
        late.start()
        ending = reference.run()
    late.cancel()
    print(json.dumps(astuple(ending)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
