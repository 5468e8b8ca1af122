"""What a world is made with besides its machine: plain data, so that a snapshot can keep it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BYTES_AN_INODE = 1 << 10
FEWEST_INODES = 1 << 10
MAX_BYTES = (1 << 62) - 1
SMALLEST_STACK, LARGEST_STACK = 16 << 10, 1 << 30
"""Bytes; a guest's stack is mapped at once, so that a slip of the keyboard can't ask for the whole address space."""
LONGEST_STEP = 1_000_000_000
"""Nanoseconds; with more, a guest that looks often enough would come to the end of time."""
FASTEST = 1_000_000_000_000
"""Instructions that a second of virtual time may have."""

LIMITS: dict[str, tuple[float, float]] = {
    "fs_quota": (0, MAX_BYTES),
    "max_fds": (0, 1 << 20),
    "max_memory": (0, MAX_BYTES),
    "fuel": (0, (1 << 64) - 1),
    "max_stack": (SMALLEST_STACK, LARGEST_STACK),
    "timeout": (0, 1 << 31),
    "max_output": (0, MAX_BYTES),
    "clock_start": (0, (1 << 63) - 1),
    "clock_step": (0, LONGEST_STEP),
    "instructions": (0, (1 << 63) - 1),
    "clock_ips": (1, FASTEST),
}
"""From and to: beyond, an engine ends the process, or numbers that a guest is told would count round."""


def require_possible(name: str, value: float | None) -> None:
    """ValueError unless a limit, or a number of the clock's, is one that can be; None means that there is no limit."""
    low, high = LIMITS[name]
    if value is not None and not low <= value <= high:
        raise ValueError(f"{name} is from {low} to {high}, not {value}")


def inodes_for(fs_quota: int) -> int:
    """How many files, folders and links a file system of `fs_quota` bytes may have: they take memory, even empty ones."""
    return max(FEWEST_INODES, fs_quota // BYTES_AN_INODE)


ENGINES = ("wasmtime", "x86")
"""Who executes code: wasmtime's JIT, or the CPU model."""
DEFAULTS = {"engine": ENGINES[0], "instructions": None, "clock_ips": None, "icount": False}
"""What came later; snapshots of before don't have it."""
MOUNT_MODES = ("rw", "ro", "overlay", "memory")


class Mount:
    """A tree that the guest finds preopened as `guest`: a folder of the host, or new memory.

    `mode`: "rw" and "ro" let the guest at the folder `host`; "overlay" lets it believe so, while what it writes stays in
    memory; "memory" is an empty folder and has no `host`.
    """

    __slots__ = ("guest", "host", "mode")

    def __init__(self, guest: str, host: str | None = None, mode: str = "rw") -> None:
        if mode not in MOUNT_MODES:
            raise ValueError(f"the mode of a mount is one of {', '.join(MOUNT_MODES)}, not {mode!r}")
        if (host is None) != (mode == "memory"):
            raise ValueError(f"a mount of mode {mode} {'has no' if mode == 'memory' else 'needs a'} host folder")
        self.guest = guest
        self.host = host
        self.mode = mode


class Settings:
    """The settings of a world that aren't state of its kernel; see `World` for what they mean."""

    __slots__ = (
        "env", "realtime", "mounts", "listen", "strict_rights", "fs_quota", "max_fds", "max_memory", "fuel", "max_stack",
        "timeout", "tty", "engine", "instructions", "clock_ips", "icount",
    )  # fmt: skip

    env: dict[str, str]
    realtime: bool
    mounts: list[Mount]
    listen: list[str]
    strict_rights: bool
    fs_quota: int
    max_fds: int
    max_memory: int | None
    fuel: int | None
    max_stack: int
    timeout: float | None
    tty: bool
    engine: str
    instructions: int | None
    clock_ips: int | None
    icount: bool

    def __init__(self, **values: Any) -> None:
        for name, default in DEFAULTS.items():
            values.setdefault(name, default)
        for name in self.__slots__:
            setattr(self, name, values.pop(name))
        if values:
            raise TypeError(f"unknown settings: {', '.join(values)}")
        for name in LIMITS:
            if name in self.__slots__:
                require_possible(name, getattr(self, name))
        if self.engine not in ENGINES:
            raise ValueError(f"the engine is one of {', '.join(ENGINES)}, not {self.engine!r}")
        if self.counts and self.engine != "x86":
            raise ValueError("instructions, clock_ips and icount are for the engine that counts instructions: engine='x86'")
        if self.clock_ips is not None and self.realtime:
            raise ValueError("clock_ips makes the clock virtual, and realtime takes the host's; leave one out")
        for name, text in self.env.items():
            if not isinstance(text, str):
                raise TypeError(f"the variable {name} is text, not {text!r}")
            if not name or "=" in name:
                raise ValueError(f"{name!r} can't be the name of a variable: it is empty, or has a = in it")

    @property
    def counts(self) -> bool:
        """Must instructions be counted?"""
        return self.icount or self.instructions is not None or self.clock_ips is not None

    def plain(self) -> dict[str, Any]:
        """The settings as data that JSON can hold."""
        found = {name: getattr(self, name) for name in self.__slots__}
        found["mounts"] = [[mount.guest, mount.host, mount.mode] for mount in self.mounts]
        return found
