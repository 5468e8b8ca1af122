"""The canonical section: functions lifted and lowered, and the built-in ones.

Source: Component Model, Binary.md, "Canonical Definitions".
"""

from __future__ import annotations

from agave_wasi.binary.reader import MalformedModule
from agave_wasi.component.binary.codes import flag, unknown
from agave_wasi.component.binary.types import I32, I64, result_list
from agave_wasi.component.model import CanonBuiltin, CanonLift, CanonLower, CanonResource, Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agave_wasi.binary.reader import Reader

MAX_OPTIONS = 10

LIFT, LOWER = 0, 1
_RESOURCE = {2: "new", 3: "drop", 4: "rep"}
_ENCODINGS = ("utf8", "utf16", "latin1+utf16")
_INDEXED = {3: "memory", 4: "realloc", 5: "post_return", 7: "callback", 8: "core_type"}
_FLAGS = {6: "is_async", 9: "gc"}


def canonical(reader: Reader) -> CanonLift | CanonLower | CanonResource | CanonBuiltin:
    """A canonical definition."""
    start = reader.pos
    code = reader.u8()
    if code in (LIFT, LOWER):
        at = reader.pos
        if reader.u8():
            raise MalformedModule(at, "0 stands here, for the sort of a function")
        function, chosen = reader.u32(), options(reader)
        if code == LOWER:
            return CanonLower(start, function, chosen)
        return CanonLift(start, function, chosen, reader.u32())
    operation = _RESOURCE.get(code)
    if operation is not None:
        return CanonResource(start, operation, reader.u32())
    builtin = _BUILTINS.get(code)
    if builtin is None:
        raise unknown(start, code, "canonical definition")
    name, parts = builtin
    return CanonBuiltin(start, name, tuple([part(reader) for part in parts]))


def options(reader: Reader) -> Options:
    """Canonical options; each at most once, and one encoding."""
    count = reader.count(1, MAX_OPTIONS)
    if not count:
        return _DEFAULT
    found: dict[str, Any] = {}
    for _ in range(count):
        start = reader.pos
        code = reader.u8()
        value: Any
        if code < len(_ENCODINGS):
            key, value = "encoding", _ENCODINGS[code]
        elif code in _INDEXED:
            key, value = _INDEXED[code], reader.u32()
        elif code in _FLAGS:
            key, value = _FLAGS[code], True
        else:
            raise unknown(start, code, "canonical option")
        if key in found:
            raise MalformedModule(start, f"the canonical option {key.replace('_', '-')} is given twice")
        found[key] = value
    return Options(**found)


_DEFAULT = Options()


def _index(reader: Reader) -> int:
    return reader.u32()


def _async(reader: Reader) -> bool:
    return flag(reader, "the mark of an asynchronous call")


def _zero(reader: Reader) -> bool:
    start = reader.pos
    code = reader.u8()
    if code:  # where a wait once could be marked as one that can be cancelled
        raise MalformedModule(start, f"0 stands here, not {code:#04x}")
    return False


def _slot_type(reader: Reader) -> str:
    start = reader.pos
    code = reader.u8()
    if code not in (I32, I64):
        raise unknown(start, code, "type of a context's slot")
    return "i32" if code == I32 else "i64"


_BUILTINS: dict[int, tuple[str, tuple[Callable[[Reader], Any], ...]]] = {
    0x05: ("task.cancel", ()),
    0x06: ("subtask.cancel", (_async,)),
    0x09: ("task.return", (result_list, options)),
    0x0A: ("context.get", (_slot_type, _index)),
    0x0B: ("context.set", (_slot_type, _index)),
    0x0C: ("thread.yield", (_zero,)),
    0x0D: ("subtask.drop", ()),
    0x0E: ("stream.new", (_index,)),
    0x0F: ("stream.read", (_index, options)),
    0x10: ("stream.write", (_index, options)),
    0x11: ("stream.cancel-read", (_index, _async)),
    0x12: ("stream.cancel-write", (_index, _async)),
    0x13: ("stream.drop-readable", (_index,)),
    0x14: ("stream.drop-writable", (_index,)),
    0x15: ("future.new", (_index,)),
    0x16: ("future.read", (_index, options)),
    0x17: ("future.write", (_index, options)),
    0x18: ("future.cancel-read", (_index, _async)),
    0x19: ("future.cancel-write", (_index, _async)),
    0x1A: ("future.drop-readable", (_index,)),
    0x1B: ("future.drop-writable", (_index,)),
    0x1C: ("error-context.new", (options,)),
    0x1D: ("error-context.debug-message", (options,)),
    0x1E: ("error-context.drop", ()),
    0x1F: ("waitable-set.new", ()),
    0x20: ("waitable-set.wait", (_zero, _index)),
    0x21: ("waitable-set.poll", (_zero, _index)),
    0x22: ("waitable-set.drop", ()),
    0x23: ("waitable.join", ()),
    0x24: ("backpressure.inc", ()),
    0x25: ("backpressure.dec", ()),
    0x26: ("thread.index", ()),
    0x27: ("thread.new-indirect", (_index, _index)),
    0x28: ("thread.resume-later", ()),
    0x29: ("thread.suspend", (_zero,)),
    0x2A: ("thread.suspend-then-resume", (_zero,)),
    0x2B: ("thread.yield-then-resume", (_zero,)),
    0x2C: ("thread.suspend-then-promote", (_zero,)),
    0x2D: ("thread.yield-then-promote", (_zero,)),
    0x40: ("thread.spawn-ref", (_index,)),
    0x41: ("thread.spawn-indirect", (_index, _index)),
    0x42: ("thread.available-parallelism", ()),
}
