"""How long a process has been idle, and everything that it has started: time in which none of its threads has computed, or
has waited for a processor. On a busy machine all takes longer, but nobody is idle longer for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

PROCESSES = Path("/proc")


class Idleness:
    """`seconds` since this was made, as of the last `look`. Where the system doesn't tell what threads do, all time counts."""

    def __init__(self, process: int) -> None:
        self.process = process
        self.seconds = 0.0
        self._seen = monotonic()
        self._busy = dict(_threads(process))

    def look(self) -> None:
        """Count the time since the last look; every few seconds, for a thread that ends takes with it what it did since."""
        now, busy = monotonic(), dict(_threads(self.process))
        worked = sum(each - self._busy.get(thread, 0.0) for thread, each in busy.items())
        self.seconds += max(0.0, now - self._seen - worked)
        self._seen, self._busy = now, busy


def _threads(process: int) -> Iterator[tuple[str, float]]:
    """The threads of a process and of those below it, each with the seconds in which it computed or waited for a processor."""
    for thread in _below(PROCESSES / str(process) / "task"):
        try:
            computed, queued, _ = (thread / "schedstat").read_text(encoding="ascii").split()
            yield thread.name, (int(computed) + int(queued)) / 1e9
            children = (thread / "children").read_text(encoding="ascii").split()
        except (OSError, ValueError):  # it has ended, or this system doesn't tell
            continue
        for child in children:
            yield from _threads(int(child))


def _below(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
