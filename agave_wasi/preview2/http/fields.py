"""Headers and trailers: names and values in order. Names don't differ by case (RFC 9110, 5)."""

from __future__ import annotations

from agave_wasi.abi.memory import Trap
from agave_wasi.component.host import Host, constructor, internal, resource, static
from agave_wasi.component.types import Case, WitError
from agave_wasi.preview2.held import HELD_MAX, hold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from kernel_sim.syscalls import Syscalls

TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""Characters of a token, which names and methods are (RFC 9110, 5.6.2)."""
FORBIDDEN = (
    "connection", "host", "http2-settings", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
    "transfer-encoding", "upgrade",
)  # fmt: skip
"""Names that belong to whoever transports a message."""
FIELDS_MAX = 128 << 10
"""So many bytes the names and values of one message may have, as in wasmtime."""
ROW = 32
"""What each counts beside its bytes."""


def is_token(text: str) -> bool:
    """Is it a token?"""
    return bool(text) and TOKEN.issuperset(text)


@resource("wasi:http/types@0.2", "fields", rows="rows", immutable="flag")
class Fields(Host):
    """`rows` has names, in lower case, and values, which take `size` bytes."""

    __slots__ = ("rows", "immutable", "size")

    def __init__(self, kernel: Syscalls, rows: Iterable[tuple[str, bytes]] = (), immutable: bool = False) -> None:
        super().__init__(kernel)
        self.rows: list[tuple[str, bytes]] = []
        self.size = 0
        self.immutable = immutable
        self._replace(list(rows))

    @internal
    def restored(self) -> None:
        self.size = 0
        try:
            self._replace(self.rows)
        except Trap as error:
            raise ValueError(f"resources: {error}") from None

    def _replace(self, rows: list[tuple[str, bytes]]) -> None:
        """Have these rows; a trap if they are too large."""
        size = sum([len(name) + len(value) + ROW for name, value in rows])
        if size > FIELDS_MAX or not hold(self.kernel.process, size - self.size):
            raise Trap(f"headers or trailers of {size} bytes: a message may have {FIELDS_MAX}, and all together {HELD_MAX}")
        self.rows, self.size = rows, size

    def drop(self) -> None:
        """Nobody needs them any more."""
        self._replace([])

    @constructor
    @staticmethod
    def constructor(types: Host) -> Fields:
        """Without any."""
        return Fields(types.kernel)

    @static
    @staticmethod
    def from_list(types: Host, entries: list[tuple[str, bytes]]) -> Fields:
        """With these."""
        return Fields(types.kernel, [_row(*each) for each in entries])

    def get(self, name: str) -> list[bytes]:
        """The values of a name."""
        return [value for each, value in self.rows if each == name.lower()]

    def has(self, name: str) -> bool:
        """Is there a value?"""
        return bool(self.get(name))

    def set(self, name: str, value: list[bytes]) -> None:
        """These values and no other."""
        rows = [_row(name, each) for each in value]
        self._replace(self._without(name) + rows)

    def delete(self, name: str) -> None:
        """No value any more."""
        self._replace(self._without(name))

    def append(self, name: str, value: bytes) -> None:
        """One value more."""
        row = _row(name, value)
        self._require_mutable()
        self._replace([*self.rows, row])

    def entries(self) -> list[tuple[str, bytes]]:
        """All names and values."""
        return list(self.rows)

    def clone(self) -> Fields:
        """The same again, which can be changed."""
        return Fields(self.kernel, self.rows)

    def _require_mutable(self) -> None:
        if self.immutable:
            raise WitError(Case("immutable"))

    def _without(self, name: str) -> list[tuple[str, bytes]]:
        name = _name(name)
        self._require_mutable()
        return [each for each in self.rows if each[0] != name]


def _name(name: str) -> str:
    """A name in lower case; invalid-syntax, forbidden."""
    if not is_token(name):
        raise WitError(Case("invalid-syntax"))
    if name.lower() in FORBIDDEN:
        raise WitError(Case("forbidden"))
    return name.lower()


def _row(name: str, value: bytes) -> tuple[str, bytes]:
    name, value = _name(name), bytes(value)
    if any((each < 0x20 and each != 0x09) or each == 0x7F for each in value):
        raise WitError(Case("invalid-syntax"))
    return name, value
