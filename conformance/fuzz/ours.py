"""The fuzzer's guest on agave-wasi: a fresh world with an empty folder in memory as its `/`."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import addressof, c_char
from functools import cache
from typing import Any

from agave_wasi import GuestTrap, Mount, World
from agave_wasi.engines import capi
from agave_wasi.engines.wasmtime_instance import Instance
from agave_wasi.engines.wasmtime_store import Store
from agave_wasi.loader import Program
from agave_wasi.program import Guest
from conformance.calls.trees import Snapshot, of_inode
from conformance.fuzz.guest import wasm
from conformance.fuzz.side import Answer, Direct, Ended, Side
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
def _program(engine: str) -> Program:
    """The guest, which all worlds of an engine load once."""
    with World(engine=engine) as world:
        return world.load(wasm())


def ended(ending: BaseException) -> Ended:
    """How a call of ours has ended that didn't return."""
    match ending:
        case GuestTrap():
            return Ended("trap", ending.message)
        case ProcessExit():
            return Ended("exit", code=ending.code)
    return Ended("bug", f"{type(ending).__name__}: {ending}")


class InWorld(Side):
    """agave-wasi's side, whoever executes its guest."""

    title = "agave-wasi"

    def open(self, strict_rights: bool, engine: str = "wasmtime") -> int:
        """Begin; the address of the guest's memory."""
        self.world = InlineWorld(env=ENV, mounts=[Mount("/", mode="memory")], strict_rights=strict_rights, engine=engine)
        try:
            self.live = self.world.instantiate(_program(engine), ARGS, b"")
        except BaseException:
            self.world.close()
            raise
        guest = self.guest = self.live._guest
        assert guest.instance is not None
        self.store = guest.store
        self.instance = guest.instance
        tree = dict(self.world.preopens)[b"/"]
        assert isinstance(tree, Directory)
        self.top = tree
        self.argv = [each.decode() for each in guest.process.argv]
        return addressof(c_char.from_buffer(self.instance.memory()))

    @property
    def span(self) -> tuple[int, int]:
        return SPAN

    def tree(self) -> Snapshot:
        return of_inode(self.top)

    def close(self) -> None:
        self.live.close()
        self.world.close()


class Ours(InWorld, Direct):
    """The one on wasmtime."""

    store: Store
    instance: Instance

    def __init__(self, strict_rights: bool = False) -> None:
        base = self.open(strict_rights)
        Direct.__init__(self, self.store.context, base)
        self.exports: dict[str, capi.Extern] = {}

    def address(self, name: str) -> int:
        export = self.exports[name] = self.instance.export(name)  # kept, for the address is one inside of it
        return addressof(export.of.func)

    def ending(self, trap: int | None, error: int | None) -> Ended:
        try:
            self.store.finish(trap, error)
        except (Exception, ProcessExit) as ending:
            return ended(ending)
        return Ended("bug", "a call ended with nothing to say why")


class OnModel(InWorld):
    """The one on the CPU model, which comes out of a call that waits."""

    def __init__(self, strict_rights: bool = False) -> None:
        Side.__init__(self, self.open(strict_rights, "x86"))

    def call(self, name: str, slots: Sequence[int]) -> Answer:
        try:
            call = self.instance.start_call(name, tuple(slots))
            while (wait := call.resume()) is not None:
                self.guest.scheduler.wait_here(self.guest.process, wait)
        except (Exception, ProcessExit) as ending:
            return ended(ending)
        return int(call.results[0]) & 0xFFFF_FFFF if call.results else 0


ENGINES: dict[str, type[Ours] | type[OnModel]] = {"wasmtime": Ours, "x86": OnModel}
"""agave-wasi's sides by the names of engines."""
