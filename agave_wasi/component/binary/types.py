"""The type section: value types, functions, resources, and the types of components and instances with their declarations.

Source: Component Model, Binary.md, "Type Definitions".
"""

from __future__ import annotations

from agave_wasi.binary.reader import MalformedModule
from agave_wasi.component.binary.codes import (
    MAX_DEPTH,
    PRIMITIVES,
    extern_name,
    extern_type,
    name,
    optional,
    unknown,
    value_type,
)
from agave_wasi.component.binary.definitions import alias
from agave_wasi.component.model import ExportDeclaration, ImportDeclaration, TypeDefinition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agave_wasi.binary.reader import Reader

MAX_PARAMETERS = 1_000
MAX_FIELDS = MAX_CASES = 10_000
MAX_FLAGS = 1_000
MAX_COMPONENT_DECLARATIONS = 100_000
MAX_INSTANCE_DECLARATIONS = 1_000_000

COMPONENT, INSTANCE = 0x41, 0x42
I32, I64 = 0x7F, 0x7E


def type_definition(reader: Reader, depth: int = 0) -> TypeDefinition:
    """A type; `depth` counts the component and instance types around it."""
    start = reader.pos
    code = reader.u8()
    read = _FORMS.get(code)
    if read is not None:
        return TypeDefinition(start, read(reader))
    if code in (COMPONENT, INSTANCE):
        return TypeDefinition(start, _declarations(reader, code, depth, start))
    primitive = PRIMITIVES.get(code)
    if primitive is None:
        raise unknown(start, code, "form of a type")
    return TypeDefinition(start, ("primitive", primitive))


def _declarations(reader: Reader, code: int, depth: int, start: int) -> tuple[Any, ...]:
    if depth >= MAX_DEPTH:
        raise MalformedModule(start, f"types are nested more than {MAX_DEPTH} deep")
    component = code == COMPONENT
    limit = MAX_COMPONENT_DECLARATIONS if component else MAX_INSTANCE_DECLARATIONS
    found = [_declaration(reader, component, depth + 1) for _ in range(reader.count(2, limit))]
    return ("component" if component else "instance", tuple(found))


def _declaration(reader: Reader, component: bool, depth: int) -> Any:
    start = reader.pos
    code = reader.u8()
    if code == 4:
        text, annotations = extern_name(reader)
        return ExportDeclaration(start, text, extern_type(reader), annotations)
    if code == 1:
        return type_definition(reader, depth)
    if code == 2:
        return alias(reader)
    if code == 0:
        from agave_wasi.component.binary.coretypes import core_type

        return core_type(reader)
    if code == 3 and component:
        text, annotations = extern_name(reader)
        return ImportDeclaration(start, text, extern_type(reader), annotations)
    raise unknown(start, code, f"declaration of {'a component' if component else 'an instance'} type")


def _labelled(reader: Reader, limit: int) -> tuple[tuple[str, Any], ...]:
    return tuple([(name(reader), value_type(reader)) for _ in range(reader.count(2, limit))])


def _some(reader: Reader, found: tuple[Any, ...], what: str) -> tuple[Any, ...]:
    if not found:
        raise MalformedModule(reader.pos, f"{what} without any {'type' if what == 'a tuple' else 'member'}")
    return found


def _record(reader: Reader) -> tuple[Any, ...]:
    return ("record", _some(reader, _labelled(reader, MAX_FIELDS), "a record"))


def _case(reader: Reader) -> tuple[str, Any]:
    found = name(reader), optional(reader, value_type)
    start = reader.pos
    code = reader.u8()
    if code:  # where a case once said which other it refines
        raise MalformedModule(start, f"the byte after a variant's case is 0, not {code:#04x}")
    return found


def _variant(reader: Reader) -> tuple[Any, ...]:
    return ("variant", _some(reader, tuple([_case(reader) for _ in range(reader.count(3, MAX_CASES))]), "a variant"))


def _list(reader: Reader) -> tuple[Any, ...]:
    return ("list", value_type(reader))


def _fixed_list(reader: Reader) -> tuple[Any, ...]:
    return ("list", value_type(reader), reader.u32())


def _map(reader: Reader) -> tuple[Any, ...]:
    return ("map", value_type(reader), value_type(reader))


def _tuple(reader: Reader) -> tuple[Any, ...]:
    return ("tuple", _some(reader, tuple([value_type(reader) for _ in range(reader.count(1, MAX_FIELDS))]), "a tuple"))


def _flags(reader: Reader) -> tuple[Any, ...]:
    return ("flags", _some(reader, tuple([name(reader) for _ in range(reader.count(1, MAX_FLAGS))]), "a flags type"))


def _enum(reader: Reader) -> tuple[Any, ...]:
    return ("enum", _some(reader, tuple([name(reader) for _ in range(reader.count(1, MAX_CASES))]), "an enum"))


def _option(reader: Reader) -> tuple[Any, ...]:
    return ("option", value_type(reader))


def _result(reader: Reader) -> tuple[Any, ...]:
    return ("result", optional(reader, value_type), optional(reader, value_type))


def _own(reader: Reader) -> tuple[Any, ...]:
    return ("own", reader.u32())


def _borrow(reader: Reader) -> tuple[Any, ...]:
    return ("borrow", reader.u32())


def _stream(reader: Reader) -> tuple[Any, ...]:
    return ("stream", optional(reader, value_type))


def _future(reader: Reader) -> tuple[Any, ...]:
    return ("future", optional(reader, value_type))


def _resource(reader: Reader) -> tuple[Any, ...]:
    start = reader.pos
    code = reader.u8()
    if code != I32:
        raise MalformedModule(start, f"a resource's representation is an i32 (0x7f), not {code:#04x}")
    return ("resource", optional(reader, _index))


def _index(reader: Reader) -> int:
    return reader.u32()


def _function(reader: Reader, is_async: bool = False) -> tuple[Any, ...]:
    parameters = _labelled(reader, MAX_PARAMETERS)
    return ("func", parameters, result_list(reader), is_async)


def _async_function(reader: Reader) -> tuple[Any, ...]:
    return _function(reader, True)


def result_list(reader: Reader) -> Any:
    """The type of a function's result, or None."""
    start = reader.pos
    code = reader.u8()
    if code == 0:
        return value_type(reader)
    if code != 1:
        raise unknown(start, code, "form of a function's result")
    start = reader.pos
    if reader.u8():
        raise MalformedModule(start, "named results, which functions no longer have")
    return None


_FORMS: dict[int, Callable[[Reader], tuple[Any, ...]]] = {
    0x72: _record, 0x71: _variant, 0x70: _list, 0x6F: _tuple, 0x6E: _flags, 0x6D: _enum, 0x6B: _option, 0x6A: _result,
    0x69: _own, 0x68: _borrow, 0x67: _fixed_list, 0x66: _stream, 0x65: _future, 0x63: _map, 0x43: _async_function,
    0x40: _function, 0x3F: _resource,
}  # fmt: skip
