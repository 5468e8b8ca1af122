"""Two sides brought together again behind a known divergence: the reference is asked for the rest of what was done here.

So a chain goes on where it would otherwise have to end, for the files of the two sides would differ. What is asked in
addition is checked as well: if it isn't answered as it must be, the sides stay apart, and the chain is over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct

from conformance.fuzz.layout import RESULTS, Laid
from conformance.fuzz.side import Answer, Ended, Side

ONLY_LOOKS = {
    "fd_pread", "clock_time_get", "clock_res_get", "poll_oneoff", "fd_advise", "fd_fdstat_get", "fd_filestat_get",
    "path_filestat_get", "path_readlink", "fd_readdir", "fd_tell", "random_get", "args_get", "environ_get", "fd_prestat_get",
    "fd_prestat_dir_name", "args_sizes_get", "environ_sizes_get",
}  # fmt: skip
"""A different answer of these leaves nothing different behind."""
SYNCHRONOUS = 1 << 1 | 1 << 3 | 1 << 4
"""The flags dsync, rsync and sync."""
MTIM_NOW = 8
NO_TIMES = "no-time-to-set"
_u32 = Struct("<I").unpack_from
_u64 = Struct("<Q").unpack_from
_pair = Struct("<II")


class Mending:
    """One call that has gone different ways: `answers` and `slots` of ours and of theirs."""

    def __init__(
        self, sides: Sequence[Side], name: str, laid: Laid, fill: int, slots: Sequence[list[int]], answers: Sequence[Answer]
    ) -> None:
        self.ours, self.theirs = sides
        self.name = name
        self.laid = laid
        self.fill = fill
        self.slots = slots
        self.answers = tuple(answers)

    def mend(self, known: set[str]) -> bool:
        """Are the sides together again? `known`: the ids of what is known of the difference."""
        exits = any(isinstance(each, Ended) and each.how != "trap" for each in self.answers)
        if not exits and (0 not in self.answers or self.name in ONLY_LOOKS or known == {NO_TIMES}):
            return True
        step = _MENDED.get(self.name)
        return step is not None and self.answers[0] == 0 and not exits and step(self)

    def _again(self, slots: Sequence[int]) -> Answer:
        """Ask the reference once more, with other arguments, from the same memory."""
        self.theirs.prepare(self.fill, self.laid.pieces)
        return self.theirs.call(self.name, slots)

    def read(self) -> bool:
        """Both have read, not as far: both go to the file's beginning."""
        if self.answers != (0, 0):
            return False
        both = zip((self.ours, self.theirs), self.slots)
        return all(side.call("fd_seek", (mine[0], 0, 0, RESULTS)) == 0 for side, mine in both)

    def write(self) -> bool:
        """One buffer was written there: the rest is written now, each in a call."""
        if self.answers != (0, 0):
            return False
        slots = self.slots[1].copy()
        result, count = slots[-1], slots[2]
        written = _u32(self.ours.memory, result)[0]
        vectors = [_pair.unpack_from(self.theirs.memory, slots[1] + 8 * number) for number in range(count)]
        first = next((number for number, (_, size) in enumerate(vectors) if size), count)
        done = vectors[first][1] if first < count else 0
        slots[2] = 1
        for number in range(first + 1, count):
            if self.name == "fd_pwrite":
                slots[3] = self.slots[1][3] + done
            slots[1] = self.slots[1][1] + 8 * number
            if self._again(slots) != 0:
                return False
            done += _u32(self.theirs.memory, result)[0]
        return bool(done == written)

    def allocate(self) -> bool:
        """A file has grown: it is given the same size there, and with it a new time, which hosts needn't give for room."""
        if self.ours.call("fd_filestat_get", (self.slots[0][0], RESULTS)) != 0:
            return False
        size = _u64(self.ours.memory, RESULTS + 32)[0]
        if self.ours.call("fd_filestat_set_times", (self.slots[0][0], 0, 0, MTIM_NOW)) != 0:
            return False
        return self.theirs.call("fd_filestat_set_size", (self.slots[1][0], size)) == 0

    def remove(self) -> bool:
        """A directory was removed by a name with slashes at its end: by the name alone there."""
        slots = self.slots[1].copy()
        path = bytes(self.theirs.memory[slots[1] : slots[1] + slots[2]])
        slots[2] = len(path.rstrip(b"/"))
        return self._again(slots) == 0

    def open(self) -> bool:
        """A file was opened, made or emptied, with flags that the reference refuses: without them there, and both closed."""
        slots = self.slots[1].copy()
        slots[7] &= ~SYNCHRONOUS
        if self._again(slots) != 0:
            return False
        return all(side.call("fd_close", (_u32(side.memory, slots[-1])[0],)) == 0 for side in (self.ours, self.theirs))


_MENDED: dict[str, Callable[[Mending], bool]] = {
    "fd_read": Mending.read, "fd_write": Mending.write, "fd_pwrite": Mending.write, "fd_allocate": Mending.allocate,
    "path_remove_directory": Mending.remove, "path_open": Mending.open,
}  # fmt: skip
