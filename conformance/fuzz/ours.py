"""The fuzzer's guest on agave-wasi: a fresh world with an empty folder in memory as its `/`."""

from __future__ import annotations

from ctypes import addressof, c_char
from functools import cache
from typing import Any

from agave_wasi import GuestTrap, Mount, World
from agave_wasi.engines import capi
from agave_wasi.loader import Program
from agave_wasi.program import Guest
from conformance.calls.trees import Snapshot, of_inode
from conformance.fuzz.guest import wasm
from conformance.fuzz.side import Direct, Ended
from kernel_sim.clock import DEFAULT_START
from kernel_sim.errors import ProcessExit
from kernel_sim.fs.inode import Directory

ARGS = ("one", "two words")
ENV = {"LANG": "C", "EMPTY": ""}
SPAN = DEFAULT_START, DEFAULT_START + 10**15
"""When files of a run can have been touched."""


class InlineWorld(World):
    """A world whose guests wait on the spot, so that they can be called without a fiber round them."""

    def start(self, *arguments: Any, **options: Any) -> Guest:
        """As `World.start`."""
        guest = super().start(*arguments, **options)
        guest.waits_inline = True
        return guest


@cache
def _program() -> Program:
    """The guest, which all worlds load once."""
    with World() as world:
        return world.load(wasm())


class Ours(Direct):
    """agave-wasi's side."""

    title = "agave-wasi"

    def __init__(self, strict_rights: bool = False) -> None:
        self.world = InlineWorld(env=ENV, mounts=[Mount("/", mode="memory")], strict_rights=strict_rights)
        try:
            self.live = self.world.instantiate(_program(), ARGS, b"")
        except BaseException:
            self.world.close()
            raise
        guest = self.live._guest
        assert guest.instance is not None
        self.store = guest.store
        self.instance = guest.instance
        memory = self.instance.memory()
        super().__init__(self.store.context, addressof(c_char.from_buffer(memory)))
        self.exports: dict[str, capi.Extern] = {}
        tree = dict(self.world.preopens)[b"/"]
        assert isinstance(tree, Directory)
        self.top = tree
        self.argv = [each.decode() for each in guest.process.argv]

    def address(self, name: str) -> int:
        export = self.exports[name] = self.instance.export(name)  # kept, for the address is one inside of it
        return addressof(export.of.func)

    def ending(self, trap: int | None, error: int | None) -> Ended:
        try:
            self.store.finish(trap, error)
        except GuestTrap as ending:
            return Ended("trap", ending.message)
        except ProcessExit as ending:
            return Ended("exit", code=ending.code)
        except Exception as ending:
            return Ended("bug", f"{type(ending).__name__}: {ending}")
        return Ended("bug", "a call ended with nothing to say why")

    @property
    def span(self) -> tuple[int, int]:
        return SPAN

    def tree(self) -> Snapshot:
        return of_inode(self.top)

    def close(self) -> None:
        self.live.close()
        self.world.close()
