"""The arena: memory of a machine from which the engine takes what compiled code is told by address. Nothing is given back.

Code that is compiled reads and writes it, as it does its stack; so what is read back from here is checked like any input.
"""

from __future__ import annotations

from struct import Struct

from agave_wasi.engines.base import EngineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.cpu.memory import Region

_WORD = Struct("<Q")
_HALF = Struct("<I")


class Arena:
    """A region, filled from its start on; addresses are the machine's."""

    __slots__ = ("region", "view", "start", "used")

    def __init__(self, region: Region) -> None:
        self.region = region
        self.view = region.view
        self.start = region.start
        self.used = 0

    def take(self, size: int, alignment: int = 16) -> int:
        """The address of `size` bytes, all zero; EngineError if there is no room."""
        at = -(-self.used // alignment) * alignment
        if size < 0 or at + size > self.region.size:
            raise EngineError(f"the guest's tables and instances take more than {self.region.size} bytes")
        self.used = at + size
        return self.start + at

    def words(self, address: int) -> int:
        """The 64-bit word at `address`."""
        found: int = _WORD.unpack_from(self.view, address - self.start)[0]
        return found

    def set_word(self, address: int, value: int) -> None:
        """Write a 64-bit word."""
        _WORD.pack_into(self.view, address - self.start, value)

    def half(self, address: int) -> int:
        """The 32-bit word at `address`."""
        found: int = _HALF.unpack_from(self.view, address - self.start)[0]
        return found

    def set_half(self, address: int, value: int) -> None:
        """Write a 32-bit word."""
        _HALF.pack_into(self.view, address - self.start, value)

    def bytes(self, address: int, size: int) -> memoryview:
        """A view of `size` bytes at `address`, which lie within; EngineError if they don't."""
        at = address - self.start
        if at < 0 or at + size > self.region.size:
            where = f"{size} bytes at {address:#x}, outside of the arena"
            raise EngineError(f"compiled code points to {where}: its image is damaged")
        return self.view[at : at + size]
