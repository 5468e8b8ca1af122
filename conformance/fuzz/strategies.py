"""Values for the parameters of Preview 1, drawn from their types and from what the model knows.

What a parameter may be is derived from its annotation: the ABI type says what a value looks like, the type's name what it
means. Weights make success likely (uniform flags never open a file), and leave room for everything else. Sizes are bounded,
and nothing makes a file that is too large to be compared: no offset between a few hundred KiB and 2**63.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random
from types import MappingProxyType
from typing import Any

from agave_wasi.abi.signature import Parameter
from agave_wasi.abi.types import Bool, Buffer, Custom, Enum, Flags, IoVecs, Text
from agave_wasi.preview1.types import RIGHTS
from conformance.fuzz.layout import MOST_SUBSCRIPTIONS, ROOM, functions
from conformance.fuzz.model import DIRECTORY, FILE, LINK, STREAM, Model
from conformance.fuzz.steps import NEVER_OPEN

NAMES = ("a", "b", "c", "d", "e", "f", "long-name-" * 6, "é", "a b")
ODD_NAMES = (".", "..", "", "/", "a/", "a//b", "./a", "../a", "/a", "a\0b", "x" * 255, "x" * 256, "\udcff", "a/./b", "d/..",
             "a/../b", "d/", "d/.", "d/../../a", "y" * 4096)  # fmt: skip
DEEPEST = 4
MANY_FILES = 40
MANY_OPEN = 24
SMALL, LARGE = 300, 40_000
FARTHEST = 200_000
BEYOND = ((1 << 63), (1 << 64) - 1, (1 << 64) - 1000, (1 << 63) + 1)
TIMES = (0, 1, 999_999_999, 1_000_000_000, 10**18 + 123_456_789, 4 * 10**18)
RARE_TIMES = ((1 << 63) - 1, 1 << 63, (1 << 64) - 1)
READ, WRITE = 1 << RIGHTS.index("fd_read"), 1 << RIGHTS.index("fd_write")
ALL = (1 << 29) - 1
COMMON_RIGHTS = (READ | WRITE, READ | WRITE, ALL, READ, WRITE, 0)
NOTHING_GIVEN: Mapping[str, Any] = MappingProxyType({})
OPEN_DIRECTORY = 2
"""The open flag with that name."""
WAIT = 50_000
"""Nanoseconds that a clock is waited for at the most."""

CLOSES = {"fd_close", "fd_renumber"}
LOSING = 0.002
"""How often the preopened folder or a standard stream may be closed: little can be done without the folder."""
WANTED = {
    ("path_create_directory", "path"): "new", ("path_remove_directory", "path"): DIRECTORY,
    ("path_unlink_file", "path"): FILE, ("path_readlink", "path"): LINK, ("path_symlink", "new_path"): "new",
    ("path_link", "old_path"): FILE, ("path_link", "new_path"): "new", ("path_rename", "new_path"): "near",
}  # fmt: skip
"""What a path should name for the call to have a chance; "near" is as often new as not."""
FLAG_ODDS: dict[str, dict[str, float]] = {
    "oflags": {"creat": 0.45, "directory": 0.06, "excl": 0.06, "trunc": 0.08},
    "fdflags": {"append": 0.15, "nonblock": 0.04, "dsync": 0.0004, "rsync": 0.0004, "sync": 0.0004},
    "lookupflags": {"symlink_follow": 0.5},
    "old_flags": {"symlink_follow": 0.02},
    "fstflags": {"atim": 0.4, "atim_now": 0.2, "mtim": 0.5, "mtim_now": 0.2},
}


def values(name: str, model: Model, random: Random, given: Mapping[str, Any] = NOTHING_GIVEN) -> dict[str, Any]:
    """Values for a function's parameters; those that are given stay."""
    return _Drawing(name, model, random).values(given)


def draw_path(model: Model, random: Random) -> str:
    """A path below the top: of something that there is, or new, or odd."""
    return _Drawing("path_filestat_get", model, random)._path("any")


def below(random: Random, end: int) -> int:
    """A number from 0 on, below the end: as random as is needed, and much sooner than `randrange` has it."""
    return end - 1 - int(random.random() * end)


def pick(random: Random, found: Sequence[Any]) -> Any:
    """One of them. Here as above high chances mean the first: those are what a plain call has (`machine`)."""
    return found[-1 - int(random.random() * len(found))]


def far(random: Random) -> int:
    """An offset or a length: mostly small, at times beyond what 63 bits hold."""
    chance = random.random()
    if chance < 0.8:
        return below(random, SMALL)
    if chance < 0.97:
        return below(random, FARTHEST)
    return int(pick(random, BEYOND))


def size(random: Random) -> int:
    """How many bytes to move."""
    chance = random.random()
    return 0 if chance < 0.04 else below(random, SMALL) if chance < 0.93 else below(random, LARGE)


class _Drawing:
    """The drawing of one call's values."""

    __slots__ = ("name", "model", "random", "base", "kind")

    def __init__(self, name: str, model: Model, random: Random) -> None:
        self.name = name
        self.model = model
        self.random = random
        self.base = ""
        """The path of the directory that the next path is relative to."""
        self.kind = ""
        """What the last path that was drawn names, as far as is known."""

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        plan = _plan(self.name)
        if not given:
            return {name: draw(self) for name, draw in plan}
        drawn = {}
        for name, draw in plan:
            drawn[name] = value = given[name] if name in given else draw(self)
            if isinstance(value, dict) and value.get("of") in self.model.open:
                self.base = self.model.open[value["of"]].path
        return drawn

    def _delta(self) -> int:
        random = self.random
        delta = below(random, 3 * SMALL) - SMALL if random.random() < 0.9 else below(random, 2 * FARTHEST) - FARTHEST
        return (delta if random.random() < 0.99 else -(1 << 63)) % (1 << 64)

    def _time(self) -> int:
        return int(pick(self.random, TIMES if self.random.random() < 0.995 else RARE_TIMES))

    def _cookie(self) -> int:
        return 0 if self.random.random() < 0.9 else int(pick(self.random, ((1 << 32) + 5, *BEYOND)))

    def _exit_code(self) -> int:
        return below(self.random, 126)

    def _far(self) -> int:
        return far(self.random)

    def _fd(self) -> Any:
        model, random = self.model, self.random
        chance = random.random()
        if chance < 0.015:
            return pick(random, (NEVER_OPEN, 0xFFFF_FFFF))
        if chance < 0.03 and model.closed:
            return {"of": pick(random, model.closed)}
        if self.name in CLOSES and random.random() > LOSING:
            closable = [each for each in model.open if each > 3]
            return {"of": pick(random, closable)} if closable else NEVER_OPEN
        if chance < 0.06:
            kinds: tuple[str, ...] = (FILE, DIRECTORY, LINK, STREAM)
        else:
            kinds = (DIRECTORY,) if self.name in ON_DIRECTORIES else (FILE,)
        found = model.descriptors(*kinds)
        if not found or (self.name in TAKES_PATHS and random.random() < 0.6 and 3 in model.open):
            found = [3] if 3 in model.open else model.descriptors(FILE, DIRECTORY, STREAM)
        if not found:
            return NEVER_OPEN
        number = pick(random, found)
        self.base = model.open[number].path
        return {"of": number}

    def _path(self, wanted: str) -> str:
        model, random = self.model, self.random
        if random.random() < 0.06:
            self.kind = ""
            return str(pick(random, ODD_NAMES))
        new = random.random() < {"new": 0.85, "near": 0.5, "any": 0.15}.get(wanted, 0.04)
        if self.name == "path_open" and len(model.names) < MANY_FILES:
            new = random.random() < 0.3
        prefix = f"{self.base}/" if self.base else ""
        if not new:
            kinds = (wanted,) if wanted in (FILE, DIRECTORY, LINK) and random.random() < 0.85 else ()
            known = model.paths(*kinds)
            if prefix:
                known = [each for each in known if each.startswith(prefix)]
            if known:
                found = pick(random, known)
                self.kind = model.names[found]
                return self._dressed(found[len(prefix) :])
        folders = [each for each in model.folders() if each.startswith(prefix) and each.count("/") < DEEPEST]
        folder = pick(random, folders) if folders else self.base
        name = pick(random, NAMES)
        path = f"{folder}/{name}" if folder else name
        self.kind = model.names.get(path, "")
        return self._dressed(path[len(prefix) :] if path.startswith(prefix) else name)

    def _dressed(self, path: str) -> str:
        chance = self.random.random()
        if chance < 0.93:
            return path
        first = path.partition("/")[0]
        return (f"./{path}", f"{path}/", f"{first}/../{path}", f"{path}/.", path.replace("/", "//"))[int(chance * 1000) % 5]

    def _target(self) -> str:
        """What a link is to point to: names beside it, at times above, itself, or nothing."""
        random = self.random
        names = [path.rpartition("/")[2] for path in self.model.names] or ["a"]
        if random.random() < 0.75:
            return str(pick(random, names))
        odd = (".", "..", f"../{pick(random, names)}", "a/b", "nowhere", "/a", "", "../..", "d/", "z" * 1000)
        return str(pick(random, odd))

    def _room(self) -> int:
        chance = self.random.random()
        return below(self.random, 600) if chance < 0.85 else 4096 if chance < 0.97 else 0

    def _sizes(self) -> list[int]:
        """Mostly one buffer; several of which one has bytes; at times more, which the reference serves in part."""
        random = self.random
        chance = random.random()
        if chance < 0.9:
            return [size(random)]
        if chance < 0.9993:
            found = [0] * below(random, 4)
            found.insert(below(random, len(found) + 1), size(random))
            return found if chance > 0.91 else found[:0]
        left, found = ROOM, []
        for _ in range(2 + below(random, 3)):
            found.append(min(size(random), left))
            left -= found[-1]
        return found

    def _filled(self) -> dict[str, Any]:
        return {"sizes": self._sizes(), "fill": below(self.random, 256)}

    def _clock(self) -> int:
        return below(self.random, 2) if self.random.random() < 0.97 else 2 + below(self.random, 2)

    def _rights(self) -> int:
        common = int(pick(self.random, COMMON_RIGHTS))
        return common & ~WRITE if self.kind == DIRECTORY and self.random.random() < 0.8 else common

    def _flags(self, odds: tuple[tuple[int, float], ...]) -> int:
        chance = self.random.random
        found = 0
        for bit, share in odds:
            if chance() < share:
                found |= bit
        return found

    def _oflags(self, odds: tuple[tuple[int, float], ...]) -> int:
        if self.kind == DIRECTORY and self.random.random() < 0.7:
            return int(pick(self.random, (0, OPEN_DIRECTORY)))
        return self._flags(odds)

    def _subscriptions(self) -> list[dict[str, Any]]:
        """A clock that is due soon, so that nothing waits for ever, and descriptors of files, which are always ready."""
        random = self.random
        absolute = random.random() < 0.2
        found: list[dict[str, Any]] = [
            {"clock": below(random, 2), "timeout": below(random, 3 if absolute else WAIT), "flags": int(absolute),
             "user": random.randrange(1 << 64)}
        ]  # fmt: skip
        if random.random() < 0.3:
            found.clear()
        files = self.model.descriptors(FILE)
        for _ in range(below(random, MOST_SUBSCRIPTIONS - 5)):
            fd = {"of": pick(random, files)} if files and random.random() < 0.9 else NEVER_OPEN
            found.append({"fd": fd, "for": pick(random, ("read", "write")), "user": random.randrange(1 << 64)})
        if len(found) > 1 and "clock" in found[0] and not absolute:
            found[0]["timeout"] = 0  # else it would be a race, between the clock and whoever looks at the files
        random.shuffle(found)
        return found


Drawer = Callable[[_Drawing], Any]
TAKES_PATHS = {name for name, each in functions().items() if any(isinstance(part.abi, Text) for part in each.parameters)}
ON_DIRECTORIES = {"fd_readdir", "fd_prestat_get", "fd_prestat_dir_name", *TAKES_PATHS}
BY_TYPE: dict[str, Drawer] = {
    "Fd": _Drawing._fd, "FileDelta": _Drawing._delta, "Timestamp": _Drawing._time, "DirCookie": _Drawing._cookie,
    "ExitCode": _Drawing._exit_code, "ClockId": _Drawing._clock, "RightsSet": _Drawing._rights,
}  # fmt: skip


@cache
def _plan(name: str) -> tuple[tuple[str, Drawer], ...]:
    """How each parameter of a function is drawn."""
    return tuple((each.name, _drawer(name, each)) for each in functions()[name].parameters)


def _drawer(name: str, parameter: Parameter) -> Drawer:
    abi = parameter.abi
    if parameter.type_name in BY_TYPE:
        return BY_TYPE[parameter.type_name]
    match abi:
        case Text():
            wanted = WANTED.get((name, parameter.name), "any")
            is_target = (name, parameter.name) == ("path_symlink", "old_path")
            return _Drawing._target if is_target else lambda drawing: drawing._path(wanted)
        case Buffer():
            return _Drawing._room
        case IoVecs(write=True):
            return _Drawing._filled
        case IoVecs():
            return _Drawing._sizes
        case Custom():
            return _Drawing._subscriptions
        case Enum():
            count = len(abi.members)
            return lambda drawing: below(drawing.random, count)
        case Bool() | Flags():
            shares = FLAG_ODDS.get(parameter.name, FLAG_ODDS.get(abi.title, {})) if isinstance(abi, Flags) else {}
            odds = tuple((1 << bit, shares.get(each, 0.1)) for bit, each in enumerate(abi.names))
            if isinstance(abi, Flags) and abi.title == "oflags":
                return lambda drawing: drawing._oflags(odds)
            return lambda drawing: drawing._flags(odds)
    return _Drawing._far
