"""The CPU model as the engine of components: core instances, host functions, memories and calls in one store."""

from __future__ import annotations

from agave_wasi.engines.x86.call import Call, call_inside, slots_of
from agave_wasi.engines.x86.instance import instantiate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from agave_wasi.engines import base
    from agave_wasi.engines.base import Callback, HostFunction
    from agave_wasi.engines.x86.engine import Module
    from agave_wasi.engines.x86.instance import Instance
    from agave_wasi.engines.x86.items import Function, Item, LinearMemory
    from agave_wasi.engines.x86.store import Store


class X86Core:
    """One store's side of `agave_wasi.engines.base.CoreEngine`.

    What it is made of: `GuestStore.core`.
    """

    __slots__ = ("store", "_compile", "run", "resume")

    def __init__(
        self,
        store: Store,
        compile_module: Callable[[bytes | memoryview, int | None], Module],
        run: Callable[[base.Call], None],
        resume: Callback,
    ) -> None:
        self.store = store
        self._compile = compile_module
        self.run = run
        self.resume = resume

    def compile(self, wasm: bytes | memoryview, offset: int | None = None) -> Module:
        """A module, compiled or found."""
        return self._compile(wasm, offset)

    def reserve(self, memories: int, tables: int, collects: bool = False) -> None:
        """So many more memories and tables share the limit; here it makes no difference what `collects`."""
        self.store.reserve(memories, tables)

    def instantiate(self, module: Module, names: Sequence[tuple[str, str]], items: Sequence[Item], starts: bool) -> Instance:
        """An instance with its start function run, if it has one; it may wait."""
        return instantiate(self.store, module, items)

    def function(self, function: HostFunction) -> Function:
        """The host function in this store; EngineError if there are too many."""
        self.store.count_function()
        again = self.resume if function.blocking else None
        return self.store.make_function(function.parameters, function.results, function.callback, again, function.name)

    def memory(self, memory: LinearMemory) -> Callable[[], memoryview]:
        """What gives the view of a memory."""
        return memory.view

    def rest(self, function: Function, results: str) -> Any:
        """Run the call of `function` on that the machine is in the middle of; its core value."""
        call = Call.under_way(self.store, function)
        self.run(call)
        return slots_of(results).unpack_from(call.slots)[0] if results else None

    def caller(self, function: Function, parameters: str, results: str) -> Callable[..., Any]:
        """The function as a Python callable of this core type."""
        store, run = self.store, self.run
        pack, unpack = slots_of(parameters).pack, slots_of(results).unpack_from
        count = max(len(parameters), len(results), 1)

        def call(*values: Any) -> Any:
            if not store.depth:
                outer = Call(store, function, values)
                run(outer)
                return unpack(outer.slots)[0] if results else None
            if store.ended is not None:
                raise store.ended
            found = call_inside(store, function, pack(*values), count)
            return unpack(found)[0] if results else None

        return call
