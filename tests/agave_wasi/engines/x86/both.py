"""What a guest shows on the JIT engine and on the x86 engine, to be compared."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from agave_wasi import GuestTrap, LiveInstance, World
from tests.agave_wasi.guests import wat

ENGINES = "wasmtime", "x86"
Use = Callable[[World], object]


def ending(error: BaseException) -> object:
    """An exception as what users see of it; of a trap the message, the cause, and which functions it went through."""
    if isinstance(error, GuestTrap):
        cause = (error.code or "").strip().rpartition("\n")[2].strip().removeprefix("1: ")
        frames = [each.function for each in error.frames]
        return error.message, cause, frames if cause != "abi" else None  # the JIT engine has gates there
    return type(error).__name__, str(error)


def told(use: Callable[[], object]) -> Any:
    """What it returns, or what ended it."""
    try:
        return use()
    except Exception as error:
        return ending(error)


def same(use: Use, **options: object) -> Any:
    """What `use` of a world gives on both engines; AssertionError if they differ."""
    found = []
    for engine in ENGINES:
        with World(engine=engine, **options) as world:  # type: ignore[arg-type]
            found.append(told(partial(use, world)))
    assert found[1] == found[0], found
    return found[1]


def calls(text: str, *made: tuple[Any, ...], libraries: dict[str, str] | None = None, **options: object) -> list[Any]:
    """What an instance of a module answers to calls, each a name and arguments, on both engines."""

    def use(world: World) -> list[Any]:
        guest = instance(world, text, libraries)
        return [told(partial(guest.call, name, *arguments)) for name, *arguments in made]

    found: list[Any] = same(use, **options)
    return found


def instance(world: World, text: str, libraries: dict[str, str] | None = None) -> LiveInstance:
    """A module in text, instantiated with libraries in text."""
    return world.instantiate(wat(text), libraries={name: wat(each) for name, each in (libraries or {}).items()})
