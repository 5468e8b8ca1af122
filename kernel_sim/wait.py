"""What a process waits for, as data: descriptors by number, a deadline, or both; whichever comes first ends it."""

from __future__ import annotations


class Wait:
    """Over when any fd in `readable` or `writable` is ready, or at `deadline` (ns, monotonic clock; None: never).

    With `least` an fd counts as readable only when that many bytes are there, or no more can come.
    """

    __slots__ = ("readable", "writable", "deadline", "least")

    def __init__(
        self,
        readable: tuple[int, ...] = (),
        writable: tuple[int, ...] = (),
        deadline: int | None = None,
        least: int = 0,
    ) -> None:
        self.readable = readable
        self.writable = writable
        self.deadline = deadline
        self.least = least
