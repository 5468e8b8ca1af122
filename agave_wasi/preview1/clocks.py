"""clock_*: reading clocks."""

from __future__ import annotations

from agave_wasi.preview1.host import Host, wasi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.preview1.types import ClockId, Time, Timestamp


class Clocks(Host):
    """Time in nanoseconds."""

    __slots__ = ()

    @wasi
    def clock_res_get(self, id: ClockId) -> Time:
        """The resolution of a clock."""
        return self.kernel.clock_getres(id)

    @wasi
    def clock_time_get(self, id: ClockId, precision: Timestamp) -> Time:
        """The time of a clock; the precision that would do is of no interest here."""
        return self.kernel.clock_gettime(id)
