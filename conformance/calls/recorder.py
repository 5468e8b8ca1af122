"""Collects the calls of one run in the order in which they began, within limits: a guest in a loop ends, not the host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agave_wasi.preview1.errno import NAMES
from conformance.calls.call import Call
from conformance.calls.decode import Decoder, Entered
from conformance.calls.trees import Snapshot

MOST_CALLS = 1_000_000
MOST_BYTES = 512 << 20
"""Of data that calls gave and got, as far as it is kept."""


class RecordingFull(Exception):
    """A limit of the recording has been reached; the text says which. Not an end of the guest's own."""


class Stop(Exception):
    """The call at which the run was to end is over."""


@dataclass
class Recording:
    """What one run showed. `ended_by` is "exit", "trap", "timeout", "deadlock", "full" or "stopped"; `message` says more,
    `trap` what a trap of the guest's own is called, `values` what an export that was called has returned.

    `calls` are all host calls, `trees` the files at the end by preopened name.
    """

    runtime: str
    calls: list[Call] = field(default_factory=list)
    ended_by: str = "exit"
    exit_code: int = 0
    message: str = ""
    trap: str = ""
    values: list[int | float] = field(default_factory=list)
    stdout: bytes = b""
    stderr: bytes = b""
    trees: dict[str, Snapshot | str] = field(default_factory=dict)
    spans: list[tuple[int, int]] = field(default_factory=list)
    """When it ran, in the time that its files get: from and to, ns since 1970."""


class Recorder:
    """One run's calls. `sink` gets each when it is over; after the call `stop_after` (counted from 0) it raises Stop."""

    def __init__(
        self,
        sink: Callable[[Call], object],
        clock: Callable[[], int],
        stop_after: int | None = None,
        most_calls: int = MOST_CALLS,
    ) -> None:
        self.sink = sink
        self.clock = clock
        self.stop_after = stop_after
        self.most_calls = most_calls
        self.count = 0
        self.bytes = 0
        self.open: list[Entered] = []
        self.decoders: list[Decoder] = []

    def enter(self, decoder: Decoder, name: str, slots: int) -> Entered:
        """A call begins; the decoder is that of the module that makes it."""
        if self.count >= self.most_calls:
            raise RecordingFull(f"the program made more than {self.most_calls} host calls; --calls allows more")
        entered = decoder.enter(name, slots)
        entered.call.time = self.clock()
        self.open.append(entered)
        self.decoders.append(decoder)
        return entered

    def leave(self, number: int) -> Call:
        """The innermost open call has returned with an errno's number."""
        call = self.decoders[-1].leave(self.open[-1], NAMES.get(number, str(number)))
        self.open.pop()
        self.decoders.pop()
        self._over(call)
        return call

    def finish(self) -> None:
        """The run is over: calls that never returned go out as they are, the outermost first."""
        for entered in self.open:
            self.sink(entered.call)
        self.open.clear()
        self.decoders.clear()

    def _over(self, call: Call) -> None:
        self.sink(call)
        self.count += 1
        self.bytes += sum(len(each.data) for each in (*call.given, *call.written))
        if self.bytes > MOST_BYTES:
            raise RecordingFull(f"the program moved more than {MOST_BYTES >> 20} MiB through host calls")
        if self.stop_after is not None and self.count > self.stop_after:
            raise Stop
