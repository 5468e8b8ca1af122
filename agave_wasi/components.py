"""A component in a process: loaded, linked to the kernel through Preview 2 and to other components, run to its end."""

from __future__ import annotations

from marshal import dumps, loads

from agave_wasi import __version__
from agave_wasi.abi.memory import Trap
from agave_wasi.binary.outline import Needs, Outline, needs
from agave_wasi.binary.reader import MalformedModule
from agave_wasi.component.binary import decode
from agave_wasi.component.bind import HostSupplier
from agave_wasi.component.canon import Calls
from agave_wasi.component.handles import Resource
from agave_wasi.component.linker import GuestFunc, Instance, Linker
from agave_wasi.component.model import CoreModule, Import, Nested
from agave_wasi.component.types import Err, Ok, Result, WitError
from agave_wasi.engines.base import EngineError, GuestTrap, LinkError
from agave_wasi.loader import BadProgram, Program
from agave_wasi.nearest import unknown
from agave_wasi.preview2 import INTERFACES
from agave_wasi.witparse.versions import canonical
from kernel_sim.errors import ProcessExit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from agave_wasi.cache import CodeCache
    from agave_wasi.component.model import Component
    from agave_wasi.component.types import ValType
    from agave_wasi.engines.base import Engine
    from agave_wasi.loader import Loader
    from agave_wasi.program import Guest
    from kernel_sim.trace import Tracer

RUN = "wasi:cli/run@0.2"
VALID = f"valid-components-{__version__}"
"""Where the cache remembers which components are valid, by this release's rules, and what their core modules need."""
MARSHAL_VERSION = 4
"""What every Python reads."""
EXIT_FAILURE = 1
"""What a command ends with whose `run` answers an error, as a process does that returns from main with one."""


class ComponentProgram(Program):
    """A component ready to be instantiated. Its core modules are compiled when it is linked; as a module it has nothing."""

    __slots__ = ("component", "modules", "supplied", "needs", "digest")

    is_component = True

    def __init__(self, name: str, wasm: bytes, component: Component, key: str) -> None:
        self.name = name
        self.wasm = wasm
        self.outline = Outline([], [], False)
        self.component = component
        self.modules: dict[Engine, dict[Any, Any]] = {}
        self.supplied: dict[tuple[tuple[str, type], ...], dict[str, Mapping[str, Any]]] = {}
        self.needs: dict[int, Needs] = {}
        self.digest = key

    def imports(self) -> list[str]:
        """The names of what it imports, with their versions."""
        return [each.name for each in self.component.definitions if isinstance(each, Import)]

    def compiled(self, engine: Engine) -> Iterator[tuple[int | None, bytes, Any]]:
        """What was compiled of it for an engine: each core module by its number, and adapters; with what it was made of."""
        made = self.modules.get(engine, {})
        for number, module in enumerate(_modules(self.component)):
            if module.offset in made:
                yield number, bytes(module.binary), made[module.offset].module
        yield from ((None, key, module) for key, module in made.items() if isinstance(key, bytes))

    def modules_within(self) -> Iterator[tuple[str, bytes]]:
        """Its core modules and those of the components within, numbered in the order of the file."""
        for number, module in enumerate(_modules(self.component)):
            yield f"module {number}", bytes(module.binary)

    def core_modules(self) -> Iterator[CoreModule]:
        """The same as they are in the file."""
        return _modules(self.component)

    def name_of(self, module: object) -> str | None:
        """As `Program.name_of`, by the numbers of `modules_within`."""
        for number, each in enumerate(_modules(self.component)):
            if any(each.offset in made and made[each.offset].module is module for made in self.modules.values()):
                return f"module {number}"
        return None

    def compile(self, loader: Loader, binary: bytes | memoryview, offset: int) -> Any:
        """Its core module at `offset` as code for the loader's engine, cached as for a run. BadProgram."""
        return _compiler(loader, self)(binary, offset)


def _modules(component: Component) -> Iterator[CoreModule]:
    for each in component.definitions:
        if isinstance(each, CoreModule):
            yield each
        elif isinstance(each, Nested):
            yield from _modules(each.component)


def load(wasm: bytes, name: str, cache: CodeCache, key: str) -> ComponentProgram:
    """The component in `wasm`, whose digest is `key`; BadProgram with offset and reason if it is malformed or invalid.

    What has been found valid once isn't validated again: the cache remembers it, and what its core modules need.
    """
    try:
        program = ComponentProgram(name, wasm, decode(wasm), key)
        known = _remembered(cache, key)
        if known is None:
            from agave_wasi.component.validate import validate

            validate(program.component)
            known = {each.offset: needs(each.binary) for each in _modules(program.component)}
            cache.store(VALID, key, dumps({offset: each.as_data() for offset, each in known.items()}, MARSHAL_VERSION))
        program.needs = known
    except MalformedModule as error:
        raise BadProgram(f"{name}: {error}") from None
    return program


def _remembered(cache: CodeCache, key: str) -> dict[int, Needs] | None:
    """What the core modules of a component need that has been found valid."""
    path = cache.find(VALID, key)
    try:
        if path is not None:
            with open(path, "rb") as file:
                return {offset: Needs(*each) for offset, each in loads(file.read()).items()}
    except (OSError, EOFError, ValueError, TypeError, AttributeError):  # gone, or not what was written here
        pass
    return None


class LiveComponent:
    """A component that is instantiated in a guest's process, behind those that `libraries` link to its imports by name.

    LinkError names every import that can't be had. `calling` is the function that is being called from outside.
    """

    __slots__ = ("guest", "program", "instance", "calls", "calling")

    def __init__(self, guest: Guest, program: Program, libraries: Mapping[str, Program]) -> None:
        assert isinstance(program, ComponentProgram)
        self.guest = guest
        guest.component = self
        self.program: ComponentProgram = program
        self.calling: GuestFunc | None = None
        self.calls = Calls(guest.process, guest.tracer is not None)
        self.calls.store, self.calls.suspend = guest.store, guest.store.suspend
        if guest.tracer is not None:
            _trace(self.calls, guest.tracer)
        linked: dict[str, Mapping[str, Any]] = {}
        for name, library in _linkable(program, libraries).items():
            linked[canonical(name)] = _offered(self._instantiate(library, linked), name)
        self.instance = self._instantiate(program, linked)

    def _instantiate(self, program: ComponentProgram, linked: Mapping[str, Mapping[str, Any]]) -> Instance:
        guest = self.guest
        loader = guest.loader
        engine = guest.core_engine(_compiler(loader, program), self.calls.resume)
        kept = program.supplied.setdefault(tuple(guest.interfaces.items()), {})
        supplier = HostSupplier((guest.interfaces, INTERFACES), guest.make_host, linked, kept)
        modules = program.modules.setdefault(guest.loader.engine, {})
        linker = Linker(engine, self.calls, modules, program.needs)
        try:
            instance = linker.instantiate(program.name, program.component, supplier)
            supplier.require_all()
        except LinkError as error:
            lines = "".join(f"\n  {line.strip()}" for line in str(error).splitlines())
            raise LinkError(f"{program.name} can't be linked:{lines}") from None
        except EngineError as error:
            from agave_wasi.program import refused

            raise refused(program.name, error, guest.store.limits) from None
        return instance

    def functions(self) -> Iterator[tuple[str, str, GuestFunc]]:
        """The exported functions as (interface, name, function); the interface of those outside of any is empty."""
        for name, item in self.instance.exports.items():
            if isinstance(item, GuestFunc):
                yield "", name, item
            elif isinstance(item, dict):
                for inner, function in item.items():
                    if isinstance(function, GuestFunc):
                        yield name, inner, function

    def function(self, name: str) -> GuestFunc:
        """An exported function by `name`, or `interface#name`; the version of the interface may be left out.

        BadProgram if there is none, or if several interfaces have one.
        """
        interface, _, wanted = name.rpartition("#")
        found = {}
        for owner, each, function in self.functions():
            if each == wanted and (not interface or interface in (owner, owner.partition("@")[0], canonical(owner))):
                found[f"{owner}#{each}" if owner else each] = function
        if wanted in found:
            return found[wanted]
        if len(found) > 1:
            raise BadProgram(f"{self.program.name} exports several functions {wanted}: {', '.join(found)}")
        if not found:
            names = [f"{owner}#{each}" if owner else each for owner, each, _ in self.functions()]
            offered = f"it exports {', '.join(names[:12])}" if names else "it exports no function at all"
            near = [each for _, each, _ in self.functions()] if not interface else names
            raise BadProgram(unknown(f"{self.program.name} exports no function", name, near, offered))
        return next(iter(found.values()))

    def call(self, function: GuestFunc, values: tuple[Any, ...]) -> Any:
        """Call an exported function; what is wrong in the canonical ABI ends the guest, as any trap does."""
        return self.within(function, lambda: function.callable()(*values))

    def within(self, function: GuestFunc, call: Callable[[], Any]) -> Any:
        """What `call` gives, which is a call of that function, or the rest of one."""
        before, self.calling = self.calling, function
        try:
            value = call()
        except Trap as error:
            raise GuestTrap(str(error), [], "abi") from error
        self.calling = before
        return value

    def drop(self, resource: Resource) -> None:
        """Drop a guest's resource that the host owns: its destructor runs."""
        try:
            Resource.drop(resource)
        except Trap as error:
            raise GuestTrap(str(error), [], "abi") from error


def _linkable(program: ComponentProgram, libraries: Mapping[str, Program]) -> dict[str, ComponentProgram]:
    """The libraries by the imports they are linked to; LinkError for a module, and where nothing after it imports that."""
    found: dict[str, ComponentProgram] = {}
    for name, library in libraries.items():
        if not isinstance(library, ComponentProgram):
            raise LinkError(f"{library.name} is a core module; only a component can be linked to the import {name}")
        found[name] = library
    users = [*found.values(), program]
    for place, name in enumerate(found, 1):
        imports = dict.fromkeys(each for user in users[place:] for each in user.imports())
        if not any(canonical(name) in (canonical(each), each.partition("@")[0]) for each in imports):
            offered = f"it imports {', '.join(imports)}" if imports else "it imports nothing at all"
            raise LinkError(unknown(f"--link: {program.name} has no import", name, imports, offered))
    return found


def _offered(instance: Instance, name: str) -> Mapping[str, Any]:
    """What a linked component gives for the import `name`: its export of that name, or all of them."""
    for each, item in instance.exports.items():
        if isinstance(item, dict) and (canonical(name) == canonical(each) or name == each.partition("@")[0]):
            return item
    return instance.exports


def _trace(calls: Calls, tracer: Tracer) -> None:
    """Let a tracer have the calls of a component, as plain data."""
    from agave_wasi.component.shown import error_of, plain

    def enter(name: str, arguments: dict[str, object]) -> None:
        tracer.enter(name, {key: plain(value) for key, value in arguments.items()})

    def leave(result: dict[str, object]) -> None:
        error = error_of(result.get("result"))
        if error is not None:
            tracer.leave_error(error)
            return
        value = result.get("result")
        if isinstance(value, Ok):
            result = {} if value.value is None else {"result": value.value}
        tracer.leave({key: plain(each) for key, each in result.items()})

    calls.enter, calls.leave = enter, leave


def _compiler(loader: Loader, program: ComponentProgram) -> Callable[[bytes | memoryview, int | None], Any]:
    def compile(binary: bytes | memoryview, offset: int | None) -> Any:
        if offset is None:
            return loader.compile(binary)
        return loader.compile(binary, program.name, f"{program.digest}-{offset:x}")

    return compile


def run_component(
    guest: Guest, program: Program, libraries: Mapping[str, Program], invoke: tuple[str, tuple[Any, ...]] | None
) -> tuple[Any, ...]:
    """Instantiate a component and run it as a command, or call what `invoke` says: a call in WAVE, whose result is shown so.

    ProcessExit with 1 if `run` answers an error.
    """
    return run_live(LiveComponent(guest, program, libraries), invoke)


def run_live(live: LiveComponent, invoke: tuple[str, tuple[Any, ...]] | None) -> tuple[Any, ...]:
    """The same of one that has been instantiated."""
    function, values = called(live, invoke)
    return told(function, invoke is not None, lambda: live.call(function, values))


def called(live: LiveComponent, invoke: tuple[str, tuple[Any, ...]] | None) -> tuple[GuestFunc, tuple[Any, ...]]:
    """The function that a run calls, and its arguments; BadProgram if it isn't there, or they don't fit."""
    if invoke is not None:
        from agave_wasi.wave.parse import WaveError, arguments, function_name

        try:
            function = live.function(function_name(invoke[0]))
            return function, tuple(arguments(invoke[0], function.type))
        except WaveError as error:
            raise BadProgram(str(error)) from None
    run = next((each for owner, name, each in live.functions() if canonical(owner) == RUN and name == "run"), None)
    if run is None:
        offered = ", ".join(sorted(live.instance.exports)) or "nothing"
        raise BadProgram(f"{live.program.name} doesn't export wasi:cli/run, so it isn't a command; it exports {offered}")
    return run, ()


def told(function: GuestFunc, invoked: bool, call: Callable[[], Any]) -> tuple[Any, ...]:
    """What a run shows that makes this `call` of a function: its result in WAVE if it was `invoked`, else nothing.

    ProcessExit with 1 if a command answers an error.
    """
    if not invoked:
        try:
            call()
        except WitError:
            raise ProcessExit(EXIT_FAILURE) from None
        return ()
    from agave_wasi.wave.show import show

    type = function.type.result
    value = result_of(type, call)
    return () if type is None else (show(value, type),)


def result_of(type: ValType | None, call: Callable[[], Any]) -> Any:
    """The whole result of a call, also where it is an error."""
    try:
        value = call()
    except WitError as error:
        return Err(error.value)
    return Ok(value) if isinstance(type, Result) else value
