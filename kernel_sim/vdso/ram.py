"""The kernel's RAM: a memory that it shares with code beside the guest, and its free blocks.

Blocks have powers of two as sizes. A free one is linked by its first word from the page, where the other side finds it too.
"""

from __future__ import annotations

from kernel_sim.vdso.layout import HEAP, PAGE, PAGE_LAYOUT, RECORD_CLASS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST_CLASS = 30


def on_page(name: str) -> int:
    """The address of a field of the page."""
    return PAGE + PAGE_LAYOUT.offset[name]


_FREE = on_page("free") >> 2


class Ram:
    """`view()` gives the whole memory as it is now, `grow`(bytes) makes it longer by at least that, or answers False."""

    __slots__ = ("bytes", "u32", "u64", "end", "_view", "_grow")

    def __init__(self, view: Callable[[], memoryview], grow: Callable[[int], bool]) -> None:
        self._view = view
        self._grow = grow
        self.end = HEAP
        self._look()

    def _look(self) -> None:
        self.bytes = self._view()
        self.u32 = self.bytes.cast("I")
        self.u64 = self.bytes.cast("Q")

    def allocate(self, size: int) -> int:
        """The address of a block of at least `size` bytes, of any content; 0 if there is no room."""
        number = max(RECORD_CLASS, (size - 1).bit_length())
        if number > LARGEST_CLASS:
            return 0
        at = self.u32[_FREE + number]
        if at:
            self.u32[_FREE + number] = self.u32[at >> 2]
            return at
        at = self.end
        if not self.reserve(1 << number):
            return 0
        self.end = at + (1 << number)
        return at

    def reserve(self, size: int) -> bool:
        """Make sure that blocks of so many bytes together can be had."""
        missing = self.end + size - len(self.bytes)
        if missing > 0:
            if not self._grow(max(missing, len(self.bytes) // 2)) and not self._grow(missing):
                return False
            self._look()
        return True

    def free(self, at: int, size: int) -> None:
        """Give back what `allocate` gave for `size`."""
        number = max(RECORD_CLASS, (size - 1).bit_length())
        self.u32[at >> 2] = self.u32[_FREE + number]
        self.u32[_FREE + number] = at

    def clear(self, at: int, size: int) -> None:
        """Zeros."""
        self.bytes[at : at + size] = bytes(size)

    def reset(self) -> None:
        """All blocks are free."""
        self.end = HEAP
        self.clear(_FREE << 2, 4 * (LARGEST_CLASS + 1))

    def close(self) -> None:
        """Nothing may look at the memory any more: it is about to go."""
        self.bytes = self.u32 = self.u64 = memoryview(b"")
