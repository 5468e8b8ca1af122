"""Checking what an instance is given against what its module imports, as the specification matches external types."""

from __future__ import annotations

from agave_wasi.engines.base import EngineError
from agave_wasi.engines.x86.items import Function, Global, LinearMemory, Table, Tag
from agave_wasi.engines.x86.module import GlobalType, MemoryType, TableType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from agave_wasi.engines.x86.items import Item
    from agave_wasi.engines.x86.module import CoreModule, Import

_NAMES = {"i": "i32", "I": "i64", "f": "f32", "F": "f64", "V": "v128", "r": "funcref", "x": "externref", "e": "exnref"}


def check(core: CoreModule, items: Sequence[Item]) -> None:
    """EngineError if there are too few or too many, or one is of another type than the module says."""
    if len(items) != len(core.imports):
        raise EngineError(f"expected {len(core.imports)} imports, found {len(items)}")
    for wanted, item in zip(core.imports, items):
        reason = _difference(core, wanted, item)
        if reason:
            raise EngineError(f"incompatible import type for `{wanted.module}::{wanted.name}`: {reason}")


def _difference(core: CoreModule, wanted: Import, item: Item) -> str:
    """Why the item doesn't fit; empty if it does."""
    if wanted.kind != item.kind:
        return f"expected {wanted.kind}, found {item.kind}"
    type = wanted.type
    if isinstance(item, Function) and isinstance(type, int):
        return _types_differ(core.types[type], item.type)
    if isinstance(item, Tag) and isinstance(type, int):
        return _types_differ(core.types[type], item.type)
    if isinstance(item, LinearMemory) and isinstance(type, MemoryType):
        return _limits_differ("memory", type.minimum, type.maximum, item.pages, item.maximum)
    if isinstance(item, Table) and isinstance(type, TableType):
        if type.element != item.element:
            return f"expected table of type `{_NAMES[type.element]}`, found table of type `{_NAMES[item.element]}`"
        return _limits_differ("table", type.minimum, type.maximum, item.size, item.maximum)
    if isinstance(item, Global) and isinstance(type, GlobalType):
        if type.mutable != item.mutable:
            return f"expected global to be {_mutability(type.mutable)}, found it {_mutability(item.mutable)}"
        if type.value != item.type:
            return f"expected global of type `{_NAMES[type.value]}`, found global of type `{_NAMES[item.type]}`"
        return ""
    raise AssertionError(f"an import of the kind {wanted.kind}")


def _types_differ(wanted: tuple[str, str], found: tuple[str, str]) -> str:
    return "" if wanted == found else f"expected type `{_shown(wanted)}`, found type `{_shown(found)}`"


def _shown(type: tuple[str, str]) -> str:
    parameters, results = (" ".join(_NAMES[letter] for letter in part) for part in type)
    return "(func" + (f" (param {parameters})" if parameters else "") + (f" (result {results})" if results else "") + ")"


def _limits_differ(what: str, minimum: int, maximum: int | None, size: int, limit: int | None) -> str:
    if size < minimum:
        return f"expected {what} limits of at least {minimum}, found {size}"
    if maximum is not None and (limit is None or limit > maximum):
        return f"expected {what} limits of at most {maximum}, found {'no limit' if limit is None else limit}"
    return ""


def _mutability(mutable: bool) -> str:
    return "mutable" if mutable else "immutable"
