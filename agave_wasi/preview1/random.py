"""random_get: entropy."""

from __future__ import annotations

from agave_wasi.preview1.host import Host, wasi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.preview1.types import OutBuffer


class Random(Host):
    """The world's entropy."""

    __slots__ = ()

    @wasi
    def random_get(self, buf: OutBuffer) -> None:
        """Fill a buffer with random bytes."""
        self.kernel.getrandom(buf)
