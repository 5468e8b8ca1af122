"""Where things of a WebAssembly guest are in its machine's address space, above what `kernel_sim.cpu.layout` has there.

    0xF_0000_2000             stubs: the gates of host functions and of the engine's own functions
    0xF_1000_0000 ...         images: the code of modules, and their data
    0x10_0000_0000            the arena: contexts of instances, tables, what compiled code is told by address
    0x30_0000_0000            the collected heap: exceptions
    0x100_0000_0000 ...       linear memories, each with room for all that 32 bits can address

Linear memories never move, and what isn't touched costs the host nothing.
"""

from __future__ import annotations

from kernel_sim.cpu.layout import FRAME, GATE, PAGE, STACK_TOP

STUBS = FRAME + PAGE
STUBS_SIZE = 2 << 20
STUB_SIZE = 16
ENTRY_SIZE = 128
EXIT_STUB = STUBS + ENTRY_SIZE
"""The entry stub is first, for so many bytes; then comes the gate that a call ends at."""
STACK_BEGIN = STACK_TOP - PAGE
"""Where the stack of an outermost call begins: slots of a host function always lie a page or more below the end."""
IMAGES = 0xF_1000_0000
IMAGES_END = 0x10_0000_0000
CODE = GATE, IMAGES_END - GATE
"""Where all code is: start and size."""
ARENA = 0x10_0000_0000
ARENA_SIZE = 16 << 30
COLLECTED = 0x30_0000_0000
LINEAR = 0x100_0000_0000
LINEAR_STEP = 8 << 30
"""From one linear memory to the next."""
WASM_PAGE = 1 << 16
MAX_PAGES = 1 << 16
