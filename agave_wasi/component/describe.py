"""What a component is made of, as plain data: imports and exports with their types, core modules, instances, components inside.

Everything in the answer is a dict, list, string, number or None, so that `json.dumps` takes it; `agave-wasi inspect` draws it.
"""

from __future__ import annotations

from collections import Counter
from itertools import count

from agave_wasi.binary.module import describe as describe_module
from agave_wasi.binary.reader import MalformedModule
from agave_wasi.component.model import (
    AliasCoreExport,
    AliasExport,
    AliasOuter,
    Bundle,
    CanonBuiltin,
    CanonLift,
    CanonLower,
    CanonResource,
    CoreBundle,
    CoreInstantiate,
    CoreModule,
    Export,
    Import,
    Instantiate,
    Nested,
)
from agave_wasi.component.validate.entities import ComponentType, InstanceType
from agave_wasi.component.wording import Wording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from agave_wasi.component.model import Component
    from agave_wasi.component.validate import Validated
    from agave_wasi.component.validate.entities import Item

    Facts = dict[str, Any]

MAX_DRAWN = 10_000
"""Items of instances within instances; types share parts, so a small file can have very many."""
_FUNCTIONS: dict[type, str] = {
    CanonLift: "lifted",
    CanonLower: "lowered",
    CanonResource: "of resources",
    CanonBuiltin: "built in",
}


def describe(component: Component, validated: Validated) -> Facts:
    """Describe a valid component.

    `imports` and `exports` are items: name, kind, type in words, for instances the `items` inside. `modules`, `core_instances`,
    `instances` and `components` are those made here, each with its `index` among all of its sort; a module also has the
    `number` that it has in the whole file. `functions` counts canonical definitions by what they do.
    """
    return _component(component, validated.type, count())


def _component(component: Component, type: ComponentType, numbers: Iterator[int]) -> Facts:
    counted: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    found: Facts = {"kind": "component", "size": component.size}
    found["imports"], found["exports"] = items(type.imports), items(type.exports)
    found |= {"modules": [], "core_instances": [], "instances": [], "components": []}
    for each in component.definitions:
        match each:
            case CoreModule():
                found["modules"].append({"index": counted["core module"], "number": next(numbers), **_module(each)})
                counted["core module"] += 1
            case CoreInstantiate() | CoreBundle():
                found["core_instances"].append({"index": counted["core instance"], **_core_instance(each)})
                counted["core instance"] += 1
            case Nested():
                inside = _nested(each, numbers)
                found["components"].append({"index": counted["component"], **inside})
                counted["component"] += 1
            case Instantiate() | Bundle():
                found["instances"].append({"index": counted["instance"], **_instance(each)})
                counted["instance"] += 1
            case Import():
                counted[each.type.kind] += 1
            case Export():
                counted[each.sort] += 1
            case CanonLift() | CanonLower() | CanonResource() | CanonBuiltin():
                functions[_FUNCTIONS[each.__class__]] += 1
            case AliasExport() | AliasCoreExport() | AliasOuter():
                counted[each.sort] += 1
    found["functions"] = dict(functions)
    found["custom_sections"] = [{"name": each.name, "size": len(each.data)} for each in component.customs]
    return found


def items(named: dict[str, Item], room: int = MAX_DRAWN) -> list[Facts]:
    """Imports or exports as plain data."""
    wording = Wording(named)
    found: list[Facts] = []
    for name, item in named.items():
        facts: Facts = {"name": name, "kind": item.kind, "type": wording.item(item)}
        room -= 1
        if isinstance(item.type, InstanceType) and item.kind == "instance" and room > 0:
            facts["items"] = items(item.type.exports, room)
            room -= item.type.size
        found.append(facts)
    return found


def _module(module: CoreModule) -> Facts:
    facts: Facts = {"size": len(module.binary), "name": None, "imports": {}, "exports": 0}
    try:
        described = describe_module(module.binary)
    except MalformedModule as error:
        return facts | {"problem": f"{error.reason} at offset {module.offset + error.offset:#x}"}
    facts["name"] = described.name
    facts["imports"] = dict(Counter(each.module for each in described.imports))
    facts["exports"] = len(described.exports)
    facts["code_size"], facts["data_size"] = described.code_size, described.data_size
    facts["memories"] = [str(each) for each in described.memories]
    return facts


def _core_instance(each: CoreInstantiate | CoreBundle) -> Facts:
    if isinstance(each, CoreInstantiate):
        return {"module": each.module, "arguments": [{"name": name, "core_instance": index} for name, index in each.arguments]}
    return {"module": None, "exports": [{"name": name, "sort": sort, "index": index} for name, sort, index in each.exports]}


def _instance(each: Instantiate | Bundle) -> Facts:
    if isinstance(each, Instantiate):
        given = [{"name": name, "sort": sort, "index": index} for name, sort, index in each.arguments]
        return {"component": each.component, "arguments": given}
    return {"component": None, "exports": [{"name": name, "sort": sort, "index": index} for name, sort, index in each.exports]}


def _nested(nested: Nested, numbers: Iterator[int]) -> Facts:
    """A component inside; its types are known to whoever validated it, here its names are enough."""
    facts = _component(nested.component, ComponentType({}, {}, (), ()), numbers)
    definitions = nested.component.definitions
    facts["imports"] = [{"name": each.name, "kind": each.type.kind} for each in definitions if isinstance(each, Import)]
    facts["exports"] = [{"name": each.name, "kind": each.sort} for each in definitions if isinstance(each, Export)]
    return facts
