"""The host's resources that a guest holds, as plain data against the descriptors of its process, and back.

Each class says in its mark (`@resource`) what it is made of, by the names of `KINDS`: a natural number, a descriptor, another
resource... What follows from that isn't kept: how many share a descriptor, how many pollables are about a stream, how much a
process makes its host hold. A class brings it about in `restored`.

    descriptors   [number, does the process itself keep it open?]
    objects       [interface, resource, state by slots]; what one refers to comes before it
"""

from __future__ import annotations

from agave_wasi.component.host import resources_of
from agave_wasi.component.types import Case, Ok
from agave_wasi.preview2 import INTERFACES
from agave_wasi.preview2.http.bodies import IncomingBody
from agave_wasi.preview2.http.fields import Fields
from agave_wasi.preview2.io import Source
from agave_wasi.preview2.streams import SharedFd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agave_wasi.component.host import Host
    from kernel_sim.syscalls import Syscalls

    Write = Callable[["Resources", Any], object]
    Read = Callable[["Resources", Any], Any]

_U64 = 1 << 64
_OPTION_LIMITS = {"hop limit": 1 << 8, "keep-alive count": 1 << 32}
METHODS = ("get", "head", "post", "put", "delete", "connect", "options", "trace", "patch")
SCHEMES = ("HTTP", "HTTPS")
FAMILIES = ("ipv4", "ipv6")
_ADDRESSES = {"ipv4": (4, 1 << 8), "ipv6": (8, 1 << 16)}


class Resources:
    """The resources of one guest. `write` gives each object a number in `data`; `load` takes such data, and `read` gives the
    objects by their numbers.

    ValueError for what can't be kept, or can't be, which it names.
    """

    __slots__ = ("kernel", "objects", "descriptors", "_rows", "_numbers", "_uses")

    def __init__(self, kernel: Syscalls) -> None:
        self.kernel = kernel
        self.objects: list[Host] = []
        self.descriptors: list[SharedFd] = []
        self._rows: list[list[object]] = []
        self._numbers: dict[int, int] = {}
        self._uses: list[int] = []

    # To data

    def write(self, value: Any) -> int:
        """The number of an object."""
        number = self._numbers.get(id(value))
        if number is None:
            kind = type(value)
            interface, name = getattr(kind, "interface", ""), getattr(kind, "resource", "")
            if interface not in INTERFACES or resources_of(INTERFACES[interface]).get(name) is not kind:
                raise ValueError(f"the guest has a handle of {kind.__name__}, a resource of the embedder's")
            row = {slot: KINDS[how][0](self, getattr(value, slot)) for slot, how in kind.state.items()}
            number = self._numbers[id(value)] = len(self._rows)
            self._rows.append([interface, name, row])
            self.objects.append(value)
        return number

    def write_descriptor(self, shared: SharedFd) -> int:
        """The number of a descriptor, which counts one more user."""
        number = self._numbers.setdefault(id(shared), len(self.descriptors))
        if number == len(self.descriptors):
            self.descriptors.append(shared)
            self._uses.append(0)
        self._uses[number] += 1
        return number

    def data(self) -> dict[str, object]:
        """Everything that was written."""
        shares = zip(self.descriptors, self._uses)
        return {"descriptors": [[each.fd, each.users > uses] for each, uses in shares], "objects": self._rows}

    # From data

    def load(self, data: object) -> None:
        """Make all objects of what `data` gave."""
        rows, shared = (data.get("objects"), data.get("descriptors")) if isinstance(data, dict) else (None, None)
        if not isinstance(rows, list) or not isinstance(shared, list):
            raise ValueError("resources: there are no objects and descriptors")
        for each in shared:
            fd, lasting = each if isinstance(each, list) and len(each) == 2 else (None, None)
            if type(fd) is not int or type(lasting) is not bool or fd not in self.kernel.process.fds:
                raise ValueError(f"resources: there is no descriptor {str(fd)[:60]}")
            self.descriptors.append(SharedFd(fd, lasting))
        for row in rows:
            interface, name, state = row if isinstance(row, list) and len(row) == 3 else (None, None, None)
            kind: Any = None
            if isinstance(interface, str) and isinstance(name, str) and interface in INTERFACES:
                kind = resources_of(INTERFACES[interface]).get(name)
            if kind is None or not isinstance(state, dict) or state.keys() != kind.state.keys():
                raise ValueError(f"resources: {str(row)[:80]} is none")
            self.objects.append(self._made(kind, state))
        closing = [each.fd for each, (_, lasting) in zip(self.descriptors, shared) if not lasting]
        others = {each.fd for each, (_, lasting) in zip(self.descriptors, shared) if lasting}
        if len(set(closing)) != len(closing) or not others.isdisjoint(closing) or not all(e.users for e in self.descriptors):
            raise ValueError("resources: a descriptor is closed by two of them, or by none")

    def _made(self, kind: Any, state: dict[str, Any]) -> Host:
        made: Host = kind.__new__(kind)
        made.kernel = self.kernel
        for slot, how in kind.state.items():
            try:
                value = KINDS[how][1](self, state[slot])
            except (ValueError, TypeError, KeyError, IndexError):
                raise ValueError(f"resources: {kind.__name__}: {str(state[slot])[:60]} can't be its {slot}") from None
            setattr(made, slot, value)
        made.restored()
        return made

    def read(self, number: object) -> Host:
        """The object of that number."""
        if type(number) is not int or not 0 <= number < len(self.objects):
            raise ValueError(f"resources: there is no number {str(number)[:60]}")
        return self.objects[number]

    def read_descriptor(self, number: object) -> SharedFd:
        """The descriptor of that number, which has one more user."""
        if type(number) is not int or not 0 <= number < len(self.descriptors):
            raise ValueError
        self.descriptors[number].users += 1
        return self.descriptors[number]


def _same(resources: Resources, value: Any) -> object:
    return value


def _number(limit: int) -> tuple[Write, Read]:
    def read(resources: Resources, value: Any) -> int:
        if type(value) is not int or not 0 <= value < limit:
            raise ValueError
        return value

    return _same, read


def _of(wanted: type) -> tuple[Write, Read]:
    def read(resources: Resources, value: Any) -> Any:
        if type(value) is not wanted:
            raise ValueError
        return value

    return _same, read


def _among(names: tuple[str, ...]) -> tuple[Write, Read]:
    def read(resources: Resources, value: Any) -> Any:
        if value not in names:
            raise ValueError
        return value

    return _same, read


def _case(names: tuple[str, ...]) -> tuple[Write, Read]:
    """A variant of plain cases, and `other` with a text."""

    def write(resources: Resources, value: Case) -> object:
        return [value.name, value.value]

    def read(resources: Resources, value: Any) -> Case:
        name, text = value
        if type(text) is not str if name == "other" else text is not None or name not in names:
            raise ValueError
        return Case(name, text)

    return write, read


def _reference(kind: type) -> tuple[Write, Read]:
    def read(resources: Resources, value: Any) -> Host:
        found = resources.read(value)
        if not isinstance(found, kind):
            raise ValueError
        return found

    return Resources.write, read


def _optional(how: tuple[Write, Read]) -> tuple[Write, Read]:
    write, read = how
    return (
        lambda resources, value: None if value is None else write(resources, value),
        lambda resources, value: None if value is None else read(resources, value),
    )


def _each(parts: tuple[tuple[Write, Read], ...]) -> tuple[Write, Read]:
    return (
        lambda resources, values: [how[0](resources, each) for how, each in zip(parts, values, strict=True)],
        lambda resources, values: tuple([how[1](resources, each) for how, each in zip(parts, values, strict=True)]),
    )


def _no_value(resources: Resources, value: Any) -> None:
    if value is not None:
        raise ValueError(f"a value that the host has for the guest ({str(value)[:60]})")


def _read_addresses(resources: Resources, value: Any) -> list[Case]:
    found = []
    for name, numbers in value:
        count, limit = _ADDRESSES[name]
        if len(numbers) != count or not all(type(each) is int and 0 <= each < limit for each in numbers):
            raise ValueError
        found.append(Case(name, tuple(numbers)))
    return found


def _read_options(resources: Resources, value: Any) -> dict[str, int]:
    if type(value) is not dict:
        raise ValueError
    for name, each in value.items():
        if type(each) is not int or not 0 <= each < _OPTION_LIMITS.get(name, _U64):
            raise ValueError
    return dict(value)


def _read_rows(resources: Resources, value: Any) -> list[tuple[str, bytes]]:
    if not all(type(name) is str for name, _ in value):
        raise ValueError
    return [(name, bytes.fromhex(content)) for name, content in value]


def _read_outcome(resources: Resources, value: Any) -> Ok | None:
    if value not in (None, "ok"):
        raise ValueError
    return None if value is None else Ok()


def _write_outcome(resources: Resources, value: Any) -> str | None:
    if value is not None and not (isinstance(value, Ok) and value.value is None):
        raise ValueError(f"what a future has for the guest ({str(value)[:60]})")
    return None if value is None else "ok"


_TEXT, _METHOD, _SCHEME = _of(str), _case(METHODS), _optional(_case(SCHEMES))
KINDS: dict[str, tuple[Write, Read]] = {
    "natural": _number(_U64),
    "natural?": _optional(_number(_U64)),
    "moment": _number(2 * _U64),
    "status": _number(1 << 16),
    "flag": _of(bool),
    "text": _TEXT,
    "text?": _optional(_TEXT),
    "bytes": (lambda resources, value: value.hex(), lambda resources, value: bytes.fromhex(value)),
    "nothing": (_no_value, _no_value),
    "descriptor": (Resources.write_descriptor, Resources.read_descriptor),
    "descriptor?": _optional((Resources.write_descriptor, Resources.read_descriptor)),
    "source?": _optional(_reference(Source)),
    "fields": _reference(Fields),
    "body?": _optional(_reference(IncomingBody)),
    "rows": (lambda resources, value: [[name, bytes(each).hex()] for name, each in value], _read_rows),
    "addresses": (lambda resources, value: [[each.name, list(each.value)] for each in value], _read_addresses),
    "family": _among(FAMILIES),
    "options": (lambda resources, value: {name: int(each) for name, each in value.items()}, _read_options),
    "method": _METHOD,
    "scheme?": _SCHEME,
    "line": _each((_METHOD, _optional(_TEXT), _SCHEME, _optional(_TEXT))),
    "outcome": (_write_outcome, _read_outcome),
}
"""How what a resource is made of becomes data, and comes back: (to data, from data, which raises ValueError and its like)."""
