"""What the rest of the house knows of an engine: configuration, host functions, frames, and how a run can end.

An engine compiles core modules, instantiates them with imports, and runs their functions as calls that can be resumed:
`Call.resume` answers with the Wait that the guest is in, or None when it is over. A host function is a raw callback
(environment, caller, address of 16-byte slots) -> 0 or the address of a trap; `agave_wasi.hostcall` makes them.
"""

from __future__ import annotations

from kernel_sim.errors import Deadlock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import Any, Protocol

    from agave_wasi.cache import CodeCache
    from agave_wasi.engines.store import GuestStore
    from kernel_sim.wait import Wait

    Callback = Callable[[int, int, int], int]

    class Call(Protocol):
        """A guest function that runs, waits, or is over."""

        finished: bool
        results: tuple[int | float, ...]

        def resume(self) -> Wait | None:
            """Run on until the guest waits (its Wait) or is over (None); raises what ended it."""

        def cancel(self) -> None:
            """End a guest that waits; its frames are gone afterwards."""


    class Switch(Protocol):
        """What may make hot host functions faster, once a guest has called them often."""

        @property
        def names(self) -> Collection[str]:
            """The functions that it can make faster."""

        def awake(self, guest: Any, gates: Any, hot: Sequence[str]) -> None:
            """The time has come: `guest` is the instance, `gates` the one between it and its host, `hot` what it imports."""


    class Engine(Protocol):
        """Who executes code: one configuration of it, which holds nothing of a guest."""

        config: EngineConfig
        key: str
        """What compiled code depends on."""
        has_fast_calls: bool
        """May hot host functions be answered beside the guest?"""

        def prepare(self, cache: CodeCache) -> None:
            """Before any code is compiled or run: EngineError if this engine can't be trusted here; `cache` remembers."""

        def compile(self, wasm: bytes) -> Any:
            """A module, from its binary or text; EngineError with the offset and reason if it is invalid."""

        def load_file(self, path: str, wasm: bytes | memoryview) -> Any:
            """A module from what was serialized of `wasm`; EngineError if it isn't that."""

        def store(self, limits: StoreLimits) -> GuestStore:
            """A store for a guest: its instances, limits, and how it stops."""

        def tick(self) -> None:
            """Have every running guest look whether it is to stop. From any thread."""

    class CoreInstance(Protocol):
        """An instance of a core module."""

        def get_export(self, name: str) -> Any:
            """The function, memory, table, global or tag of that name: the engine's own handle. None if there is none."""

    class Instance(CoreInstance, Protocol):
        """An instance that its embedder talks to."""

        def memory(self, caller: int = 0, name: bytes = b"memory") -> memoryview:
            """A view of the whole exported memory as it is now; Trap if there is none that host functions can use."""

        def start_call(self, name: str, arguments: tuple[Any, ...] = ()) -> Call:
            """Begin a call of an exported function; `resume` runs it.

            KeyError if there is no such export, BadCall if it is no function or the arguments don't fit its type.
            """

    class CoreEngine(Protocol):
        """All that components need of who executes code: they are made of core modules and of host functions between them."""

        def compile(self, wasm: bytes | memoryview, offset: int | None = None) -> Any:
            """A module, from its binary or text; `offset` is where it begins in its component, if it is of one."""

        def reserve(self, memories: int, tables: int, collects: bool = False) -> None:
            """So many more of them are about to be made, which share what the guest may use; `collects` as in `Needs`."""

        def instantiate(
            self, module: Any, names: Sequence[tuple[str, str]], items: Sequence[Any], starts: bool
        ) -> CoreInstance:
            """An instance, with its start function run if it `starts`.

            `items` are what `get_export` and `function` gave, in the order of the module's imports, which have these `names`.
            """

        def function(self, function: HostFunction) -> Any:
            """A host function, for imports. A blocking one has no results, and answers RETRY while it isn't done."""

        def memory(self, memory: Any) -> Callable[[], memoryview]:
            """What gives a view of all of a memory as it is now: the same one until the memory has grown."""

        def caller(self, function: Any, parameters: str, results: str) -> Callable[..., Any]:
            """A core function for Python: numbers, i32 and i64 unsigned, to its result or None."""


RESUME = ("agave-wasi", "resume")
"""Under which import an instance finds what starts a parked call again; no guest can know it."""
DEFAULT_MAX_STACK = 512 << 10
"""Bytes of stack for WebAssembly, wasmtime's own default."""


class EngineConfig:
    """What changes the generated code, so what makes a compiled module belong to one configuration.

    `fuel`: count instructions (wasmtime's fuel). `max_stack`: bytes of stack for WebAssembly.
    """

    __slots__ = ("fuel", "max_stack")

    def __init__(self, fuel: bool = False, max_stack: int = DEFAULT_MAX_STACK) -> None:
        self.fuel = fuel
        self.max_stack = max_stack


class StoreLimits:
    """What one guest may use: `fuel` units, `memory` bytes a linear memory, `instructions`; None means no limit."""

    __slots__ = ("fuel", "memory", "instructions")

    def __init__(self, fuel: int | None = None, memory: int | None = None, instructions: int | None = None) -> None:
        self.fuel = fuel
        self.memory = memory
        self.instructions = instructions


class HostFunction:
    """A raw callback with its core type as letters (i i32, I i64, f f32, F f64).

    A `blocking` one may answer RETRY, and has a `name`, whatever it is imported as.
    """

    __slots__ = ("parameters", "results", "callback", "blocking", "name")

    def __init__(self, parameters: str, results: str, callback: Callback, blocking: bool = False, name: str = "") -> None:
        self.parameters = parameters
        self.results = results
        self.callback = callback
        if blocking and not name:
            raise ValueError("a host function that may block has a name")
        self.blocking = blocking
        self.name = name

    def calling(self, callback: Callback) -> HostFunction:
        """The same function with another callback, which wraps this one's for example."""
        return HostFunction(self.parameters, self.results, callback, self.blocking, self.name)

    def waiting_itself(self, callback: Callback) -> HostFunction:
        """The same function with a callback that is over only when there is nothing more to wait for."""
        return HostFunction(self.parameters, self.results, callback, False, self.name)


class Frame:
    """One frame of a guest's stack: function index, byte offsets within the function and the module, name if known."""

    __slots__ = ("function", "function_offset", "module_offset", "name")

    def __init__(self, function: int, function_offset: int, module_offset: int, name: str | None) -> None:
        self.function = function
        self.function_offset = function_offset
        self.module_offset = module_offset
        self.name = name


class EngineError(Exception):
    """An engine could not do what was asked: compile, load, instantiate. The text says why."""


class BadCall(TypeError):
    """An export can't be called like that: it is no function, or the arguments don't fit its type."""


_RANGES = {"i": (-(1 << 31), 1 << 32, "i32"), "I": (-(1 << 63), 1 << 64, "i64")}


def fitted(letters: str, arguments: Sequence[Any]) -> list[Any]:
    """The arguments of a call as numbers of these types, integers unsigned; BadCall if they don't fit."""
    if len(letters) != len(arguments):
        raise BadCall(f"the function takes {len(letters)} arguments, not {len(arguments)}")
    return [_fitted(letter, argument) for letter, argument in zip(letters, arguments)]


def _fitted(letter: str, argument: Any) -> int | float:
    if letter in _RANGES:
        low, high, name = _RANGES[letter]
        if not isinstance(argument, int) or not low <= argument < high:
            raise BadCall(f"{argument!r} doesn't fit a {name}")
        return argument % high
    if letter not in "fF":
        raise BadCall("a parameter of this function has a type that can't be given from outside")
    try:
        if isinstance(argument, int | float):
            return float(argument)
    except OverflowError:
        pass
    raise BadCall(f"{argument!r} doesn't fit an f64")


class LinkError(EngineError):
    """A guest's imports can't be satisfied; the text names them and the cure."""


class GuestTrap(Exception):
    """The guest's code stopped on its own: `message`, the engine's `code` if it has one, innermost frame first."""

    def __init__(self, message: str, frames: list[Frame], code: str | None = None) -> None:
        self.message = message
        self.frames = frames
        self.code = code

    def __str__(self) -> str:
        return self.message


TIMEOUT = "timeout"
"""The reason of an interruption when the time of a run is used up."""


class Interrupted(Exception):
    """The guest was stopped from outside; `reason` is what was asked for (a timeout, for example)."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class UserStop(KeyboardInterrupt):
    """Ctrl-C that ends the guest and not the run, which has something to tell at its end."""


FINAL = (GuestTrap, Interrupted, Deadlock)
"""With all that isn't an `Exception`, what no host function may recover from: the guest was cut off in the middle."""
TRAP_NAMES = (
    "stack overflow", "out of bounds memory access", "misaligned atomic access", "out of bounds table access",
    "indirect call to null", "indirect call type mismatch", "integer overflow", "integer divide by zero",
    "invalid conversion to integer", "unreachable", "interrupt", "out of fuel",
)  # fmt: skip
"""The traps of core WebAssembly and of engines, by wasmtime's codes."""
TRAP_STACK_OVERFLOW, TRAP_INTERRUPT, TRAP_OUT_OF_FUEL = 0, 10, 11
