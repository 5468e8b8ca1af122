"""Canonical definitions: do the core functions have the types that the canonical ABI asks for, and the options that they need?

Source: Component Model, CanonicalABI.md, "Flattening" and "Canonical definitions".
"""

from __future__ import annotations

from agave_wasi.component.model import CanonBuiltin, CanonLift, CanonLower, CanonResource, Options
from agave_wasi.component.validate.cores import signature
from agave_wasi.component.validate.invalid import InvalidComponent
from agave_wasi.component.validate.shapes import Function, flat_of, flat_row, has_pointers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agave_wasi.binary.types import MemoryType
    from agave_wasi.component.validate.scope import Scope

    Core = tuple[tuple[str, ...], tuple[str, ...]]

MAX_ASYNC_FLAT = 4
_NAMES = {"i": "i32", "I": "i64", "f": "f32", "F": "f64"}
_REALLOC: Core = (("i32",) * 4, ("i32",))
_CALLBACK: Core = (("i32",) * 3, ("i32",))
_ONE_TO_ONE: Core = (("i32",), ("i32",))
_DROP: Core = (("i32",), ())


def lift(scope: Scope, definition: CanonLift) -> None:
    """A component function made of a core one."""
    offset, index, options, type_index = definition
    function: Function = scope.of_kind("func", type_index, offset)
    core = scope.core_function(index, offset)
    _check_options(scope, options, offset, function)
    parameters, spilled = _parameters(function)
    results = () if function.result is None else _letters(flat_of(function.result), 1)
    many = function.result is not None and results is None
    if options.is_async:
        expected: tuple[str, ...] = ("i32",) if options.callback is not None else ()
        if options.post_return is not None:
            raise InvalidComponent(offset, "an asynchronous function has no post-return")
    else:
        expected = ("i32",) if results is None else results
    if core != (parameters, expected):
        raise InvalidComponent(
            offset, f"core function {index} is {signature(core)}, where {signature((parameters, expected))} is to be lifted"
        )
    passed = any(has_pointers(type) for _, type in function.parameters)
    returned = function.result is not None and has_pointers(function.result)
    if options.is_async:
        many = function.result is not None and flat_of(function.result) is None  # for task.return to take up to 16 values
    if passed or spilled:
        _need(options, "realloc", offset, "to pass arguments")
    if passed or spilled or returned or many:
        _need(options, "memory", offset, "to pass arguments or its result")
    if options.post_return is not None and scope.core_function(options.post_return, offset) != (core[1], ()):
        raise InvalidComponent(
            offset, f"core function {options.post_return}, the post-return, isn't {signature((core[1], ()))}"
        )
    scope.add("func", function, offset)


def lower(scope: Scope, definition: CanonLower) -> None:
    """A core function that calls a component's."""
    offset, index, options = definition
    function: Function = scope.at("func", index, offset)
    _check_options(scope, options, offset, function)
    for option in ("post_return", "callback"):
        if getattr(options, option) is not None:
            raise InvalidComponent(offset, f"{option.replace('_', '-')} is for functions that are lifted")
    passed = any(has_pointers(type) for _, type in function.parameters)
    returned = function.result is not None and has_pointers(function.result)
    if options.is_async:
        parameters = _letters(flat_row(type for _, type in function.parameters), MAX_ASYNC_FLAT)
        spilled = parameters is None
        parameters = ("i32",) if parameters is None else parameters
        many = function.result is not None
        core: Core = (parameters + (("i32",) if many else ()), ("i32",))
    else:
        parameters, spilled = _parameters(function)
        results = () if function.result is None else _letters(flat_of(function.result), 1)
        many = results is None
        core = ((*parameters, "i32"), ()) if results is None else (parameters, results)
    if returned:
        _need(options, "realloc", offset, "to return its result")
    if passed or returned or spilled or many:
        _need(options, "memory", offset, "to pass arguments or its result")
    scope.add("core func", core, offset)


def _parameters(function: Function) -> tuple[tuple[str, ...], bool]:
    """The core types of a function's parameters; True if they are in memory, because they are too many."""
    found = _letters(flat_row(type for _, type in function.parameters), 16)
    return (("i32",), True) if found is None else (found, False)


def _letters(flat: str | None, most: int) -> tuple[str, ...] | None:
    return None if flat is None or len(flat) > most else tuple([_NAMES[letter] for letter in flat])


def _need(options: Options, option: str, offset: int, why: str) -> None:
    if getattr(options, option) is None:
        raise InvalidComponent(offset, f"the canonical option {option} is missing, which this function needs {why}")


def _check_options(scope: Scope, options: Options, offset: int, function: Function | None = None) -> None:
    """Do the options name what there is, of the right type, and go together?"""
    if options.core_type is not None or options.gc:
        raise InvalidComponent(offset, "the options core-type and gc are a proposal that no engine has")
    if options.memory is not None:
        _check_memory(scope, options.memory, offset)
    if options.realloc is not None:
        if scope.core_function(options.realloc, offset) != _REALLOC:
            raise InvalidComponent(offset, f"core function {options.realloc}, the realloc, isn't {signature(_REALLOC)}")
        _need(options, "memory", offset, "with a realloc")
    if options.callback is not None:
        if scope.core_function(options.callback, offset) != _CALLBACK:
            raise InvalidComponent(offset, f"core function {options.callback}, the callback, isn't {signature(_CALLBACK)}")
        if not options.is_async:
            raise InvalidComponent(offset, "a callback is for asynchronous functions")
    if options.post_return is not None:
        scope.core_function(options.post_return, offset)
    if options.is_async and function is not None and not function.is_async:
        raise InvalidComponent(offset, "the option async is for functions whose type is async")


def _check_memory(scope: Scope, index: int, offset: int) -> None:
    memory: MemoryType = scope.at("core memory", index, offset)
    if memory.memory64 or memory.shared or memory.page_log2 != 16:
        raise InvalidComponent(offset, f"core memory {index} is {memory}; the canonical ABI uses 32-bit memories of one thread")


def resource(scope: Scope, definition: CanonResource) -> None:
    """A core function about a resource."""
    offset, operation, index = definition
    found = scope.resource(index, offset)
    if operation != "drop" and not found.resource.local:
        raise InvalidComponent(offset, f"resource.{operation} is only for resources that the component defines itself")
    scope.add("core func", _DROP if operation == "drop" else _ONE_TO_ONE, offset)


def builtin(scope: Scope, definition: CanonBuiltin) -> None:
    """A built-in of Preview 3."""
    offset, name, arguments = definition
    for argument in arguments:
        if isinstance(argument, Options):
            _check_options(scope, argument, offset)
    family, _, operation = name.partition(".")
    if name == "task.return":
        core = _task_return(scope, arguments, offset)
    elif family in ("stream", "future"):
        core = _transfer(scope, family, operation, arguments, offset)
    elif name.startswith("error-context"):
        core = _error_context(operation, arguments, offset)
    elif name in ("waitable-set.wait", "waitable-set.poll"):
        _check_memory(scope, arguments[1], offset)
        core = (("i32",) * 2, ("i32",))
    elif name.startswith("context."):
        core = ((), (arguments[0],)) if operation == "get" else ((arguments[0],), ())
        if arguments[0] != "i32":
            raise InvalidComponent(offset, f"{name} of an i64 is for memories with 64-bit addresses")
        if arguments[1]:
            raise InvalidComponent(offset, f"{name} of slot {arguments[1]}, where there is one")
    elif name in _FIXED:
        core = _FIXED[name]
    else:
        raise InvalidComponent(offset, f"{name} is a proposal that no engine has yet")
    scope.add("core func", core, offset)


def _task_return(scope: Scope, arguments: Any, offset: int) -> Core:
    result, options = arguments
    type = None if result is None else scope.value(result, offset)
    for option in ("realloc", "post_return", "callback"):
        if getattr(options, option) is not None or options.is_async:
            raise InvalidComponent(offset, "task.return takes an encoding and a memory, no other options")
    flat = () if type is None else _letters(flat_of(type), 16)
    if type is not None and (flat is None or has_pointers(type)):
        _need(options, "memory", offset, "to hand over the result")
    return (("i32",) if flat is None else flat), ()


def _transfer(scope: Scope, family: str, operation: str, arguments: Any, offset: int) -> Core:
    found = scope.value(arguments[0], offset)
    if isinstance(found, str) or found.form[0] != family:
        raise InvalidComponent(offset, f"type {arguments[0]} is no {family}")
    if operation == "new":
        return (), ("i64",)
    if operation.startswith("drop"):
        return _DROP
    if operation.startswith("cancel"):
        return _ONE_TO_ONE
    element = found.form[1]
    if element is not None:
        _need(arguments[1], "memory", offset, "to move values")
        if operation == "read" and has_pointers(element):
            _need(arguments[1], "realloc", offset, "to move values")
    return ("i32",) * (3 if family == "stream" else 2), ("i32",)


def _error_context(operation: str, arguments: Any, offset: int) -> Core:
    if operation == "drop":
        return _DROP
    _need(arguments[0], "memory", offset, "to pass its message")
    if operation == "new":
        return ("i32",) * 2, ("i32",)
    _need(arguments[0], "realloc", offset, "to pass its message")
    return ("i32",) * 2, ()


_NOTHING: Core = ((), ())
_FIXED: dict[str, Core] = {
    "task.cancel": _NOTHING, "backpressure.inc": _NOTHING, "backpressure.dec": _NOTHING, "subtask.drop": _DROP,
    "subtask.cancel": _ONE_TO_ONE, "waitable-set.new": ((), ("i32",)), "waitable-set.drop": _DROP,
    "waitable.join": (("i32",) * 2, ()), "thread.yield": ((), ("i32",)),
}  # fmt: skip
