"""`agave-wasi inspect` of a component: a tree of what it is made of, then its imports and exports with their types."""

from __future__ import annotations

from agave_wasi.binary.report import size_in_words
from agave_wasi.cli.page import Heading, Paragraph, Rows, Sample
from agave_wasi.component.binary import decode
from agave_wasi.component.describe import describe
from agave_wasi.component.host import functions
from agave_wasi.component.missing import explained
from agave_wasi.component.validate import validate
from agave_wasi.preview2 import INTERFACES
from agave_wasi.terminal import one_line
from agave_wasi.witparse.versions import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    Facts = dict[str, Any]
    Branch = tuple[str, list["Branch"]]

FEW = 12
"""Of what there are more, only these are drawn by name."""


def described(data: bytes) -> Facts:
    """The component as plain data; MalformedComponent if it isn't a valid one."""
    component = decode(data)
    return describe(component, validate(component))


def page(path: str, facts: Facts, problems: Sequence[str]) -> list[Heading | Paragraph | Rows | Sample]:
    """What is shown of a component."""
    blocks: list[Heading | Paragraph | Rows | Sample] = [Heading(path), Sample(drawn(tree(facts)))]
    for what in ("imports", "exports"):
        for item in facts[what]:
            inside = item.get("items") or [item]
            blocks += [Heading(f"{what[:-1]} {item['name']}"), Rows([(each["name"], each["type"]) for each in inside])]
    blocks.append(Heading("what can't be had here"))
    return blocks + list(map(Paragraph, problems)) if problems else [*blocks, Paragraph("nothing: everything is there")]


def unsatisfied(facts: Facts) -> list[str]:
    """Imports that nothing provides in the default world, a line an interface; empty if it could run."""
    missing: list[tuple[str, str]] = []
    for item in facts["imports"]:
        if item["kind"] != "instance":
            missing += [("", item["name"])] if item["kind"] != "type" else []
            continue
        provider = INTERFACES.get(canonical(item["name"]))
        offered = set() if provider is None else {*functions(provider), *getattr(provider, "resources", {})}
        wanted = (each["name"] for each in item["items"] if each["kind"] == "func" or each["type"] == "resource")
        missing += [(item["name"], name) for name in wanted if name not in offered]
    found = [line.strip() for line in explained(missing).splitlines()]
    if facts["functions"].get("built in"):
        found.append("it uses built-in functions of Preview 3; build it for wasm32-wasip2 (0.2)")
    return found


def tree(facts: Facts) -> Branch:
    """The component as a tree of lines."""
    branches: list[Branch] = [_names("imports", facts["imports"])]
    branches += [_module(each) for each in facts["modules"]]
    branches += [_core_instances(facts["core_instances"])] if facts["core_instances"] else []
    if facts["functions"]:
        branches.append((f"functions: {', '.join(f'{count} {what}' for what, count in facts['functions'].items())}", []))
    branches += [(f"component {each['index']}: {size_in_words(each['size'])}", tree(each)[1]) for each in facts["components"]]
    branches += [_instance(each) for each in facts["instances"]]
    branches.append(_names("exports", facts["exports"]))
    branches += [
        (f"custom section {each['name']}: {size_in_words(each['size'])}", []) for each in _few(facts["custom_sections"])
    ]
    return f"component: {size_in_words(facts['size'])}", branches


def _names(what: str, found: list[Facts]) -> Branch:
    return f"{what}: {len(found) or 'none'}", [(f"{each['name']}: {_kind(each)}", []) for each in found]


def _kind(item: Facts) -> str:
    inside = item.get("items")
    if inside is None:
        return str(item["kind"])
    functions = sum(each["kind"] == "func" for each in inside)
    parts = [_count(functions, "function")] if functions else []
    parts += [_count(len(inside) - functions, "type")] if len(inside) > functions else []
    return ", ".join(["instance", *parts])


def _module(module: Facts) -> Branch:
    name = f" {module['name']}" if module["name"] else ""
    if module["number"] != module["index"]:  # which is what backtraces, profiles and `disasm` call it
        name += f" (module {module['number']} of the file)"
    parts = [
        size_in_words(module["size"]),
        _count(sum(module["imports"].values()), "import"),
        _count(module["exports"], "export"),
    ]
    inside: list[Branch] = [(f"memory: {each}", []) for each in module.get("memories", ())]
    inside += [(f"{_count(count, 'import')} from {name}", []) for name, count in _few(list(module["imports"].items()))]
    return f"core module {module['index']}{name}: {', '.join(parts)}", inside


def _core_instances(found: list[Facts]) -> Branch:
    made = [each for each in found if each["module"] is not None]
    lines: list[Branch] = []
    for each in made:
        given = ", ".join(f"{argument['name']} = {argument['core_instance']}" for argument in _few(each["arguments"]))
        lines.append((f"{each['index']}: of module {each['module']}" + (f", given {given}" if given else ""), []))
    return f"core instances: {len(made)} of modules, {len(found) - len(made)} made of exports", lines


def _instance(each: Facts) -> Branch:
    made = "made of exports" if each["component"] is None else f"of component {each['component']}"
    named = each.get("arguments") or each.get("exports") or []
    verb = "given" if each["component"] is not None else "with"
    given = ", ".join(f"{argument['name']} = {argument['sort']} {argument['index']}" for argument in _few(named))
    return f"instance {each['index']}: {made}" + (f", {verb} {given}" if given else ""), []


def _few(found: list[Any]) -> list[Any]:
    return found[:FEW]


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def drawn(branch: Branch) -> Iterable[str]:
    """A tree as lines."""
    text, inside = branch
    yield one_line(text)
    yield from _below(inside, "")


def _below(branches: list[Branch], before: str) -> Iterable[str]:
    for place, (text, inside) in enumerate(branches):
        last = place == len(branches) - 1
        yield f"{before}{'`-- ' if last else '|-- '}{one_line(text)}"
        yield from _below(inside, before + ("    " if last else "|   "))
