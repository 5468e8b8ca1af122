"""What a process waits for, as data: descriptors by number, a deadline, or both; whichever comes first ends it."""

from __future__ import annotations


class Wait:
    """Over when any fd in `readable` or `writable` is ready, or at `deadline` (ns, monotonic clock; None: never)."""

    __slots__ = ("readable", "writable", "deadline")

    def __init__(
        self, readable: tuple[int, ...] = (), writable: tuple[int, ...] = (), deadline: int | None = None
    ) -> None:
        self.readable = readable
        self.writable = writable
        self.deadline = deadline
