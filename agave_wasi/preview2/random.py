"""wasi:random: the world's entropy, for all three interfaces."""

from __future__ import annotations

from agave_wasi.abi.memory import Trap
from agave_wasi.component.host import Host, interface

RANDOM_MAX = 64 << 20
"""So many bytes may be asked for at once, as in wasmtime; a list can't say that there are fewer."""


class _Entropy(Host):
    """What the interfaces share."""

    __slots__ = ()

    def _take(self, count: int) -> bytearray:
        if count > RANDOM_MAX:
            raise Trap(f"{count} random bytes were asked for; at most {RANDOM_MAX} come at once")
        data = bytearray(count)
        self.kernel.getrandom(memoryview(data))
        return data

    def _number(self) -> int:
        return int.from_bytes(self._take(8), "little")


@interface("wasi:random/random@0.2")
class Random(_Entropy):
    """Random data for any purpose."""

    __slots__ = ()

    def get_random_bytes(self, len: int) -> bytearray:
        """So many random bytes."""
        return self._take(len)

    def get_random_u64(self) -> int:
        """A random number."""
        return self._number()


@interface("wasi:random/insecure@0.2")
class Insecure(_Entropy):
    """Random data where nobody attacks."""

    __slots__ = ()

    def get_insecure_random_bytes(self, len: int) -> bytearray:
        """So many random bytes."""
        return self._take(len)

    def get_insecure_random_u64(self) -> int:
        """A random number."""
        return self._number()


@interface("wasi:random/insecure-seed@0.2")
class InsecureSeed(_Entropy):
    """A seed for hash tables."""

    __slots__ = ()

    def insecure_seed(self) -> tuple[int, int]:
        """Two random numbers."""
        return self._number(), self._number()
