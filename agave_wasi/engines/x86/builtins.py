"""What compiled code asks its runtime for: growing, copying, references, exceptions, traps. `vmctx.SIGNATURES` says how.

Each is a function of the store and the five argument words; what it returns goes to rax. A trap is raised. Pointers come from
compiled code that has checked them; they are checked once more, since an image may be damaged.
"""

from __future__ import annotations

from ctypes import addressof, c_char, memset
from struct import error

from agave_wasi.engines.base import TRAP_OUT_OF_FUEL, EngineError
from agave_wasi.engines.x86.fused import DOUBLE, SINGLE, multiply_add_lanes
from agave_wasi.engines.x86.items import Table
from agave_wasi.engines.x86.traps import CodeTrap
from agave_wasi.engines.x86.vmctx import FUNCTION_SET
from kernel_sim.cpu.trapframe import ERROR, MASK
from kernel_sim.errors import KernelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from agave_wasi.engines.x86.instance import Instance
    from agave_wasi.engines.x86.store import Store

    Builtin = Callable[[Store, memoryview], int]

RDI, RSI, RDX, RCX, R8 = 1, 2, 3, 4, 5
"""Words of the trap frame."""
_HALF = 0xFFFF_FFFF


def gate(store: Store, builtin: Builtin) -> Callable[[memoryview], bool]:
    """The gate of a builtin; what it raises ends the call."""

    def answer(words: memoryview) -> bool:
        try:
            words[0] = builtin(store, words) & MASK
        except (LookupError, ValueError, error):
            raise EngineError(f"compiled code asks for an impossible {builtin.__name__}: its image is damaged") from None
        return True

    return answer


def unknown(name: str) -> Builtin:
    """In place of a builtin that our settings keep compiled code from calling."""

    def refuse(store: Store, words: memoryview) -> int:
        raise EngineError(f"compiled code asks for {name}, which the x86 engine doesn't have: its image is damaged")

    return refuse


def _instance(store: Store, words: memoryview) -> Instance:
    found = store.contexts.get(words[RDI])
    if found is None:
        raise EngineError(f"compiled code names an instance at {words[RDI]:#x}, where none is: its image is damaged")
    return found


def _guest(store: Store, address: int, length: int, write: bool) -> memoryview:
    try:
        return store.memory.view(address, length, write)
    except KernelError:
        raise EngineError(
            f"compiled code copies {length} bytes at {address:#x}, which aren't its own: its image is damaged"
        ) from None


def memory_grow(store: Store, words: memoryview) -> int:
    instance = _instance(store, words)
    first = instance.module.core.imported["memory"]
    return instance.memories[first + (words[RDX] & _HALF)].grow(words[RSI])


def memory_copy(store: Store, words: memoryview) -> int:
    length = words[RCX]
    if length:
        source = _guest(store, words[RDX], length, False)
        target = _guest(store, words[RSI], length, True)
        target[:] = source  # as memmove does it
    return 0


def memory_fill(store: Store, words: memoryview) -> int:
    length = words[RCX]
    if length:
        target = _guest(store, words[RSI], length, True)
        memset(addressof(c_char.from_buffer(target)), words[RDX] & 0xFF, length)
    return 0


def passive_elem_segment_len(store: Store, words: memoryview) -> int:
    return _instance(store, words).segments[words[RSI] & _HALF][1]


def passive_elem_segment_base(store: Store, words: memoryview) -> int:
    return _instance(store, words).segments[words[RSI] & _HALF][0]


def passive_elem_segment_drop(store: Store, words: memoryview) -> int:
    segments = _instance(store, words).segments
    index = words[RSI] & _HALF
    segments[index] = segments[index][0], 0
    return 1


def ref_func(store: Store, words: memoryview) -> int:
    return _instance(store, words).func_ref(words[RSI] & _HALF)


def table_get_lazy_init_func_ref(store: Store, words: memoryview) -> int:
    """An element that nobody has looked at is null here: what a table begins with is written when it is made.

    Tables are numbered as in the caller's module; everywhere else by their owner, which has the context then.
    """
    place = _instance(store, words).tables[words[RSI] & _HALF].place(words[RDX])
    if place is None:
        raise EngineError(f"compiled code reads element {words[RDX]} of a table: its image is damaged")
    store.arena.set_word(place, FUNCTION_SET)
    return 0


def table_grow(store: Store, words: memoryview) -> int:
    return _table(store, words).grow(words[RDX])


def _table(store: Store, words: memoryview) -> Table:
    instance = _instance(store, words)
    return instance.tables[instance.module.core.imported["table"] + (words[RSI] & _HALF)]


def out_of_gas(store: Store, words: memoryview) -> int:
    if not store.more_fuel():
        raise CodeTrap(TRAP_OUT_OF_FUEL)
    return 1


def trap(store: Store, words: memoryview) -> int:
    raise CodeTrap(words[RSI] & 0xFF)


def drop_gc_ref(store: Store, words: memoryview) -> int:
    return 0


def gc_alloc_raw(store: Store, words: memoryview) -> int:
    return store.exceptions.allocate(words[RSI] & _HALF, words[RDX] & _HALF, words[RCX] & _HALF)


def force_gc(store: Store, words: memoryview) -> int:
    store.exceptions.collect()
    return 1


def intern_func_ref_for_gc_heap(store: Store, words: memoryview) -> int:
    return store.exceptions.functions.number(words[RSI])


def get_interned_func_ref(store: Store, words: memoryview) -> int:
    return store.exceptions.functions.address(words[RSI] & _HALF)


def get_instance_id(store: Store, words: memoryview) -> int:
    return store.exceptions.instance_number(words[RDI])


def throw_ref(store: Store, words: memoryview) -> int:
    """Its gate doesn't return to compiled code, but goes on where `landing` says, with rax and rdx as handlers get them."""
    store.exceptions.throw(words[RSI] & _HALF)
    words[ERROR] = 0
    return words[RSI] & _HALF


def fma_f32x4(store: Store, words: memoryview) -> int:
    """Its operands and result are in `store.vectors`."""
    store.vectors[:16] = multiply_add_lanes(store.vectors, SINGLE)
    return 0


def fma_f64x2(store: Store, words: memoryview) -> int:
    store.vectors[:16] = multiply_add_lanes(store.vectors, DOUBLE)
    return 0


BUILTINS: dict[str, Builtin] = {
    each.__name__: each
    for each in (
        memory_grow, memory_copy, memory_fill, passive_elem_segment_len, passive_elem_segment_base, passive_elem_segment_drop,
        ref_func, table_get_lazy_init_func_ref, table_grow, out_of_gas, trap, drop_gc_ref, gc_alloc_raw, force_gc,
        intern_func_ref_for_gc_heap, get_interned_func_ref, get_instance_id, throw_ref, fma_f32x4,
        fma_f64x2,
    )
}  # fmt: skip
