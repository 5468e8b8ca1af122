"""Guest memory as generated host-call code uses it: small loads and stores, checked regions, arrays of strings.

Everything here gets a memoryview of the whole memory and plain offsets. A region that doesn't fit is a `Trap`: the guest
broke the ABI, and nothing has happened yet.
"""

from __future__ import annotations

from struct import Struct

from kernel_sim.errors import Errno, KernelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

store_32 = Struct("<I").pack_into
unpack_pair = Struct("<II").unpack_from

IOV_MAX = 1024
"""So many buffers of a vector are used; a longer vector gives a short count, which every caller must expect."""
VECTOR_MAX = 1 << 24
"""A vector of so many buffers is refused, with NOMEM: looking at each would take longer than any guest means to wait."""
IO_MAX = 0x7FFF_F000
"""So many bytes move in one call at the most, as on Linux; more gives a short count."""


class Trap(Exception):
    """The guest broke the ABI: a bad pointer, an unknown enum value or flag. It stops there, and nothing has happened."""


def bad_region(pointer: int, length: int, align: int, size: int) -> Trap:
    """The trap for a region that is misaligned or doesn't fit into `size` bytes of memory."""
    if pointer & (align - 1):
        return Trap(f"misaligned pointer: {pointer:#x} must be a multiple of {align}")
    return Trap(f"pointer out of bounds: {length} bytes at {pointer:#x}, memory has {size:#x}")


def require_utf8(text: bytes) -> None:
    """ILSEQ if `text` isn't UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError:
        raise KernelError(Errno.ILSEQ) from None


def store_strings(memory: memoryview, array: int, buffer: int, strings: Sequence[bytes]) -> None:
    """Store `strings`, each ended by a NUL, at `buffer`, and pointers to them at `array`."""
    for each in strings:
        store_32(memory, array, buffer)
        array += 4
        end = buffer + len(each)
        memory[buffer:end] = each
        memory[end] = 0
        buffer = end + 1
