"""A program in a process: linked, run to its end or called function by function.

`Guest` joins the three things that a running program is: a kernel process, an engine's store and instance, and the host
functions between them. What ended it comes out as an `Ending` (`agave_wasi.result`) or, from a library call, as the
exception itself.
"""

from __future__ import annotations

from agave_wasi.engines.base import RESUME, EngineError, HostFunction, LinkError
from agave_wasi.engines.interrupt import Watch
from agave_wasi.hostcall import HostCalls
from agave_wasi.preview1.errno import NUMBERS
from agave_wasi.preview1.interface import INTERFACES, UNSTABLE_MODULE, callbacks, function_names
from agave_wasi.vdso import HOT, Switch
from kernel_sim.clock import InstructionClock
from kernel_sim.sched import Scheduler
from kernel_sim.syscalls import Syscalls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from agave_wasi.binary.outline import Item, Outline
    from agave_wasi.components import LiveComponent
    from agave_wasi.engines import capi
    from agave_wasi.engines.base import Call, Callback, CoreEngine, Instance, StoreLimits
    from agave_wasi.loader import Loader, Program
    from kernel_sim.kernel import Kernel
    from kernel_sim.process import Process
    from kernel_sim.trace import Event, Tracer
    from kernel_sim.wait import Wait

    Imports = dict[tuple[str, str], HostFunction | capi.Extern]
    Custom = Mapping[tuple[str, str], Callable[["Guest"], HostFunction]]


class Guest:
    """A program with its process. `sink` gets trace events, `trace_syscalls` adds the nested ones.

    `custom` makes host functions for imports beyond WASI; each is given the guest that it is for. `interfaces` are classes of
    the embedder's by the interface that they provide to components. With `fast`, hot calls may be answered beside the host
    functions; whoever wraps those turns it off. With `waits_inline` it can't be suspended, and its
    functions may be called by the engine's plain calls.
    """

    def __init__(
        self,
        kernel: Kernel,
        process: Process,
        loader: Loader,
        limits: StoreLimits,
        scheduler: Scheduler | None = None,
        sink: Callable[[Event], None] | None = None,
        trace_syscalls: bool = False,
        custom: Custom | None = None,
        interfaces: Mapping[str, type] | None = None,
    ) -> None:
        self.kernel = kernel
        self.process = process
        self.loader = loader
        self.scheduler = scheduler or Scheduler(kernel)
        self.store = loader.engine.store(limits)
        self.store.inline_wait = self._wait_inline
        self.custom: Custom = custom or {}
        self.interfaces = interfaces or {}
        self.libraries: dict[str, tuple[Program, Instance]] = {}
        self._handed_on: dict[tuple[str, str], Item] = {}
        self.instance: Instance | None = None
        self.component: LiveComponent | None = None
        self.program: Program | None = None
        self.tracer: Tracer | None = None
        self.fast = True
        self.waits_inline = False
        self.switch: Switch | None = None
        self._door = self._make_door(sink, trace_syscalls)
        clock = kernel.clock
        self._driven = clock if isinstance(clock, InstructionClock) else None
        if self._driven is not None:
            self._driven.attach(self.retired)

    def _make_door(self, sink: Callable[[Event], None] | None, trace_syscalls: bool) -> Syscalls:
        kind: type[Syscalls] = Syscalls
        if self.process.strict:
            from kernel_sim.syscalls.table import strict

            kind = strict(kind)  # type: ignore[assignment]  # a subclass of what was given
        if sink is not None:
            from kernel_sim import trace

            self.tracer = trace.Tracer(self.kernel, self.process.pid, sink)
            if trace_syscalls:
                kind = trace.traced(kind, self.tracer)
        return self.kernel.door(self.process, kind)

    def retired(self) -> int:
        """How many instructions the CPU model has executed; 0 where it doesn't count."""
        return self.store.retired()

    # Linking

    def add_library(self, name: str, program: Program) -> None:
        """Instantiate a module whose exports satisfy imports from `name`."""
        self.libraries[name] = program, self._instantiate(program)
        self._handed_on |= {(name, each.name): each.origin for each in program.outline.exports if each.origin is not None}

    def load(self, program: Program) -> Instance:
        """Instantiate the main module; its start function, if it has one, runs."""
        self.program = program
        self.instance = self._instantiate(program)
        return self.instance

    def _instantiate(self, program: Program) -> Instance:
        imports, host = self._link(program)
        self.store.collects |= program.outline.collects
        # Wasm of ours round host calls would be counted as fuel, so a guest that counts waits on the spot.
        direct = self.waits_inline or program.outline.has_start or self.loader.engine.config.fuel
        try:
            switch = self._switch(program, host)
            instance = self.store.instantiate(program.module, imports, host, self.loader.compile, direct, switch)
        except EngineError as error:
            raise refused(program.name, error, self.store.limits) from None
        return instance

    def _switch(self, program: Program, host: HostCalls | None) -> Switch | None:
        """What makes the main module's hot calls fast, where nobody listens to them and their state can be shared."""
        from kernel_sim.vdso import suits

        if not self.loader.engine.has_fast_calls:
            return None
        if not self.fast or host is None or program is not self.program or self.tracer is not None:
            return None
        if not suits(self.kernel, self.process) or self.store.table_room < len(HOT):
            return None
        if program.outline.has_start or self.loader.engine.config.fuel:
            return None
        if any(self._origin(item).module == UNSTABLE_MODULE for item in program.outline.imports):
            return None
        self.switch = Switch(self.kernel, self.loader, host)
        return self.switch

    def unsatisfied(self, outline: Outline) -> list[str]:
        """What of a module's imports can't be had here, a line each with the cure; nothing is instantiated."""
        return self._resolve(outline)[2]

    def _link(self, program: Program) -> tuple[Imports, HostCalls | None]:
        """Everything that the module imports; LinkError names what can't be had."""
        imports, host, missing = self._resolve(program.outline)
        if missing:
            raise LinkError(f"{program.name} can't be linked:\n" + "\n".join(f"  {line}" for line in missing))
        return imports, host

    def _resolve(self, outline: Outline) -> tuple[Imports, HostCalls | None, list[str]]:
        imports: Imports = {}
        missing: list[str] = []
        host: HostCalls | None = None
        linked: dict[str, tuple[dict[str, Any], Mapping[str, tuple[str, str, bool]]]] = {}
        for item in outline.imports:
            origin = self._origin(item)
            interface = INTERFACES.get(origin.module)
            if interface is not None and (origin.module, origin.name) not in self.custom:
                if origin.module not in linked:
                    code = callbacks(interface, self.tracer is not None)
                    methods = interface(self._door)
                    host = self._host_calls({name: getattr(methods, name) for name in function_names(interface)})
                    linked[origin.module] = code.link(host), code.types
                found, types = linked[origin.module]
                if item.kind == "func" and origin.name in types:
                    parameters, results, blocking = types[origin.name]
                    _check_type(item, parameters, results, missing)
                    function = HostFunction(parameters, results, found[origin.name], blocking, origin.name)
                    imports[item.module, item.name] = function
                    imports[RESUME] = HostFunction("", "i", found["resume"])
                    continue
            self._link_other(item, imports, missing)
        if len(linked) > 1:
            missing.append(f"it mixes {' and '.join(linked)}, whose layouts differ; build it for one of them")
        return imports, host, missing

    def _origin(self, item: Item) -> Item:
        """Where an import comes from in the end: a library may hand on what it imports itself.

        A function of WASI's works on the memory of the module that calls it, so each module has one of its own.
        """
        while item.module not in INTERFACES and (item.module, item.name) not in self.custom:
            origin = self._handed_on.get((item.module, item.name))
            if origin is None:
                break
            item = origin
        return item

    def _host_calls(self, methods: dict[str, Callable[..., object]]) -> HostCalls:
        host = HostCalls(self.process, methods, NUMBERS)
        if self.tracer is not None:
            host.enter, host.leave, host.leave_error = self.tracer.enter, self.tracer.leave, self.tracer.leave_error
        return host

    def _link_other(self, item: Item, imports: Imports, missing: list[str]) -> None:
        """An import that isn't WASI's: a host function of the embedder's, or an export of a library."""
        make = self.custom.get((item.module, item.name))
        if make is not None:
            function = make(self)
            _check_type(item, function.parameters, function.results, missing)
            imports[item.module, item.name] = function
            return
        library = self.libraries.get(item.module)
        export = library[1].get_export(item.name) if library is not None else None
        if export is not None:
            imports[item.module, item.name] = export
            return
        from agave_wasi.explain import missing_import

        missing.append(missing_import(item.module, item.name, item.kind))

    # Running

    def watch(self, timeout: float | None) -> Watch:
        """What to load and call under, so that Ctrl-C and the `timeout` (in seconds) can stop the guest."""
        return Watch(self.store, timeout)

    def started(self) -> Instance:
        """The instance, whose start function is over; EngineError before."""
        if self.instance is None:
            raise EngineError("the guest's start function runs: its memory and its exports can't be reached before it is over")
        return self.instance

    def call(self, name: str, arguments: tuple[Any, ...] = ()) -> tuple[int | float, ...]:
        """Call an export and run the world until it returns; raises whatever ended the guest instead."""
        self.store.require_open()
        call = self.started().start_call(name, arguments)
        if self.store.depth:  # a host function of this guest calls back into it
            call.resume()
        else:
            self.finish(call)
        return call.results

    def finish(self, call: Call) -> None:
        """Run the world until a call of this guest is over; raises what ended it."""
        task = self.scheduler.add(self.process, call)
        try:
            self.scheduler.run(until=task)
        except BaseException:
            self.scheduler.kill(task)
            call.cancel()
            raise

    def core_engine(self, compile: Callable[..., Any], resume: Callback) -> CoreEngine:
        """What instantiates the core modules of a component here; `resume` starts a parked call again."""
        return self.store.core(compile, self.finish, resume)

    def make_host(self, kind: type) -> Any:
        """An implementation of an interface for this process: WASI's on the kernel, or an embedder's own."""
        return kind() if kind in self.interfaces.values() else kind(self._door)

    def _wait_inline(self, wait: Wait) -> None:
        """The guest can't be suspended here: run the others, and let time pass, until its wait is over."""
        self.scheduler.wait_here(self.process, wait)

    def close(self) -> None:
        """End the process: descriptors are closed, the store is freed. EngineError while it runs."""
        self.store.require_idle()
        if self.tracer is not None:
            self.tracer.finish()
        if self.switch is not None:
            self.switch.close()
            self.switch = None
        self.kernel.reap(self.process)
        if self._driven is not None:
            self._driven.detach(self.retired)
            self._driven = None
        self.store.close()
        self.store.inline_wait = None  # without cycles everything is given back now, and not when garbage is collected
        self.instance = self.program = self.component = None
        self.libraries = {}


def refused(name: str, error: EngineError, limits: StoreLimits) -> LinkError:
    """What to say when the engine won't instantiate a program."""
    lines = [line.strip() for line in str(error).splitlines()]
    causes = "; ".join(line for line in lines if line and line != "Caused by:")
    if "exceeds memory limits" in causes:
        causes = f"it begins with more memory than {limits.memory} bytes; allow more (--max-memory): {causes}"
    return LinkError(f"{name} can't be instantiated: {causes}")


def _check_type(item: Item, parameters: str, results: str, missing: list[str]) -> None:
    """A function import must have the type of what satisfies it."""
    if item.kind != "func" or (item.type is not None and item.type != (parameters, results)):
        have = _shown(item.type) if item.kind == "func" and item.type else item.kind
        missing.append(f"{item.module}.{item.name}: the module wants {have}, but it is {_shown((parameters, results))}")


def _shown(type: tuple[str, str]) -> str:
    names = {"i": "i32", "I": "i64", "f": "f32", "F": "f64"}
    parts = [" ".join(names[letter] for letter in part) or "nothing" for part in type]
    return f"a function ({parts[0]}) -> {parts[1]}"
