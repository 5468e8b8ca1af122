"""The suite's table of arguments that break the ABI (preview1/traps.toml) as trials: one for each function.

Only a child imports this, when the mutant is in place. Where a row allows an errno beside a trap, others have looked at
something else before; here everything is checked first, and it is the trap that must come.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any

from agave_wasi import GuestTrap, LiveInstance, World
from agave_wasi.preview1.errno import NAMES
from conformance.suites.trap_reference import SUITE, rows

FILE = 4
"""The descriptor of the open file, which the table calls "file"."""
READ_WRITE = 1 << 1 | 1 << 6
LOOKS_LATER = ("poll_oneoff",)
"""What is unknown in memory is INVAL there, as the reference has it."""
ZEROS = (0x600, 48)
"""Where the table wants zeros in memory, and how many."""


@dataclass(frozen=True)
class Table:
    """The rows of one function; `setup` is the world of each."""

    function: str
    setup: dict[str, Any]
    entry: dict[str, Any]

    @property
    def name(self) -> str:
        """What it is called among the trials."""
        return f"traps of {self.function}"

    def complaint(self) -> str:
        """Which row doesn't hold; "" if all do."""
        for _, arguments, pokes, expected, why in rows({self.function: self.entry}):
            try:
                got = self._outcome(arguments, pokes)
            except Exception as error:  # a bug that the row has found
                return f"{why}: {type(error).__name__}: {error}"
            allowed = expected.split("|")
            if "trap" in allowed and self.function not in LOOKS_LATER:
                allowed = ["trap"]
            if got not in allowed:
                return f"{why}: {got}, expected {expected}"
        return ""

    def _outcome(self, arguments: list[Any], pokes: list[list[Any]]) -> str:
        """An errno's name, "exit N" or "trap"; and whether something has changed before the trap."""
        setup = self.setup
        with World(setup["files"], env=setup["env"]) as world:
            root = world.kernel.root
            for name, target in setup["links"].items():
                root.symlink(name.encode(), target.encode())
            for name in setup["directories"]:
                root.make_directory(name.encode())
            live = world.instantiate(str(SUITE / "raw_calls.wasm"), setup["args"][1:], setup["stdin"])
            try:
                return self._called(live, arguments, pokes)
            finally:
                live.close()

    def _called(self, live: LiveInstance, arguments: list[Any], pokes: list[list[Any]]) -> str:
        for at, text in self.setup["memory"]:
            live.write(at, bytes.fromhex(text))
        live.write(ZEROS[0], bytes(ZEROS[1]))
        assert live.call("path_open", 3, 0, 0x500, 1, 0, READ_WRITE, READ_WRITE, 0, 0x300) == 0
        assert live.read(0x300, 4) == FILE.to_bytes(4, "little")
        for at, text in pokes:
            live.write(at, bytes.fromhex(text))
        before = live.read(0, self.setup["memory_size"])
        try:
            answer = live.call(self.function, *[FILE if each == "file" else each for each in arguments])
            assert isinstance(answer, int)
            return NAMES[answer]
        except GuestTrap as trap:
            if trap.code != "abi":
                return f"a trap of another kind: {trap.code}"
            return "trap" if live.read(0, len(before)) == before else "a trap that has changed memory"
        except RuntimeError as error:
            return str(error).replace("the program exited with code", "exit")


def tables() -> list[Table]:
    """One for each function."""
    found = tomllib.loads((SUITE / "traps.toml").read_text(encoding="utf-8"))
    setup = found.pop("setup")
    return [Table(function, setup, entry) for function, entry in found.items()]
