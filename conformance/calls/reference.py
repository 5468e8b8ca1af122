"""A recorded run on wasmtime-py's own WASI: `python -m conformance.calls.reference`, told on stdin, alone in its process.

It reads an order (`conformance.calls.equal.Order`) as JSON, writes each call to the order's file as soon as it is over, and
prints at last how the run ended. Whatever becomes of the process, the calls until then are known.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

import wasmtime

from agave_wasi.cache import CodeCache
from agave_wasi.engines.base import TRAP_NAMES
from conformance.calls import answers
from conformance.calls.call import Call
from conformance.calls.equal import Order
from conformance.calls.linked import Linked
from conformance.calls.recorder import Recorder, RecordingFull, Stop

GRACE = 3.0
"""Seconds after the timeout in which a guest that waits in a host call may still come back, before the process ends."""
EXIT_LATE = 124


@dataclass
class Ending:
    """How a run ended: "exit", "trap", "timeout", "full", "stopped" or "unusable", its exit code, and more in words."""

    ended_by: str
    exit_code: int = 0
    message: str = ""
    trap: str = ""
    """What a trap of the guest's own is called, in the words that agave-wasi has for it."""
    values: list[int | float] = field(default_factory=list)
    """What the export that was called has returned."""


def engine() -> wasmtime.Engine:
    """An engine with the settings that agave-wasi's has, as far as they can change what a guest computes."""
    config = wasmtime.Config()
    config.wasm_exceptions = True
    config.wasm_relaxed_simd_deterministic = True
    config.cranelift_nan_canonicalization = True
    config.epoch_interruption = True
    return wasmtime.Engine(config)


class Reference:
    """One guest on wasmtime's WASI, its host calls recorded through shims. `sink` gets each call when it is over."""

    def __init__(self, order: Order, sink: Callable[[Call], object], on: wasmtime.Engine | None = None) -> None:
        self.order = order
        self.engine = on or engine()
        self.store = wasmtime.Store(self.engine)
        self.answers = answers.Answers()
        self.libraries: dict[str, Linked] = {}
        self.put_back: list[bytes | None] = []
        self.stopped: BaseException | None = None
        self.recorder = Recorder(sink, time.monotonic_ns, order.stop_after, order.most_calls)

    def compile(self, wasm: bytes) -> None:
        """Make the program ready; what this takes is no time of the guest's."""
        order = self.order
        cache = CodeCache(order.cache) if order.cache is not None else None
        self.program = Linked(self.store, wasm, cache)
        self.libraries = {name: Linked(self.store, Path(path).read_bytes(), cache) for name, path in order.libraries}
        if order.answers:
            older = any(each.older for each in (self.program, *self.libraries.values()))
            self.answers = answers.read(Path(order.answers), answers.OLDER if older else answers.NEWER)

    def run(self) -> Ending:
        """Run the program to its end."""
        order = self.order
        config = wasmtime.WasiConfig()
        config.argv, config.env = order.argv, order.env
        config.stdin_file, config.stdout_file, config.stderr_file = order.stdin, order.stdout, order.stderr
        for host, guest, writable in order.preopens:
            config.preopen_dir(host, guest, writable)
        self.store.set_wasi(config)
        self.store.set_epoch_deadline(1)
        timer = threading.Timer(order.timeout, self.engine.increment_epoch)
        timer.daemon = True
        try:
            timer.start()
            ending = Ending("exit", values=self._called(self._exports()))
        except BaseException as error:
            ending = self._ending(error)
        finally:
            timer.cancel()
            self.recorder.finish()
        return ending

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
    plain = json.load(sys.stdin)
    order = Order(**plain)
    late = threading.Timer(order.timeout + GRACE, lambda: os._exit(EXIT_LATE))
    late.daemon = True
    with open(order.calls, "wb", buffering=0) as file:

        def keep(call: Call) -> None:
            file.write(json.dumps(call.plain()).encode() + b"\n")

        wasm = Path(order.program).read_bytes()
        reference = Reference(order, keep)
        reference.compile(wasm)
        late.start()
        ending = reference.run()
    late.cancel()
    print(json.dumps(astuple(ending)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
