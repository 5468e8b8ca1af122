"""What every recorded run on wasmtime-py's own WASI is: alone in its process, by an order on stdin, with an ending to tell.

A run reads an order (`conformance.calls.equal.Order`) as JSON, writes each call to the order's file as soon as it is over, and
prints at last how it ended. Whatever becomes of the process, the calls until then are known.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import astuple, dataclass, field

import wasmtime

from agave_wasi.engines.base import TRAP_NAMES
from conformance.calls.call import Call
from conformance.calls.equal import Order
from conformance.calls.recorder import RecordingFull, Stop

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


class RecordedRun(ABC):
    """One guest on wasmtime's WASI. `stopped` is what our own code in the midst of it has raised."""

    def __init__(self, order: Order, on: wasmtime.Engine | None = None) -> None:
        self.order = order
        self.engine = on or engine()
        self.store = wasmtime.Store(self.engine)
        self.stopped: BaseException | None = None

    @abstractmethod
    def compile(self, wasm: bytes) -> None:
        """Make the program ready; what this takes is no time of the guest's."""

    @abstractmethod
    def called(self) -> Ending:
        """Link the program and call what is to be called; how that ended, if nothing was raised."""

    @abstractmethod
    def finish(self) -> None:
        """The run is over: tell of the calls that are not."""

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
            ending = self.called()
        except BaseException as error:
            ending = self._ending(error)
        finally:
            timer.cancel()
            self.finish()
        return ending

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


def carry_out(make: Callable[[Order, Callable[[Call], object]], RecordedRun]) -> int:
    """Run the order on stdin; the ending goes to stdout."""
    order = Order(**json.load(sys.stdin))
    late = threading.Timer(order.timeout + GRACE, lambda: os._exit(EXIT_LATE))
    late.daemon = True
    with open(order.calls, "wb", buffering=0) as file:

        def keep(call: Call) -> None:
            file.write(json.dumps(call.plain()).encode() + b"\n")

        run = make(order, keep)
        with open(order.program, "rb") as program:
            run.compile(program.read())
        late.start()
        ending = run.run()
    late.cancel()
    print(json.dumps(astuple(ending)))
    return 0
