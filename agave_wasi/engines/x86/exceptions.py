"""Where an image catches exceptions: its section `.wasmtime.exceptions`, read only as far as it is asked.

The section has the number of sites and that of handlers, then six arrays of 32-bit numbers. Of each site, in order of
addresses: the return address of a call; how far the frame's rsp is below its rbp there; the end of its handlers, which
begin where those of the site before end. Of each handler: the tag by its number in the module, or -1 for any; where in the
frame, from rsp on, the address of the VMContext is whose module numbers the tag so, or -1; where it begins. All addresses
are offsets within the image's code.
"""

from __future__ import annotations

from bisect import bisect_left
from struct import Struct

from agave_wasi.engines.base import EngineError

ANY = 0xFFFF_FFFF
"""As a tag: every exception is caught. As a context: there is none."""
HEADER = Struct("<II")
BEFORE_SITE = 3
BEFORE_HANDLER = 3
"""Arrays for each site, and for each handler."""
ALIGNMENT = 16
"""Of rsp at a call, and of rbp."""


class Handler:
    """Catches exceptions at `address`: of any tag if `tag` is None, else of that of its module, whose VMContext's address is
    `context` bytes above rsp."""

    __slots__ = ("tag", "context", "address")

    def __init__(self, tag: int | None, context: int, address: int) -> None:
        self.tag = tag
        self.context = context
        self.address = address

    def __repr__(self) -> str:
        return f"<Handler {'any' if self.tag is None else self.tag} {self.address:#x}>"


class Site:
    """A call within a `try_table`: `size` bytes lie between rsp and rbp, and `handlers` are asked in order."""

    __slots__ = ("size", "handlers")

    def __init__(self, size: int, handlers: tuple[Handler, ...]) -> None:
        self.size = size
        self.handlers = handlers


class ExceptionTable:
    """The sites of an image whose code lies at `start` and has `size` bytes. EngineError if the section can't be its table."""

    __slots__ = ("start", "size", "_sites", "_handlers", "_words", "_found")

    def __init__(self, section: bytes | memoryview, start: int, size: int) -> None:
        self.start = start
        self.size = size
        self._found: dict[int, Site] = {}
        self._sites = self._handlers = 0
        data = memoryview(section)
        if data:
            if len(data) < HEADER.size:
                raise self._damaged(f"it has {len(data)} bytes")
            self._sites, self._handlers = HEADER.unpack_from(data)
            expected = HEADER.size + 4 * (BEFORE_SITE * self._sites + BEFORE_HANDLER * self._handlers)
            if len(data) != expected:
                raise self._damaged(
                    f"{self._sites} sites and {self._handlers} handlers take {expected} bytes, but it has {len(data)}"
                )
        self._words = data[HEADER.size :].cast("I")

    def find(self, address: int) -> Site | None:
        """The site whose call returns to `address`; None if nothing is caught there."""
        site = self._found.get(address)
        if site is not None:
            return site
        offset = address - self.start
        index = bisect_left(self._words, offset, 0, self._sites)
        if index == self._sites or self._words[index] != offset:
            return None
        site = self._found[address] = self._site(index)
        return site

    def _site(self, index: int) -> Site:
        words, sites = self._words, self._sites
        size, end = words[sites + index], words[2 * sites + index]
        first = words[2 * sites + index - 1] if index else 0
        if not first <= end <= self._handlers:
            raise self._damaged(f"site {index} has handlers {first} to {end} of {self._handlers}")
        if size % ALIGNMENT:
            raise self._damaged(f"the frame of site {index} has {size} bytes")
        return Site(size, tuple(self._handler(number, size) for number in range(first, end)))

    def _handler(self, number: int, size: int) -> Handler:
        at = BEFORE_SITE * self._sites + number
        tag, context, offset = self._words[at], self._words[at + self._handlers], self._words[at + 2 * self._handlers]
        if offset >= self.size:
            raise self._damaged(f"handler {number} is at {offset:#x}, but the code ends at {self.size:#x}")
        if tag != ANY and context + 8 > size:
            raise self._damaged(f"handler {number} looks {context} bytes into a frame of {size}")
        return Handler(None if tag == ANY else tag, context, self.start + offset)

    @staticmethod
    def _damaged(why: str) -> EngineError:
        return EngineError(f"a compiled module's table of exceptions is damaged: {why}; empty the code cache")
