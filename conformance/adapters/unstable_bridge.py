"""The older interface on wasmtime, whose C interface serves only wasi_snapshot_preview1.

A second module wraps the newer functions round the guest's memory, and the four whose layouts differ are translated here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import wasmtime

WRAPPER = Path(__file__).parents[1] / "suites" / "preview1" / "raw_calls.wat"
OLD = "wasi_unstable"


def bridge(
    store: wasmtime.Store, linker: wasmtime.Linker, module: wasmtime.Module
) -> Callable[[wasmtime.Memory], None]:
    """Define the guest's wasi_unstable imports; returns what to call once its memory exists."""
    text = WRAPPER.read_text(encoding="utf-8")
    text = text.replace(
        '(memory (export "memory") 2 2)', '(import "guest" "memory" (memory 0)) (export "memory" (memory 0))'
    )
    wrapped: dict[str, Any] = {}
    memories: list[wasmtime.Memory] = []

    def later(memory: wasmtime.Memory) -> None:
        inner = wasmtime.Linker(store.engine)
        inner.define_wasi()
        inner.define(store, "guest", "memory", memory)
        exports = inner.instantiate(store, wasmtime.Module(store.engine, text)).exports(store)
        wrapped.update({name: exports[name] for name in exports if name != "memory"})
        memories.append(memory)

    def filestat(name: str, *args: int) -> int:
        memory, out = memories[0], args[-1]
        after = memory.read(store, out + 56, out + 64)  # the newer record is 8 bytes longer: keep what lies behind
        error = int(wrapped[name](store, *args))
        if not error:
            dev, ino, kind, nlink, *rest = struct.unpack("<QQB7xQQQQQ", memory.read(store, out, out + 64))
            memory.write(store, struct.pack("<QQB3xIQQQQ", dev, ino, kind, nlink, *rest), out)
        memory.write(store, after, out + 56)
        return error

    def seek(_: str, fd: int, offset: int, whence: int, out: int) -> int:
        return int(wrapped["fd_seek"](store, fd, offset, {0: 1, 1: 2, 2: 0}.get(whence, whence), out))

    def poll(_: str, subscriptions: int, events: int, count: int, out: int) -> int:
        memory, size = memories[0], 56 * count
        kept = memory.read(store, subscriptions, subscriptions + size)
        newer = b"".join(  # drop the clock identifier of each clock subscription, and 8 bytes of padding of the others
            kept[at : at + 16] + (kept[at + 24 : at + 56] if kept[at + 8] == 0 else kept[at + 16 : at + 48])
            for at in range(0, size, 56)
        )
        memory.write(store, newer, subscriptions)
        error = int(wrapped["poll_oneoff"](store, subscriptions, events, count, out))
        memory.write(store, kept, subscriptions)
        return error

    def plain(name: str, *args: int) -> Any:
        return wrapped[name](store, *args)

    special: dict[str, Callable[..., Any]] = {
        "fd_filestat_get": filestat,
        "path_filestat_get": filestat,
        "fd_seek": seek,
        "poll_oneoff": poll,
    }
    for item in module.imports:
        if item.module == OLD and item.name and isinstance(item.type, wasmtime.FuncType):
            linker.define_func(OLD, item.name, item.type, partial(special.get(item.name, plain), item.name))
    return later
