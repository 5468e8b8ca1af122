"""poll_oneoff: waiting for clocks and descriptors."""

from __future__ import annotations

from agave_wasi.preview1.host import Host, wasi_blocking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.preview1.types import EventCount, PollRequest


class Poll(Host):
    """Waiting, as Preview 1 has it: one call for several things."""

    __slots__ = ()

    @wasi_blocking
    def poll_oneoff(self, poll: PollRequest) -> EventCount:
        """Wait until at least one subscription is true; how many events were written."""
        return poll.store(self.kernel.poll(poll.subscriptions))
