"""A component in a process: loaded, linked to the kernel through Preview 2, run to its end or called function by function."""

from __future__ import annotations

from agave_wasi.binary.outline import Outline
from agave_wasi.component.binary import decode
from agave_wasi.component.bind import HostSupplier
from agave_wasi.component.canon import Calls
from agave_wasi.component.linker import GuestFunc, Instance, Linker
from agave_wasi.component.types import WitError
from agave_wasi.engines.base import LinkError
from agave_wasi.engines.wasmtime_core import WasmtimeCore
from agave_wasi.loader import BadProgram, Program
from agave_wasi.preview2 import INTERFACES
from agave_wasi.witparse.versions import canonical
from kernel_sim.errors import ProcessExit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from agave_wasi.component.model import Component
    from agave_wasi.engines.wasmtime_engine import Module
    from agave_wasi.loader import Loader
    from agave_wasi.program import Guest

RUN = "wasi:cli/run@0.2"
EXIT_FAILURE = 1
"""What a command ends with whose `run` answers an error, as a process does that returns from main with one."""


class ComponentProgram(Program):
    """A component ready to be instantiated. Its core modules are compiled when it is linked; as a module it has nothing."""

    __slots__ = ("component",)

    is_component = True

    def __init__(self, name: str, wasm: bytes, component: Component) -> None:
        self.name = name
        self.wasm = wasm
        self.outline = Outline([], [], False)
        self.component = component


def load(wasm: bytes, name: str) -> ComponentProgram:
    """The component in `wasm`; BadProgram with offset and reason if it is malformed."""
    from agave_wasi.binary.reader import MalformedModule

    try:
        return ComponentProgram(name, wasm, decode(wasm))
    except MalformedModule as error:
        raise BadProgram(f"{name}: {error}") from None


class LiveComponent:
    """A component that is instantiated in a guest's process."""

    __slots__ = ("guest", "instance")

    def __init__(self, guest: Guest, program: ComponentProgram) -> None:
        self.guest = guest
        calls = Calls(guest.process, guest.tracer is not None)
        calls.store, calls.suspend = guest.store, guest.store.suspend
        engine = WasmtimeCore(guest.store, _compiler(guest.loader, program.name), guest.finish, calls.resume)
        supplier = HostSupplier(INTERFACES, guest.make_host)
        self.instance: Instance = Linker(engine, calls).instantiate(program.name, program.component, supplier)
        if supplier.missing and False:
            lines = [f"  {interface}: {name}" for interface, name in supplier.missing]
            raise LinkError(f"{program.name} can't be linked:\n" + "\n".join(lines))

    def export(self, interface: str, name: str) -> GuestFunc | None:
        """A function of an exported interface, of any compatible version; None if there is none."""
        for each, item in self.instance.exports.items():
            if isinstance(item, dict) and canonical(each) == interface:
                found: GuestFunc | None = item.get(name)
                return found
        return None


def _compiler(loader: Loader, name: str) -> Callable[[bytes | memoryview], Module]:
    def compile(binary: bytes | memoryview) -> Module:
        return loader.compile(binary, name)

    return compile


def run_component(
    guest: Guest, program: Program, libraries: Mapping[str, Program], invoke: tuple[str, tuple[Any, ...]] | None
) -> tuple[Any, ...]:
    """Instantiate a command and call its `run`; ProcessExit with 1 if that answers an error."""
    assert isinstance(program, ComponentProgram)
    live = guest.component = LiveComponent(guest, program)
    run = live.export(RUN, "run")
    if run is None:
        offered = ", ".join(sorted(live.instance.exports)) or "nothing"
        raise BadProgram(f"{program.name} doesn't export wasi:cli/run, so it isn't a command; it exports {offered}")
    try:
        run.callable()()
    except WitError:
        raise ProcessExit(EXIT_FAILURE) from None
    return ()
