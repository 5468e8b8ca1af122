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
from ctypes import c_char, c_void_p, cast
from dataclasses import astuple, dataclass
from importlib.metadata import version
from pathlib import Path

import wasmtime

from agave_wasi.cache import CodeCache, digest
from agave_wasi.engines import capi
from agave_wasi.preview1.interface import MODULE
from conformance.calls import answers
from conformance.calls.call import Call
from conformance.calls.decode import Decoder
from conformance.calls.equal import Order
from conformance.calls.recorder import Recorder, RecordingFull, Stop
from conformance.calls.sections import NAMESPACE, exported_memory, memories_alone, memory_types, with_imported_memories
from conformance.calls.shim import LAST, shim

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


def engine() -> wasmtime.Engine:
    """An engine with the settings that agave-wasi's has, as far as they can change what a guest computes."""
    config = wasmtime.Config()
    config.wasm_exceptions = True
    config.wasm_relaxed_simd_deterministic = True
    config.cranelift_nan_canonicalization = True
    config.epoch_interruption = True
    return wasmtime.Engine(config)


def compiled(on: wasmtime.Engine, wasm: bytes, cache: CodeCache | None) -> wasmtime.Module:
    """The module, from the cache or into it."""
    if cache is None:
        return wasmtime.Module(on, wasm)
    where, key = f"reference-{version('wasmtime')}", digest(wasm)
    path = cache.find(where, key)
    if path is not None:
        try:
            return wasmtime.Module.deserialize_file(on, path)
        except wasmtime.WasmtimeError:  # not what this engine wrote: compile it again
            pass
    module = wasmtime.Module(on, wasm)
    cache.store(where, key, bytes(module.serialize()))
    return module


class Reference:
    """One guest on wasmtime's WASI, its host calls recorded through a shim. `sink` gets each call when it is over."""

    def __init__(self, order: Order, sink: Callable[[Call], object], on: wasmtime.Engine | None = None) -> None:
        self.order = order
        self.engine = on or engine()
        self.store = wasmtime.Store(self.engine)
        self.answers = answers.read(Path(order.answers)) if order.answers else answers.Answers()
        self.memory: wasmtime.Memory | None = None
        self.seen = memoryview(b"")
        self.slots = 0
        self.names: list[str] = []
        self.put_back: list[bytes | None] = []
        self.stopped: BaseException | None = None
        decoder = Decoder(self.view)
        self.recorder = Recorder(decoder, sink, time.monotonic_ns, order.stop_after, order.most_calls)

    def view(self) -> memoryview:
        """The guest's memory as it is now; it never moves, but it grows."""
        if self.memory is not None:
            size = self.memory.data_len(self.store)
            if size != len(self.seen):
                address = cast(self.memory.data_ptr(self.store), c_void_p).value or 0
                self.seen = memoryview((c_char * size).from_address(address)).cast("B") if size else memoryview(b"")
        return self.seen

    def compile(self, wasm: bytes) -> None:
        """Make the program ready; what this takes is no time of the guest's."""
        cache = CodeCache(self.order.cache) if self.order.cache is not None else None
        self.types, self.exported = memory_types(wasm), exported_memory(wasm)
        self.module = compiled(self.engine, with_imported_memories(wasm), cache)
        self.names = list(dict.fromkeys(item.name or "" for item in self.module.imports if item.module == MODULE))

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
            linker = self._link()
            timer.start()
            exports = linker.instantiate(self.store, self.module).exports(self.store)
            for name in ("_initialize", "_start"):
                function = exports.get(name)
                if isinstance(function, wasmtime.Func):
                    function(self.store)
        except BaseException as error:
            ending = self._ending(error)
        else:
            ending = Ending("exit")
        finally:
            timer.cancel()
            self.recorder.finish()
        return ending

    def _link(self) -> wasmtime.Linker:
        """What the guest is linked with: its memories, and the shim round the reference's WASI."""
        linker, outer = wasmtime.Linker(self.engine), wasmtime.Linker(self.engine)
        linker.define_wasi()
        if self.types:
            module = wasmtime.Module(self.engine, memories_alone(self.types))
            own = wasmtime.Instance(self.store, module, []).exports(self.store)
            for number in range(len(self.types)):
                linker.define(self.store, NAMESPACE, str(number), own[str(number)])
                outer.define(self.store, NAMESPACE, str(number), own[str(number)])
            if self.exported is not None:
                memory = own[str(self.exported)]
                assert isinstance(memory, wasmtime.Memory)
                self.memory = memory
        self._define_trace(linker)
        module = wasmtime.Module(self.engine, shim(self.names, self.exported))
        between = linker.instantiate(self.store, module).exports(self.store)
        slots = between[LAST]
        assert isinstance(slots, wasmtime.Memory)
        self.slots = cast(slots.data_ptr(self.store), c_void_p).value or 0
        for name in self.names:
            outer.define(self.store, MODULE, name, between[name])
        return outer

    def _define_trace(self, linker: wasmtime.Linker) -> None:
        i32 = wasmtime.ValType.i32
        linker.define_func("trace", "enter", wasmtime.FuncType([i32()], []), self._guarded(self._enter))
        linker.define_func("trace", "leave", wasmtime.FuncType([i32(), i32()], []), self._guarded(self._leave))

    def _guarded(self, action: Callable[..., None]) -> Callable[..., None]:
        """A function of ours whose exceptions are kept: what comes out of wasmtime is only a trap."""

        def call(*arguments: int) -> None:
            try:
                action(*arguments)
            except BaseException as error:
                self.stopped = error
                raise

        return call

    def _enter(self, number: int) -> None:
        entered = self.recorder.enter(self.names[number], self.slots)
        self.put_back.append(self.answers.hurry(entered.call, self.view()))

    def _leave(self, number: int, errno: int) -> None:
        entered = self.recorder.open[-1]
        memory = self.view()
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
            named = code is not None and code.value < len(capi.TRAP_CODES)
            return Ending("trap", 134, text, capi.TRAP_CODES[code.value] if code is not None and named else "")
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
