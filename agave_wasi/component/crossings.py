"""Core functions that lead from one component to another: adapters, with their imports filled in."""

from __future__ import annotations

from agave_wasi.component.adapters import DROP, DROP_IMPORTS, Crossing, Side, drop_leaves, fuse, leaves
from agave_wasi.component.adapters.fuse import CALL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from agave_wasi.component.linker import GuestFunc, Instance, Linker
    from agave_wasi.component.model import Options
    from agave_wasi.component.types import ResourceType


def crossing(linker: Linker, function: GuestFunc, caller: Instance, options: Options) -> Any:
    """The core function by which `caller` reaches another component's function."""
    callee = function.instance
    adapter = fuse(function.type, _side(options), _side(function.options))
    name = function.name or f"a function of {callee.name}"
    hosts = leaves(name, Crossing(adapter, caller.state, callee.state), linker.calls)
    imports = {("callee", "function"): function.core}
    for each in adapter.imports:
        if each in hosts:
            imports[each] = linker.engine.function(hosts[each])
        elif each not in imports:
            owner, given = (caller, options) if each[0] == "caller" else (callee, function.options)
            imports[each] = _option(owner, given, each[1])
    return _made(linker, adapter.text, adapter.imports, imports)


def drop(linker: Linker, resource: ResourceType, dropper: Instance) -> Any:
    """The core function by which `dropper` drops a resource whose destructor is a guest's."""
    hosts = drop_leaves(resource.name, resource, dropper.state, linker.calls)
    imports = {each: linker.engine.function(leaf) for each, leaf in hosts.items()}
    imports["callee", "destructor"] = resource.destructor.core
    return _made(linker, DROP, DROP_IMPORTS, imports)


def _side(options: Options) -> Side:
    return Side(
        options.encoding, options.memory is not None, options.realloc is not None, options.post_return is not None
    )


def _option(owner: Instance, options: Options, name: str) -> Any:
    """The memory or function that a canonical option names."""
    if name == "memory":
        return owner.get("core memory", options.memory or 0)
    return owner.get("core func", (options.realloc if name == "realloc" else options.post_return) or 0)


def _made(linker: Linker, text: bytes, names: Sequence[tuple[str, str]], imports: Mapping[tuple[str, str], Any]) -> Any:
    """The call of an adapter's module, whose code all guests of the program share; it imports `names` in this order."""
    items = [imports[each] for each in names]
    return linker.engine.instantiate(linker.adapter(text), names, items, False).get_export(CALL)
