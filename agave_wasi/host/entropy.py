"""Real entropy: the random bytes of the host's kernel."""

from __future__ import annotations

import os


class HostEntropy:
    """An entropy device that no seed can repeat."""

    __slots__ = ()

    def take(self, count: int) -> bytes:
        """The next `count` bytes, fit for cryptography (getrandom(2))."""
        return os.urandom(count)
