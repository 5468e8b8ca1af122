"""Two sides for an adapter: each a memory with a simple realloc, and a callee that is a function of the test's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ctypes import c_uint64
from functools import cache, partial
from typing import Any

from agave_wasi.component import types as t
from agave_wasi.component.adapters import Adapter, Crossing, Side, fuse, leaves
from agave_wasi.component.calls import Calls
from agave_wasi.component.state import InstanceState
from agave_wasi.engines.base import EngineConfig, HostFunction, StoreLimits
from agave_wasi.engines.wasmtime_engine import Module, WasmtimeEngine
from agave_wasi.engines.wasmtime_store import Store
from kernel_sim.process import Process
from tests.agave_wasi.component.adapters.reference import Memory, up

HEAP = 0x8000
"""Where each side's realloc begins; what is below is the test's."""
MOVE = 0x1000


@cache
def engine() -> WasmtimeEngine:
    """One engine for all tests."""
    return WasmtimeEngine(EngineConfig())


@cache
def compiled(text: bytes) -> Module:
    """A module, compiled once."""
    return engine().compile(text)


class Bump:
    """A realloc that never frees; `log` has what it was asked for."""

    def __init__(self, data: Any) -> None:
        self.data = data
        self.next = HEAP
        self.log: list[tuple[int, int, int, int]] = []

    def __call__(self, old: int, before: int, align: int, count: int) -> int:
        self.log.append((old, before, align, count))
        at = up(self.next, align)
        self.next = at + count
        kept = min(before, count)
        self.data[at : at + kept] = bytes(self.data[old : old + kept])
        return at


class Log(Crossing):
    """A crossing that notes what happens, and changes the numbers of handles."""

    def __init__(self, adapter: Adapter) -> None:
        super().__init__(adapter, InstanceState("caller"), InstanceState("callee"))
        self.events: list[Any] = []

    def enter(self) -> None:
        self.events.append("enter")

    def begin(self) -> None:
        self.events.append("begin")

    def returned(self) -> None:
        self.events.append("returned")

    def post(self) -> None:
        self.events.append("post")

    def leave(self) -> None:
        self.events.append("leave")

    def give(self, resource: t.ResourceType, handle: int) -> int:
        self.events.append(("give", resource.name, handle))
        return handle + MOVE

    def take(self, resource: t.ResourceType, handle: int) -> int:
        self.events.append(("take", resource.name, handle))
        return handle + MOVE

    def lend(self, resource: t.ResourceType, handle: int) -> int:
        self.events.append(("lend", resource.name, handle))
        return handle + MOVE


def host(parameters: str, results: str, function: Callable[..., int | None], calls: Calls) -> HostFunction:
    """A Python function of raw core values, floats as their bits."""

    def callback(env: int, caller: int, args: int) -> int:
        try:
            masks = [0xFFFF_FFFF if letter in "if" else (1 << 64) - 1 for letter in parameters]
            values = [c_uint64.from_address(args + 16 * at).value & mask for at, mask in enumerate(masks)]
            answer = function(*values)
            if answer is not None:
                c_uint64.from_address(args).value = answer
            return 0
        except BaseException as error:
            store = calls.store
            store.pending = error
            spare, store.spare = store.spare, 0
            return int(spare)

    return HostFunction(parameters, results, callback)


class Pair:
    """An adapter between two sides. `callee(*flat) -> flat` is what is called; `data` has both memories by side."""

    def __init__(
        self,
        type: t.FuncType,
        encodings: tuple[str, str],
        callee: Callable[..., int | None],
        post_return: bool = False,
        shared: bool = False,
    ) -> None:
        sides = Side(encodings[0]), Side(encodings[1], has_post_return=post_return)
        self.adapter: Adapter = fuse(type, *sides)
        self.crossing = Log(self.adapter)
        self.posted: list[tuple[int, ...]] = []
        self.store = Store(engine(), StoreLimits())
        calls = Calls(Process(1, [], []))
        calls.store = self.store
        self.data: dict[str, memoryview] = {}
        self.reallocs: dict[str, Bump] = {}
        imports: dict[tuple[str, str], Any] = dict(leaves("test:pair/f", self.crossing, calls))
        for side in ("caller", "callee"):
            if side == "caller" or not shared:
                memory = self.store.instantiate(compiled(b'(module (memory (export "memory") 1))'), {})
            self.data[side] = memory.memory()
            self.reallocs[side] = Bump(self.data[side])
            imports[side, "memory"] = memory.export("memory")
            imports[side, "realloc"] = host("iiii", "i", partial(self.realloc, side), calls)
        adapter = self.adapter
        imports["callee", "function"] = host(adapter.callee[0], adapter.callee[1], callee, calls)
        imports["callee", "post-return"] = host(adapter.callee[1], "", lambda *raw: self.posted.append(raw), calls)
        self.instance = self.store.instantiate(compiled(adapter.text), {key: imports[key] for key in adapter.imports})
        gate = compiled(_gate(*adapter.core))
        self.gate = self.store.instantiate(gate, {("adapter", "call"): self.instance.export("call")})

    def realloc(self, side: str, *numbers: int) -> int:
        """What a side answers; a test may put another in `reallocs`."""
        return self.reallocs[side](*numbers)

    def side(self, name: str, encoding: str, move: int = MOVE) -> Memory:
        """A side as the reference sees it."""
        return Memory(self.data[name], encoding, self.reallocs[name], move)

    def copy(self, name: str, encoding: str) -> Memory:
        """The same, of a copy: whatever is done to it, the side stays as it is."""
        data = bytearray(self.data[name])
        bump = Bump(data)
        bump.next = self.reallocs[name].next
        return Memory(data, encoding, bump, MOVE)

    def call(self, values: Sequence[int]) -> int | None:
        """Call the adapter with raw core values; its raw result."""
        signed = [value - (1 << 64) if value >> 63 else value for value in values]
        call = self.gate.start_call("call", tuple(signed))
        call.resume()
        return int(call.results[0]) & ((1 << 64) - 1) if call.results else None

    def put(self, side: str, at: int, data: bytes) -> None:
        """Write into a side's memory."""
        self.data[side][at : at + len(data)] = data

    def __enter__(self) -> Pair:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the memory go."""
        self.data.clear()
        self.store.close()


def _gate(parameters: str, results: str) -> bytes:
    """A module that takes and gives every core value as an i64: floats pass through Python unchanged then."""
    to = {"i": "i32.wrap_i64", "I": "", "f": "i32.wrap_i64 f32.reinterpret_i32", "F": "f64.reinterpret_i64"}
    back = {"i": "i64.extend_i32_u", "I": "", "f": "i32.reinterpret_f32 i64.extend_i32_u", "F": "i64.reinterpret_f64"}
    core = {"i": "i32", "I": "i64", "f": "f32", "F": "f64"}
    kind = "".join(f" (param {core[each]})" for each in parameters) + "".join(f" (result {core[each]})" for each in results)
    outer = " (param i64)" * len(parameters) + " (result i64)" * len(results)
    body = " ".join(f"local.get {at} {to[each]}" for at, each in enumerate(parameters))
    tail = back[results] if results else ""
    return f'(module (import "adapter" "call" (func $f{kind})) (func (export "call"){outer} {body} call $f {tail}))'.encode()
