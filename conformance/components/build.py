"""A command component round a core module, and the compiler's options for such a module in C.

The module exports `wasi:cli/run@0.2.12#run` and imports functions under the names that `header` gives them. Its memory is
imported, too: data and stack lie in the first half of it, and the other half is the arena, where the host puts what it returns.
"""

from __future__ import annotations

from collections.abc import Iterable

from agave_wasi.binary.outline import outline
from agave_wasi.engines.capi import to_wasm
from agave_wasi.witparse import model
from conformance.components.text import PAGES, Imports, component

RUN = "wasi:cli/run@0.2.12"
PLACE = '  (core module $main (import "env" "memory" (memory 0)))'
OWN = ("env", "arena")
OPTIONS = (
    "-target wasm32-freestanding -mcpu=mvp -Os -s -std=gnu11 -Wall -Wextra -Werror -nostdlib -ffreestanding "
    f"-Wno-unused-function -Wl,--no-entry -Wl,--import-memory -Wl,--initial-memory={PAGES << 16} -Wl,-z,stack-size=65536"
).split()
CUSTOM, CORE_MODULE = 0, 1
PREAMBLE = b"\0asm\x0d\0\x01\0"


def command(core: bytes, interfaces: Iterable[model.Interface]) -> bytes:
    """The component of a core module that imports from these interfaces and exports `run`; KeyError for other imports."""
    imports = Imports(interfaces)
    for item in outline(core).imports:
        if item.module not in OWN:
            imports.want(item.module, item.name)
    lifted = [
        f'  (func $run (result (result)) (canon lift (core func $main "{RUN}#run")))',
        '  (instance $exported (export "run" (func $run)))',
        f'  (export "{RUN}" (instance $exported))',
    ]
    return put_in(to_wasm(component(imports, PLACE, lifted).encode()), core)


def put_in(wrapped: bytes, core: bytes) -> bytes:
    """A component with `core` in the place of its last core module, which kept the place for it; without the text's names."""
    parts, at = [PREAMBLE], len(PREAMBLE)
    last = 0
    while at < len(wrapped):
        start, kind = at, wrapped[at]
        size, at = _number(wrapped, at + 1)
        if kind == CORE_MODULE:
            last = len(parts)
        at += size
        if kind != CUSTOM:  # names of what is in the text
            parts.append(wrapped[start:at])
    parts[last] = bytes([CORE_MODULE]) + _written(len(core)) + core
    return b"".join(parts)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _written(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])
