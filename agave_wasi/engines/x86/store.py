"""A guest's store on the CPU model: one machine for all its instances, its limits, and what crosses from a host function.

It is to `agave_wasi.program` what `agave_wasi.engines.wasmtime_store.Store` is: a host function is the same raw callback, which
finds its slots on the guest's stack, where the host sees them too. What it can't answer at once it parks: the machine stands
behind its `syscall` then, and no Python frame lies on the guest's stack.
"""

from __future__ import annotations

from ctypes import addressof, c_char

from agave_wasi.engines.base import FINAL, RESUME, EngineError, HostFunction
from agave_wasi.engines.store import GuestStore
from agave_wasi.engines.x86 import builtins, stubs
from agave_wasi.engines.x86.arena import Arena
from agave_wasi.engines.x86.context import StoreContext
from agave_wasi.engines.x86.items import Function, host_function
from agave_wasi.engines.x86.space import ARENA, ARENA_SIZE, CODE, ENTRY_SIZE, IMAGES, IMAGES_END, STACK_BEGIN, STUBS, STUBS_SIZE
from agave_wasi.engines.x86.thrown import Exceptions
from agave_wasi.engines.x86.vmctx import version
from agave_wasi.hostcall import RETRY
from kernel_sim.cpu.layout import PAGE, STACK_TOP, up
from kernel_sim.cpu.machine import Machine
from kernel_sim.cpu.memory import Memory, whole_pages
from kernel_sim.cpu.trapframe import FIRST_GATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from agave_wasi.engines.base import Call, Callback, StoreLimits, Switch
    from agave_wasi.engines.x86.call import Pause
    from agave_wasi.engines.x86.context import Exits
    from agave_wasi.engines.x86.core import X86Core
    from agave_wasi.engines.x86.engine import Module, X86Engine
    from agave_wasi.engines.x86.instance import Instance
    from agave_wasi.engines.x86.items import Item
    from agave_wasi.hostcall import HostCalls

    Imports = Mapping[tuple[str, str], HostFunction | Item]

STACK_MARGIN = 64 << 10
"""Bytes of stack beyond WebAssembly's own, for what compiled code does below its limit."""
SHIPPED = 16 << 20
"""Images up to this size may come with a snapshot, from whoever, and are searched for what would bring the host's chance.
Larger ones come from the compiler or the code cache, which is trusted: what it has for the JIT engine runs on the host."""
MAX_STUBS = STUBS_SIZE // 16 - 8
_SIGN = 1 << 63
AROUND = {"throw_ref": stubs.landing_stub, "fma_f32x4": stubs.vector_stub, "fma_f64x2": stubs.vector_stub}
"""Code round the gates of some builtins."""


class Store(GuestStore):
    """Everything of one guest on one machine. `counting` machines know how many instructions have run.

    `pause` is asked where somebody wants the guest to stop at some point. A `starter` is given what instances begin with, by
    their numbers, and needn't run it: their state may be about to be restored. `activations` are the calls that are under way.
    """

    __slots__ = (
        "memory", "machine", "arena", "context", "stack", "stubs", "types", "images", "instances", "returned", "parked",
        "pause", "starter", "activations", "contexts", "nothing", "heap_data", "exceptions", "vectors", "entry", "scratch",
        "gate_names", "spare_fuel", "_builtins", "_memories", "_image_end", "_stub_end", "_open",
    )  # fmt: skip

    engine: X86Engine

    def __init__(self, engine: X86Engine, limits: StoreLimits, counting: bool = False) -> None:
        super().__init__(engine, limits)
        self.spare = 1
        self.types: dict[tuple[str, ...], int] = {}
        self.images: list[tuple[int, int, Module]] = []
        self.instances: list[Instance] = []
        self.contexts: dict[int, Instance] = {}
        self.returned = False
        self.gate_names: dict[int, str] = {}
        self.parked: tuple[Callback, int, memoryview] | None = None
        self.pause: Pause | None = None
        self.starter: Callable[[int, Function], None] | None = None
        self.activations: list[Exits] = []
        self._memories = 0
        self._image_end = IMAGES
        self.spare_fuel = 0
        self._open = True
        memory = self.memory = Memory()
        size = up(engine.config.max_stack) + STACK_MARGIN
        self.stack = memory.add("stack", STACK_TOP - size, size, "rw")
        self.arena = Arena(memory.add("arena", ARENA, ARENA_SIZE, "rw"))
        self.machine = Machine(memory, counting, CODE)
        self.stubs = memory.add("stubs", STUBS, STUBS_SIZE, "rx")
        self.machine.add(self.stubs, foreign=False)
        self._stub_end = ENTRY_SIZE
        self.entry = memory.named("frame").view[8 * stubs.ENTRY_WORD : 8 * (stubs.ENTRY_WORD + stubs.ENTRY_WORDS)].cast("Q")
        self.stubs.view[:ENTRY_SIZE] = stubs.entry_stub(STUBS, self.stub(self._on_exit)).ljust(ENTRY_SIZE, b"\xcc")
        self.context = StoreContext(self.arena, STACK_BEGIN - engine.config.max_stack)
        self.nothing = self.arena.take(PAGE)
        self.heap_data = self.arena.take(PAGE)
        self._builtins = 0
        frame = memory.named("frame").view
        landing = frame[8 * stubs.LANDING_WORD : 8 * (stubs.LANDING_WORD + stubs.LANDING_WORDS)]
        self.exceptions = Exceptions(self, landing.cast("Q"))
        self.vectors = frame[8 * stubs.VECTOR_WORD : 8 * (stubs.VECTOR_WORD + stubs.VECTOR_WORDS)]
        self.scratch = self.arena.bytes(self.arena.take(PAGE), PAGE)
        self.share_memory(1, 1)
        if engine.config.fuel:
            self.set_fuel(limits.fuel if limits.fuel is not None else (1 << 64) - 1)

    # What the JIT engine's store has too

    def close(self) -> None:
        self.require_idle()
        if self._open:
            self._open = False
            self.machine.close()
            for instance in self.instances:
                instance.close()
            self.instances.clear()
            self.contexts.clear()
            self.memory.close()
            del self.machine, self.arena, self.stack, self.stubs, self.context
            del self.exceptions, self.entry, self.vectors, self.scratch, self.images

    def require_open(self) -> None:
        if not self._open:
            raise EngineError("the guest is closed")

    def request_stop(self, error: BaseException) -> None:
        self.stop_request = error
        if self._open:
            self.machine.counter.interrupt()  # one more slice may begin all the same

    def core(
        self,
        compile_module: Callable[[bytes | memoryview, int | None], Module],
        run: Callable[[Call], None],
        resume: Callback,
    ) -> X86Core:
        from agave_wasi.engines.x86.core import X86Core

        return X86Core(self, compile_module, run, resume)

    def retired(self) -> int:
        return self.machine.count

    def raise_pending(self) -> None:
        """Raise what a host function has left to end the guest with, if there is anything."""
        pending, self.pending = self.pending, None
        if pending is not None:
            self.spare = 1
            try:
                raise pending
            finally:
                del pending  # its traceback holds this frame

    def note_ending(self, ending: BaseException) -> None:
        """A call within a call ended so: what no host function may recover from ends the outer calls as well."""
        if self.depth and (isinstance(ending, FINAL) or not isinstance(ending, Exception)):
            self.ended = ending

    def look_up(self) -> None:
        """Before each slice: stop if that was asked for."""
        if self.stop_request is not None:
            error, self.stop_request = self.stop_request, None
            try:
                raise error
            finally:
                del error

    # Fuel: compiled code counts up from a negative number, and asks for more where it isn't negative any more

    def set_fuel(self, amount: int) -> None:
        """So much fuel is left."""
        given = min(amount, _SIGN - 1)
        self.spare_fuel = amount - given
        self.context.fuel = -given

    def more_fuel(self) -> bool:
        """What was too much for one number, if there is any."""
        used, self.spare_fuel = self.spare_fuel, 0
        if not used:
            return False
        given = min(used, _SIGN - 1)
        self.spare_fuel = used - given
        self.context.fuel -= given
        return True

    def fuel_left(self) -> int:
        if not self.engine.config.fuel:
            raise EngineError("fuel isn't counted here")
        return max(0, self.spare_fuel - self.context.fuel)

    # Code

    def stub(self, gate: Callable[[memoryview], bool], name: str = "") -> int:
        """The address of code that enters the kernel through a new gate, which is called `name`; EngineError for too many."""
        number, at = len(self.machine.gates), self._stub_end
        if at + 16 > STUBS_SIZE:
            raise EngineError(f"more than {MAX_STUBS} host functions")
        self.machine.gates.append(gate)
        self.stubs.view[at : at + 16] = stubs.gate_stub(STUBS + at, FIRST_GATE + number)
        self._stub_end = at + 16
        self.gate_names[STUBS + at] = name
        return STUBS + at

    def _code(self, code: bytes) -> int:
        """The address of new code among the stubs."""
        at = self._stub_end
        self.stubs.view[at : at + len(code)] = code
        self._stub_end = -(at + len(code)) // 16 * -16
        return STUBS + at

    def _on_exit(self, words: memoryview) -> bool:
        self.returned = True
        return False

    def builtins(self) -> int:
        """The address of the array of what compiled code may ask for, made when the first instance needs it."""
        if not self._builtins:
            names = version().builtins
            self._builtins = self.arena.take(8 * len(names))
            for number, name in enumerate(names):
                stub = self.stub(builtins.gate(self, builtins.BUILTINS.get(name) or builtins.unknown(name)), f"engine: {name}")
                around = AROUND.get(name)
                if around is not None:
                    stub = self._code(around(stub))
                self.arena.set_word(self._builtins + 8 * number, stub)
        return self._builtins

    def place(self, module: Module) -> tuple[int, int]:
        """Where a module's code and its data are, mapped when the first instance needs them."""
        for text, data, known in self.images:
            if known is module:
                return text, data
        try:
            text = self._map("code", whole_pages(module.image.text, module.data), "rx")
            data = self._map("data", whole_pages(module.image.rodata, None), "r") if len(module.image.rodata) else text
        except MemoryError as error:
            raise EngineError(str(error)) from None
        self.images.append((text, data, module))
        return text, data

    def _map(self, name: str, content: memoryview, access: str) -> int:
        if self._image_end + len(content) > IMAGES_END:
            raise EngineError(f"the code of this guest takes more than {IMAGES_END - IMAGES} bytes")
        region = self.memory.add(f"{name} {len(self.images)}", self._image_end, len(content), access, content)
        self.machine.add(region, foreign=len(content) <= SHIPPED)
        self._image_end = region.end + PAGE
        return region.start

    def next_memory(self) -> int:
        """A number for one more linear memory."""
        self._memories += 1
        return self._memories - 1

    def type_id(self, type: tuple[str, ...]) -> int:
        """The number by which compiled code knows a function type, the same in all modules."""
        return self.types.setdefault(type, len(self.types) + 1)

    # Host functions

    def make_function(
        self, parameters: str, results: str, callback: Callback, again: Callback | None = None, name: str = ""
    ) -> Function:
        """A host function of a core type. With `again` it may answer RETRY, and that is asked when its wait is over."""
        size = 16 * max(len(parameters), len(results))
        gate = self._gate(callback, size) if again is None else self._waiting_gate(callback, again, size)
        return host_function(self, self.stub(gate, name), (parameters, results))

    def _outside(self, address: int) -> EngineError:
        return EngineError(f"compiled code has arguments at {address:#x}, which isn't its stack: its image is damaged")

    def _gate(self, callback: Callback, size: int) -> Callable[[memoryview], bool]:
        start, last, host = self.stack.start, self.stack.size - max(size, PAGE), self.stack.address

        def gate(words: memoryview) -> bool:
            offset = words[3] - start
            if not 0 <= offset <= last:
                raise self._outside(words[3])
            if callback(0, words[2], host + offset):
                return False  # with what ends the guest pending
            words[0] = 1
            return True

        return gate

    def _waiting_gate(self, callback: Callback, again: Callback, size: int) -> Callable[[memoryview], bool]:
        start, last, host = self.stack.start, self.stack.size - max(size, PAGE), self.stack.address
        stack = self.stack.view.cast("I")
        scratch = addressof(c_char.from_buffer(self.scratch))
        small = self.scratch.cast("I")

        def gate(words: memoryview) -> bool:
            address, at, view = scratch, 0, small
            if size:
                offset = words[3] - start
                if not 0 <= offset <= last:
                    raise self._outside(words[3])
                address, at, view = host + offset, offset >> 2, stack
            if callback(0, words[2], address):
                return False
            while view[at] == RETRY:
                if self.wait is not None:  # at the outermost call: the guest stands here until it is resumed
                    self.parked = again, address, view[at : at + 1]
                    return False
                if again(0, 0, address):
                    return False
            words[0] = 1
            return True

        return gate

    def unpark(self) -> bool:
        """Start the parked call again: whether it is over, so that the guest can go on."""
        assert self.parked is not None
        again, address, status = self.parked
        self.wait = None
        if again(0, 0, address):
            self.parked = None
            return True
        if status[0] == RETRY:
            return False
        self.parked = None
        self.machine.frame.words[0] = 1
        return True

    def instantiate(
        self,
        module: Module,
        imports: Imports,
        host: HostCalls | None = None,
        compile: Callable[[bytes], Module] | None = None,
        direct: bool = False,
        switch: Switch | None = None,
    ) -> Instance:
        from agave_wasi.engines.x86.instance import instantiate

        again = imports[RESUME].callback if RESUME in imports else None  # type: ignore[union-attr]  # it is a host function

        def bound(instance: Instance) -> None:
            if host is not None:
                host.store, host.suspend, host.memory = self, self.suspend, instance.memory

        items: list[Any] = []
        for each in module.core.imports:
            item = imports[each.module, each.name]
            if isinstance(item, HostFunction):
                name = f"{each.module}.{each.name}"
                item = self.make_function(item.parameters, item.results, item.callback, again if item.blocking else None, name)
            items.append(item)
        return instantiate(self, module, items, bound)
