"""How a call into a guest ended: wasmtime's traps and errors as exceptions, with the guest's frames."""

from __future__ import annotations

from ctypes import POINTER, byref, c_uint8, c_void_p, cast, string_at

from agave_wasi.abi.memory import Trap
from agave_wasi.engines import capi
from agave_wasi.engines.base import TRAP_NAMES, TRAP_OUT_OF_FUEL, EngineError, Frame, GuestTrap
from kernel_sim.errors import LimitReached


def ending_of(
    trap: int | None, error: int | None, pending: BaseException | None, fuel: int | None
) -> BaseException | None:
    """What the end of a call stands for: a trap, an error, or the exception `pending` that a host function kept.

    `fuel` is the limit that running out of fuel is reported with. Trap and error are given back.
    """
    if not trap and not error:
        return pending  # e.g. an interrupt that came at the very end
    frames = _frames(trap, error)
    if pending is not None:
        (capi.trap_delete if trap else capi.error_delete)(trap or error)
        if isinstance(pending, Trap):
            ending = GuestTrap(str(pending), frames, "abi")
            ending.__cause__ = pending
            return ending
        return pending
    if not trap:
        assert error
        text = capi.take_error(error)
        return GuestTrap(_last_cause(text), frames) if frames else EngineError(text)
    code = c_uint8(0xFF)
    known = capi.trap_code(trap, byref(code)) and code.value < len(TRAP_NAMES)
    vector = capi.Bytes()
    capi.trap_message(trap, byref(vector))
    text = capi.take_bytes(vector).rstrip(b"\0").decode("utf-8", "replace")
    capi.trap_delete(trap)
    if known and code.value == TRAP_OUT_OF_FUEL:
        return LimitReached("fuel", fuel or 0)
    return GuestTrap(TRAP_NAMES[code.value] if known else _last_cause(text), frames, text)


def _last_cause(text: str) -> str:
    """wasmtime's message without the backtrace, which is shown in our own way."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if "Caused by:" in lines:
        return lines[-1].partition(": ")[2] or lines[-1] if lines[-1][:1].isdigit() else lines[-1]
    return lines[0] if lines else "trap"


def _frames(trap: int | None, error: int | None) -> list[Frame]:
    vector = capi.Bytes()
    if trap:
        capi.trap_trace(trap, byref(vector))
    else:
        capi.error_trace(error, byref(vector))
    frames = []
    handles = cast(vector.data, POINTER(c_void_p))
    for index in range(vector.size):
        raw = handles[index]
        name = None
        name_vector = capi.frame_func_name(raw)
        if name_vector:
            found = cast(name_vector, POINTER(capi.Bytes))[0]
            name = string_at(found.data, found.size).decode("utf-8", "replace")
        offset, within = capi.frame_func_offset(raw), capi.frame_module_offset(raw)
        frames.append(Frame(capi.frame_func_index(raw), offset, within, name))
    capi.frames_delete(byref(vector))
    return frames
