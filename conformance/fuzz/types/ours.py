"""A batch on agave-wasi: decoded, validated, and instantiated by its component linker, on either engine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from agave_wasi.abi.memory import Trap
from agave_wasi.binary.reader import MalformedModule
from agave_wasi.cache import CodeCache
from agave_wasi.component import types as t
from agave_wasi.component.binary import decode
from agave_wasi.component.calls import Calls
from agave_wasi.component.linker import GuestFunc, HostFunc, Linker
from agave_wasi.component.scope import Supplier
from agave_wasi.component.validate import InvalidComponent, validate
from agave_wasi.engines.base import EngineConfig, GuestTrap, LinkError, StoreLimits
from agave_wasi.loader import engine_for
from conformance.fuzz.types.drawing import answer
from conformance.fuzz.types.text import HOST
from conformance.fuzz.types.traps import Refused, Trapped
from kernel_sim.process import Process

if TYPE_CHECKING:
    from agave_wasi.engines.base import Engine


class Ours:
    """A batch's component; an instance of it is made anew when one has trapped."""

    name = "agave-wasi"

    def __init__(self, engine: Engine, wasm: bytes) -> None:
        self.engine = engine
        self.modules: dict[Any, Any] = {}
        self.received: list[Any] = []
        self.store: Any = None
        self.exports: Mapping[str, Any] = {}
        try:
            self.component = decode(wasm)
            validate(self.component)
            self._fresh()
        except (MalformedModule, InvalidComponent, LinkError) as error:
            self.close()
            raise Refused(str(error)) from None

    def call(self, instance: str, name: str, values: tuple[Any, ...]) -> Any:
        """What an export returns, a whole result as Ok or Err; Trapped."""
        self.received.clear()
        if self.store is None:
            self._fresh()
        function = self.exports[instance][name]
        assert isinstance(function, GuestFunc)
        fallible = isinstance(function.type.result, t.Result)
        try:
            found = function.callable()(*values)
            return t.Ok(found) if fallible else found
        except t.WitError as error:
            return t.Err(error.value)
        except (Trap, GuestTrap) as error:
            self.reset()
            raise Trapped(str(error)) from None

    def close(self) -> None:
        """Free everything."""
        self.reset()
        self.modules.clear()

    def reset(self) -> None:
        """Free the instance: the next call is made to another one."""
        if self.store is not None:
            self.exports = {}
            self.store.close()
            self.store = None

    def _fresh(self) -> None:
        store = self.store = self.engine.store(StoreLimits())
        calls = Calls(Process(1, [], []))
        calls.store = store
        core = store.core(lambda wasm, _: self.engine.compile(bytes(wasm)), _run, calls.resume)
        self.exports = Linker(core, calls, self.modules).instantiate("batch", self.component, _Host(self)).exports

    def answer(self, type: t.FuncType, *values: Any) -> Any:
        """What the host's functions do."""
        self.received.append(values)
        found = answer(type, values)
        if isinstance(type.result, t.Result):
            if isinstance(found, t.Err):
                raise t.WitError(found.value)
            return found.value
        return found


def _run(call: Any) -> None:
    """Run a call to its end; nothing here waits."""
    call.resume()


class _Host(Supplier):
    """Has every function of the host's instance, which has no resources."""

    def __init__(self, ours: Ours) -> None:
        self.ours = ours

    def function(self, interface: str, name: str, type: t.FuncType) -> HostFunc:
        assert interface == HOST
        return HostFunc(f"{interface}#{name}", type, partial(self.ours.answer, type))

    def resource(self, interface: str, name: str) -> t.ResourceType:
        raise LinkError(f"{interface} has no resource {name}")


def make_engine(name: str = "wasmtime") -> Engine:
    """An engine for many batches; EngineError where it isn't there."""
    engine = engine_for(EngineConfig(), name)
    engine.prepare(CodeCache())
    return engine
