"""Values for the parameters of Preview 1, drawn from their types and from what the model knows.

What a parameter may be is derived from its annotation: the ABI type says what a value looks like, the type's name what it
means. Weights make success likely (uniform flags never open a file), and leave room for everything else. Sizes are bounded,
and nothing makes a file that is too large to be compared: no offset between a few hundred KiB and 2**63.
"""

from __future__ import annotations

from random import Random
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
WAIT = 50_000
"""Nanoseconds that a clock is waited for at the most."""

CLOSES = {"fd_close", "fd_renumber"}
LOSING = 0.002
"""How often the preopened folder or a standard stream may be closed: little can be done without the folder."""
ON_DIRECTORIES = {"fd_readdir", "fd_prestat_get", "fd_prestat_dir_name"}
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


def values(name: str, model: Model, random: Random) -> dict[str, Any]:
    """Values for a function's parameters."""
    return _Drawing(name, model, random).values()


def far(random: Random) -> int:
    """An offset or a length: mostly small, at times beyond what 63 bits hold."""
    chance = random.random()
    if chance < 0.8:
        return random.randrange(SMALL)
    if chance < 0.97:
        return random.randrange(FARTHEST)
    return random.choice(BEYOND)


def size(random: Random) -> int:
    """How many bytes to move."""
    chance = random.random()
    return 0 if chance < 0.04 else random.randrange(SMALL) if chance < 0.93 else random.randrange(LARGE)


class _Drawing:
    """The drawing of one call's values."""

    def __init__(self, name: str, model: Model, random: Random) -> None:
        self.name = name
        self.model = model
        self.random = random
        self.drawn: dict[str, Any] = {}
        self.base = ""
        """The path of the directory that the next path is relative to."""
        self.kind = ""
        """What the last path that was drawn names, as far as is known."""
        self.signature = functions()[name]
        self.takes_paths = any(isinstance(each.abi, Text) for each in self.signature.parameters)

    def values(self) -> dict[str, Any]:
        for parameter in self.signature.parameters:
            self.drawn[parameter.name] = self._value(parameter)
        return self.drawn

    def _value(self, parameter: Parameter) -> Any:
        match parameter.abi:
            case Text():
                is_target = (self.name, parameter.name) == ("path_symlink", "old_path")
                return self._target() if is_target else self._path(parameter.name)
            case Buffer():
                return self._room()
            case IoVecs(write=True):
                return {"sizes": self._sizes(), "fill": self.random.randrange(256)}
            case IoVecs():
                return self._sizes()
            case Custom():
                return self._subscriptions()
            case Enum():
                return self._member(parameter.type_name, len(parameter.abi.members))
            case Bool() | Flags():
                return self._flags(parameter)
        return self._number(parameter.type_name)

    def _number(self, kind: str) -> Any:
        random = self.random
        match kind:
            case "Fd":
                return self._fd()
            case "FileDelta":
                delta = random.randrange(-SMALL, 2 * SMALL) if random.random() < 0.9 else random.randrange(-FARTHEST, FARTHEST)
                return (delta if random.random() < 0.99 else -(1 << 63)) % (1 << 64)
            case "Timestamp":
                return random.choice(TIMES) if random.random() < 0.995 else random.choice(RARE_TIMES)
            case "DirCookie":
                return 0 if random.random() < 0.9 else random.choice(((1 << 32) + 5, *BEYOND))
            case "ExitCode":
                return random.randrange(126)
        return far(random)

    def _fd(self) -> Any:
        model, random = self.model, self.random
        chance = random.random()
        if chance < 0.015:
            return random.choice((NEVER_OPEN, 0xFFFF_FFFF))
        if chance < 0.03 and model.closed:
            return {"of": random.choice(model.closed)}
        kinds: tuple[str, ...] = (DIRECTORY,) if self.takes_paths or self.name in ON_DIRECTORIES else (FILE,)
        if chance < 0.06:
            kinds = (FILE, DIRECTORY, LINK, STREAM)
        found = model.descriptors(*kinds)
        if self.name in CLOSES and random.random() > LOSING:
            found = [each for each in model.open if each > 3]
            return {"of": random.choice(found)} if found else NEVER_OPEN
        if not found or (self.takes_paths and random.random() < 0.6 and 3 in model.open):
            found = [3] if 3 in model.open else model.descriptors(FILE, DIRECTORY, STREAM)
        if not found:
            return NEVER_OPEN
        number = random.choice(found)
        self.base = model.open[number].path
        return {"of": number}

    def _path(self, parameter: str) -> str:
        model, random = self.model, self.random
        if random.random() < 0.06:
            self.kind = ""
            return random.choice(ODD_NAMES)
        wanted = WANTED.get((self.name, parameter), "any")
        new = random.random() < {"new": 0.85, "near": 0.5, "any": 0.15}.get(wanted, 0.04)
        if self.name == "path_open" and len(model.names) < MANY_FILES:
            new = random.random() < 0.3
        prefix = f"{self.base}/" if self.base else ""
        if not new:
            kinds = (wanted,) if wanted in (FILE, DIRECTORY, LINK) and random.random() < 0.85 else ()
            known = [each for each in model.paths(*kinds) if each.startswith(prefix)]
            if known:
                found = random.choice(known)
                self.kind = model.names[found]
                return self._dressed(found[len(prefix) :])
        folders = [each for each in model.folders() if each == self.base or each.startswith(prefix)]
        folder = random.choice([each for each in folders if each.count("/") < DEEPEST] or [self.base])
        name = random.choice(NAMES)
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
            return random.choice(names)
        return random.choice((".", "..", f"../{random.choice(names)}", "a/b", "nowhere", "/a", "", "../..", "d/", "z" * 1000))

    def _room(self) -> int:
        chance = self.random.random()
        return self.random.randrange(600) if chance < 0.85 else 4096 if chance < 0.97 else 0

    def _sizes(self) -> list[int]:
        """Mostly one buffer; several of which one has bytes; at times more, which the reference serves in part."""
        random = self.random
        chance = random.random()
        if chance < 0.9:
            return [size(random)]
        if chance < 0.9993:
            found = [0] * random.randrange(4)
            found.insert(random.randrange(len(found) + 1), size(random))
            return found if chance > 0.91 else found[:0]
        left, found = ROOM, []
        for _ in range(random.randrange(2, 5)):
            found.append(min(size(random), left))
            left -= found[-1]
        return found

    def _member(self, kind: str, count: int) -> int:
        if kind == "ClockId":
            return self.random.randrange(2) if self.random.random() < 0.97 else self.random.randrange(2, 4)
        return self.random.randrange(count)

    def _flags(self, parameter: Parameter) -> int:
        random, abi = self.random, parameter.abi
        assert isinstance(abi, Flags)
        if parameter.type_name == "RightsSet":
            common = random.choice(COMMON_RIGHTS)
            return common & ~WRITE if self.kind == DIRECTORY and random.random() < 0.8 else common
        odds = FLAG_ODDS.get(parameter.name, FLAG_ODDS.get(abi.title, {}))
        found = sum(1 << bit for bit, name in enumerate(abi.names) if random.random() < odds.get(name, 0.1))
        if abi.title == "oflags" and self.kind == DIRECTORY and random.random() < 0.7:
            found = random.choice((0, 1 << abi.names.index("directory")))
        return found

    def _subscriptions(self) -> list[dict[str, Any]]:
        """A clock that is due soon, so that nothing waits for ever, and descriptors of files, which are always ready."""
        random = self.random
        absolute = random.random() < 0.2
        found: list[dict[str, Any]] = [
            {"clock": random.randrange(2), "timeout": random.randrange(3 if absolute else WAIT), "flags": int(absolute),
             "user": random.randrange(1 << 64)}
        ]  # fmt: skip
        if random.random() < 0.3:
            found.clear()
        files = self.model.descriptors(FILE)
        for _ in range(random.randrange(MOST_SUBSCRIPTIONS - 5)):
            fd = {"of": random.choice(files)} if files and random.random() < 0.9 else NEVER_OPEN
            found.append({"fd": fd, "for": random.choice(("read", "write")), "user": random.randrange(1 << 64)})
        if len(found) > 1 and "clock" in found[0] and not absolute:
            found[0]["timeout"] = 0  # else it would be a race, between the clock and whoever looks at the files
        random.shuffle(found)
        return found
