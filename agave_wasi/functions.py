"""Host functions in Python: a guest's own imports, satisfied by decorated functions.

    @world.function("env")
    def add(a: int, b: int) -> int:
        return a + b

    @world.function("env", "log")
    def write_line(caller: Caller, pointer: int, length: int) -> None:
        print(caller.read(pointer, length).decode())

Annotations give the core types: `int` and `I32` are i32 (signed), `I64` is i64, `float` and `F64` are f64, `F32` is f32. What
the function raises stops the guest and comes out of the run. What ends the guest in a call that the function makes (an
exit, a trap, a timeout, a limit) ends the run, even if the function catches it.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, isasyncgenfunction, iscoroutinefunction, isgeneratorfunction, signature
from struct import Struct
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from agave_wasi.abi.memory import Trap
from agave_wasi.engines.base import HostFunction
from agave_wasi.engines.interrupt import look_up, state

if TYPE_CHECKING:
    from agave_wasi.program import Guest

I32 = Annotated[int, "i"]
I64 = Annotated[int, "I"]
F32 = Annotated[float, "f"]
F64 = Annotated[float, "F"]

_PLAIN = {int: "i", float: "F"}
_READ = {"i": "i12x", "I": "q8x", "f": "f12x", "F": "d8x"}
_WRITE = {"i": Struct("<i"), "I": Struct("<q"), "f": Struct("<f"), "F": Struct("<d")}
_WRAP = {"i": 32, "I": 64}


class Caller:
    """What a host function may reach of the guest that called it: its memory and its exports."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest

    def _memory(self) -> memoryview:
        return self._guest.started().memory()

    def _region(self, pointer: int, length: int) -> memoryview:
        memory = self._memory()
        pointer &= 0xFFFF_FFFF  # an i32 arrives signed
        if length < 0 or pointer + length > len(memory):
            raise Trap(f"pointer out of bounds: {length} bytes at {pointer:#x}, memory has {len(memory):#x}")
        return memory[pointer : pointer + length]

    def read(self, pointer: int, length: int) -> bytes:
        """A copy of guest memory; a trap if it doesn't lie within."""
        return bytes(self._region(pointer, length))

    def write(self, pointer: int, data: bytes) -> None:
        """Write to guest memory; a trap if it doesn't lie within."""
        self._region(pointer, len(data))[:] = data

    def call(self, name: str, *arguments: int | float) -> Any:
        """Call an export of the guest, from within its call: its result, a tuple of several, or None."""
        results = self._guest.call(name, arguments)
        return results[0] if len(results) == 1 else results or None


class HostModule:
    """Host functions that satisfy imports from one module name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.functions: dict[str, Callable[..., Any]] = {}

    def function(self, name: str | None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A decorator that enters a function under `name`, or its own."""

        def enter(function: Callable[..., Any]) -> Callable[..., Any]:
            core_type(function)  # a mistake in the annotations is told here, not at link time
            self.functions[name or function.__name__] = function
            return function

        return enter

    def makers(self) -> dict[tuple[str, str], Callable[[Guest], HostFunction]]:
        """For each import, what makes its callback for one guest."""
        return {(self.name, name): maker(function) for name, function in self.functions.items()}


def core_type(function: Callable[..., Any]) -> tuple[str, str, bool]:
    """(parameter letters, result letters, does it want a Caller?) of a function, from its annotations; TypeError."""
    if iscoroutinefunction(function) or isgeneratorfunction(function) or isasyncgenfunction(function):
        raise TypeError(
            f"{function.__qualname__} only begins when it is called, and the guest needs its result at once: "
            "write a plain function, without async and yield"
        )
    parameters = signature(function).parameters
    for each in parameters.values():
        if each.kind not in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD):
            raise TypeError(
                f"{function.__qualname__}: {str(each).partition(':')[0]!r} has no place in the type of a WebAssembly function, "
                "which has so many parameters and no names for them: write one parameter for each"
            )
    hints = get_type_hints(function, include_extras=True)
    names = list(parameters)
    wants_caller = bool(names) and hints.get(names[0]) is Caller
    letters = [_letter(function, name, hints.get(name)) for name in names[wants_caller:]]
    returned = hints.get("return")
    if returned is None or returned is type(None):
        return "".join(letters), "", wants_caller
    return "".join(letters), _letter(function, "return", returned), wants_caller


def _letter(function: Callable[..., Any], name: str, hint: Any) -> str:
    found = _PLAIN.get(hint) or next(iter(getattr(hint, "__metadata__", ())), None)
    if not isinstance(found, str) or found not in _READ:
        raise TypeError(
            f"{function.__qualname__}: annotate {name!r} with int, float, I32, I64, F32 or F64, not {hint!r}"
        )
    return found


def maker(function: Callable[..., Any]) -> Callable[[Guest], HostFunction]:
    """What makes the raw callback of a Python function for one guest."""
    parameters, results, wants_caller = core_type(function)
    layout = Struct("<" + "".join(_READ[letter] for letter in parameters))

    def make(guest: Guest) -> HostFunction:
        store = guest.store
        first = (Caller(guest),) if wants_caller else ()
        slots = _slots(max(len(parameters), 1))

        def callback(env: int, caller: int, args: int) -> int:
            try:
                raw = slots(args)
                arguments = layout.unpack_from(raw)
                try:
                    state.exposed = True  # what the function does may take long, and is not ours: Ctrl-C stops it
                    look_up()
                    value = function(*first, *arguments)
                finally:
                    state.exposed = False
                if store.ended is not None:  # in a call of the function's, which has caught it
                    raise store.ended
                if results:
                    bits = _WRAP.get(results)
                    if bits is not None:
                        value = (int(value) + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1)
                    _WRITE[results].pack_into(raw, 0, value)
                return 0
            except BaseException as error:  # it can't cross the guest: the engine raises it again behind
                store.pending = error
                trap: int = store.spare
                store.spare = 0
                return trap

        return HostFunction(parameters, results, callback)

    return make


def _slots(count: int) -> Callable[[int], memoryview]:
    """Views of `count` slots at an address."""
    from ctypes import c_char

    array = c_char * (16 * count)
    return lambda address: memoryview(array.from_address(address)).cast("B")
