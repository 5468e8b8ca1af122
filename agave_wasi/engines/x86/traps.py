"""How a call into a guest on the CPU model ended: traps by name, with the guest's frames."""

from __future__ import annotations

from agave_wasi.abi.memory import Trap
from agave_wasi.engines.base import TRAP_NAMES, TRAP_OUT_OF_FUEL, EngineError, Frame, GuestTrap
from agave_wasi.engines.x86.context import exits_of
from kernel_sim.cpu.faults import Fault
from kernel_sim.errors import LimitReached

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from agave_wasi.engines.x86.engine import Module
    from agave_wasi.engines.x86.store import Store

TEXTS = {
    0: "wasm trap: call stack exhausted",
    1: "wasm trap: out of bounds memory access",
    2: "wasm trap: unaligned atomic",
    3: "wasm trap: undefined element: out of bounds table access",
    4: "wasm trap: uninitialized element",
    5: "wasm trap: indirect call type mismatch",
    6: "wasm trap: integer overflow",
    7: "wasm trap: integer divide by zero",
    8: "wasm trap: invalid conversion to integer",
    9: "wasm trap: wasm `unreachable` instruction executed",
    10: "wasm trap: interrupt",
    11: "wasm trap: all fuel consumed by WebAssembly",
}
MOST_FRAMES = 20
"""A trap tells of so many, the innermost ones, as on the JIT engine."""


class CodeTrap(Exception):
    """The guest's code trapped with one of wasmtime's codes."""

    def __init__(self, code: int) -> None:
        self.code = code


def ending_of(store: Store, error: BaseException) -> BaseException:
    """What the end of a call stands for, from what came out of the machine; to be asked while the guest's stack is there.

    What has cut off a call within it goes before.
    """
    if store.ended is not None:
        return store.ended
    try:
        return _ending(store, error)
    except EngineError as damaged:  # the tables of an image
        return damaged


def _ending(store: Store, error: BaseException) -> BaseException:
    if isinstance(error, CodeTrap):
        if error.code == TRAP_OUT_OF_FUEL:
            return LimitReached("fuel", store.limits.fuel or 0)
        if error.code < len(TRAP_NAMES):
            return GuestTrap(TRAP_NAMES[error.code], frames(store), TEXTS[error.code])
        return GuestTrap(f"trap {error.code}", frames(store))
    if isinstance(error, Trap):
        ending = GuestTrap(str(error), frames(store), "abi")
        ending.__cause__ = error
        return ending
    if isinstance(error, Fault):
        return _fault(store, error)
    return error


def _fault(store: Store, fault: Fault) -> BaseException:
    """Code that is compiled to check everything itself has run into the CPU's own checks."""
    found = module_at(store, fault.pc)
    code = found[0].image.trap_code(fault.pc - found[1]) if found is not None else None
    if code is not None:
        return _ending(store, CodeTrap(code))
    return EngineError(f"compiled code has failed ({fault}): its image is damaged, empty the cache (agave-wasi cache clear)")


def module_at(store: Store, pc: int) -> tuple[Module, int] | None:
    """The module whose code is at `pc`, and where that begins."""
    for text, _, module in store.images:
        if text <= pc < text + len(module.image.text):
            return module, text
    return None


def frames(store: Store) -> list[Frame]:
    """The guest's stack, innermost frame first: of the call that is under way, and of those around it."""
    found: list[Frame] = []
    for fp, pc, entry in exits_of(store.context.save_exits(), store.activations):
        for address in _return_addresses(store, fp, pc, entry):
            at = module_at(store, address)
            if at is not None:
                frame = at[0].frame(address - at[1])
                if frame is not None:
                    found.append(frame)
            if len(found) == MOST_FRAMES:
                return found
    return found


def _return_addresses(store: Store, glue: int, pc: int, entry: int) -> Iterator[int]:
    """Of each frame between where WebAssembly was left and where it was entered, an address within the instruction."""
    words = store.stack.view.cast("Q")
    start, count = store.stack.start, len(words)

    def word(address: int) -> int:
        at = (address - start) // 8
        return words[at] if 0 <= at < count and not address % 8 else 0

    fp = word(glue)
    while fp and pc:
        yield pc - 1
        if fp == entry:
            return
        older, pc = word(fp), word(fp + 8)
        if older == entry or older <= fp:
            return
        fp = older
