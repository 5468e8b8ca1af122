"""From a host call's raw slots and the guest's memory to what is recorded of it, on whichever side it happens.

The arguments are decoded by agave-wasi's own traced host-call code: its callbacks run on a copy of the slots with methods
that only note what they were called with, and then fail, so that nothing is ever stored. Results are read back from the
places in memory that the signature names, and shown by the expressions that the traced code has for them. So both sides
speak the trace's language, and a function that is added to the interface needs nothing here.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import addressof, c_char, memmove
from dataclasses import dataclass
from struct import Struct, unpack_from
from types import SimpleNamespace
from typing import Any, cast

from agave_wasi.abi.signature import Signature
from agave_wasi.abi.types import Buffer, Custom, IoVecs, Nothing, Pair, Record, Result, Scalar, StringArray, Text
from agave_wasi.hostcall import MAX_SLOTS, HostCalls
from agave_wasi.preview1 import layout
from agave_wasi.preview1.errno import NUMBERS
from agave_wasi.preview1.interface import Preview1, callbacks, signatures
from conformance.calls.call import KEPT, KEPT_CHANCE, Call, Region
from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.inode import FileType, Stat
from kernel_sim.process import Process

SLOT_BYTES = 16 * MAX_SLOTS
PAGE = 1 << 16
_NUMBERS = {"i": "<I", "I": "<Q", "q": "<Q"}
_FILETYPES = {number: name for name, number in layout.FILETYPES.items() if name != FileType.FIFO}


@dataclass
class Entered:
    """A call that has begun: its record so far, and the lifted values, None if they can't be lifted."""

    call: Call
    values: tuple[Any, ...] | None


class Decoder:
    """Decodes calls of one guest. `memory()` is the guest's whole memory as it is now."""

    def __init__(self, memory: Callable[[], memoryview], interface: type[Preview1] = Preview1) -> None:
        self.memory = memory
        self.signatures = {each.name: each for each in signatures(interface)}
        self._slots = (c_char * SLOT_BYTES)()
        self._view = memoryview(self._slots).cast("B")
        self._lifted: list[tuple[Any, ...]] = []
        self._shown: dict[str, Any] = {}
        methods = dict.fromkeys(self.signatures, self._note)
        host = HostCalls(cast(Process, SimpleNamespace(parked=None)), methods, NUMBERS)
        host.memory = lambda caller: self.memory()
        host.enter = self._enter
        host.leave_error = lambda errno: None
        host.store = SimpleNamespace(pending=None, spare=1)
        self._store = host.store
        self._callbacks = callbacks(interface, True).link(host)
        self._shower = {name: _result_shower(each) for name, each in self.signatures.items()}

    def _note(self, *values: Any) -> None:
        self._lifted.append(values)
        raise KernelError(Errno.NOSYS)  # the callback must not lower anything

    def _enter(self, name: str, shown: dict[str, Any]) -> None:
        self._shown = shown

    def enter(self, name: str, slots: int) -> Entered:
        """A call begins; `slots` is the address of its arguments, which are left as they are."""
        memmove(self._slots, slots, SLOT_BYTES)
        raw = tuple(
            unpack_from(_NUMBERS[slot.letter], self._view, 16 * place)[0]
            for place, slot in enumerate(self.signatures[name].slots())
        )
        self._lifted.clear()
        self._store.spare = 1
        self._callbacks[name](0, 0, addressof(self._slots))
        call = Call(name, raw, self._shown)
        lifted = self._lifted[0] if self._lifted else None
        if lifted is not None:
            call.given = _given(self.signatures[name], lifted, raw)
        return Entered(call, lifted)

    def leave(self, entered: Entered, errno: str) -> Call:
        """A call has returned; what it left in memory is read now."""
        call = entered.call
        memory = self.memory()
        call.errno = errno
        call.pages = len(memory) // PAGE
        if errno != "SUCCESS" or entered.values is None:
            return call
        signature = self.signatures[call.name]
        outputs = call.slots[len(call.slots) - len(signature.result.pointers()) :]
        value, call.written = _read_back(signature.result, outputs, memory, call.name)
        count = _count(signature.result, value)
        at = 0
        for parameter, lifted in zip(signature.parameters, entered.values):
            call.written += _filled(parameter.name, parameter.abi, lifted, count, call.slots[at:])
            at += len(parameter.abi.slots(parameter.name))
        call.result = self._shower[call.name](value, *entered.values)
        return call


def _result_shower(signature: Signature) -> Callable[..., dict[str, Any]]:
    """What the traced code shows of a result, as a function of the value and the lifted parameters."""
    parts = dict(signature.result.show())
    for parameter in signature.parameters:
        filled = parameter.abi.show_filled(parameter.name, signature.result.count())
        if filled:
            parts["data"] = filled
    names = ", ".join(["value", *(parameter.name for parameter in signature.parameters)])
    shown = ", ".join(f"{name!r}: {source}" for name, source in parts.items())
    made: Callable[..., dict[str, Any]] = eval(f"lambda {names}: {{{shown}}}", dict(vars(layout)))  # our own text
    return made


def _given(signature: Signature, values: tuple[Any, ...], slots: tuple[int, ...]) -> list[Region]:
    """Data that goes out of the guest: texts and buffers, whole."""
    found = []
    at = 0
    for parameter, value in zip(signature.parameters, values):
        if isinstance(parameter.abi, Text):
            found.append(Region.of(parameter.name, slots[at], value))
        elif isinstance(parameter.abi, IoVecs) and parameter.abi.write:
            found.append(Region.of(parameter.name, slots[at], b"".join(value)))
        at += len(parameter.abi.slots(parameter.name))
    return found


def _read_back(result: Result, pointers: tuple[int, ...], memory: memoryview, name: str) -> tuple[Any, list[Region]]:
    """The value that a function has stored through its pointers, and the regions that it takes."""
    match result:
        case Scalar():
            region = Region.of(result.name, pointers[0], bytes(memory[pointers[0] : pointers[0] + result.bytes]))
            return int.from_bytes(region.data, "little"), [region]
        case Pair():
            read = [_read_back(part, (pointer,), memory, name) for part, pointer in zip(result.parts, pointers)]
            return tuple(value for value, _ in read), [region for _, regions in read for region in regions]
        case Record():
            content = bytes(memory[pointers[0] : pointers[0] + result.size])
            return _RECORDS[result.lowerer](content), [Region.of("result", pointers[0], content)]
        case StringArray():
            return _strings(pointers, memory)
    assert isinstance(result, Nothing)
    return None, []


def _fdstat(content: bytes) -> Any:
    kind, flags, rights, inheriting = unpack_from("<BxH4xQQ", content)
    inode = SimpleNamespace(type=_FILETYPES.get(kind, kind))
    return SimpleNamespace(inode=inode, status=flags, rights=rights, inheriting=inheriting)


def _filestat(content: bytes) -> Stat:
    device, inode, kind, *rest = unpack_from("<QQB7xQQQQQ", content)
    return Stat(device, inode, _FILETYPES.get(kind, f"type {kind}"), *rest)


def _unstable_filestat(content: bytes) -> Stat:
    device, inode, kind, *rest = unpack_from("<QQB3xIQQQQ", content)
    return Stat(device, inode, _FILETYPES.get(kind, f"type {kind}"), *rest)


_RECORDS: dict[str, Callable[[bytes], Any]] = {
    "lower_fdstat": _fdstat,
    "lower_filestat": _filestat,
    "lower_unstable_filestat": _unstable_filestat,
    "lower_prestat": lambda content: unpack_from("<I", content, 4)[0],
}
_pointer = Struct("<I").unpack_from


def _strings(pointers: tuple[int, ...], memory: memoryview) -> tuple[list[bytes], list[Region]]:
    """Strings, as far as they can be followed: the array ends where the buffer begins to be pointed at no more."""
    array, buffer = pointers
    found: list[bytes] = []
    expected = buffer
    at = array
    while at + 4 <= len(memory) and _pointer(memory, at)[0] == expected and expected < len(memory):
        end = _find_nul(memory, expected)
        if end is None:
            break
        found.append(bytes(memory[expected:end]))
        expected = end + 1
        at += 4
    regions = [Region.of("array", array, bytes(memory[array:at]))]
    return found, regions + [Region.of("buffer", buffer, bytes(memory[buffer:expected]))]


def _find_nul(memory: memoryview, start: int) -> int | None:
    piece = 4096
    for at in range(start, len(memory), piece):
        found = bytes(memory[at : at + piece]).find(0)
        if found >= 0:
            return at + found
    return None


def _count(result: Result, value: Any) -> int | None:
    """How many bytes, or events, a result says that were put into a buffer; None if it says nothing of the kind."""
    match result:
        case Scalar():
            return int(value)
        case Pair():
            return int(value[0])
    return None


def _filled(name: str, abi: Any, value: Any, count: int | None, slots: tuple[int, ...]) -> list[Region]:
    """What has arrived in a parameter's buffers; `slots` begin with the parameter's own."""
    if isinstance(abi, Buffer):
        keep = KEPT if count is not None else KEPT_CHANCE  # random bytes, or a preopened folder's name
        return [Region.of(name, slots[0], bytes(value if count is None else value[:count]), keep)]
    if isinstance(abi, IoVecs) and not abi.write:
        return [Region.of(name, slots[0], b"".join(value)[:count])]
    if isinstance(abi, Custom):
        return [Region.of("events", slots[1], bytes(value.events[: (count or 0) * layout.EVENT_SIZE]))]
    return []
