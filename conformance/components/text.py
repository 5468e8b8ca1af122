"""A component's text: interfaces that are imported, with the types that their functions need, and a core module.

    (component $C
      the imported instances, each with what is needed of it, and what is aliased out of them
      the arena: a memory and its realloc, a module of ours that every other one imports
      imports lowered with that memory, a resource.drop for each resource
      the core module, and what is lifted from it)

So no shim is needed between a module and functions that use its memory: the memory is there before the module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from agave_wasi.witparse import model
from agave_wasi.witparse import types as t
from conformance.components import layout
from conformance.components.layout import Type

DROP = "[resource-drop]"
PAGES = 32
"""Pages that the memory has at first. Above the first half is the arena, below it data and stack of the module."""
ARENA = f"""\
  (core module $Arena
    (memory (export "memory") {PAGES})
    (global $top (mut i32) (i32.const {PAGES << 15}))
    (func $mark (export "mark") (result i32) (global.get $top))
    (func (export "release") (param $mark i32) (global.set $top (local.get $mark)))
    (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
      (local $at i32) (local $end i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
                              (i32.sub (i32.const 0) (local.get $align))))
      (local.set $end (i32.add (local.get $at) (local.get $new)))
      (if (i32.lt_u (local.get $end) (local.get $at)) (then unreachable))
      (if (i32.gt_u (local.get $end) (i32.shl (memory.size) (i32.const 16)))
        (then (if (i32.eq (i32.const -1) (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $new) (i32.const 16)))))
          (then unreachable))))
      (global.set $top (local.get $end))
      (if (local.get $size)
        (then (memory.copy (local.get $at) (local.get $old)
          (select (local.get $size) (local.get $new) (i32.lt_u (local.get $size) (local.get $new))))))
      (local.get $at)))
  (core instance $arena (instantiate $Arena))
  (alias core export $arena "memory" (core memory $memory))
  (alias core export $arena "realloc" (core func $realloc))"""
LIFTING = "(memory $memory) (realloc $realloc)"


def identifier(definition: model.Definition) -> str:
    """A definition's name in the text."""
    return f"${definition.owner}#{definition.name}"


def called(interface: str, name: str) -> str:
    """What a function is called in the text, where an identifier can't have brackets."""
    return f"${interface}#{name.replace('[', '<').replace(']', '>')}"


def shown(type: Type, names: Mapping[Type, str] | None = None) -> str:
    """A type as text; `names` are what definitions are called, where that isn't their `identifier`."""

    def name(type: Type) -> str:
        assert isinstance(type, model.Definition)
        return names[type] if names is not None and type in names else identifier(type)

    match type:
        case model.Resource():
            return f"(own {name(type)})"
        case model.Definition():
            return name(type)
        case t.Primitive():
            return type.name
        case t.List() if type.length is not None:
            return f"(list {shown(type.item, names)} {type.length})"
        case t.List() | t.Option():
            return f"({'list' if isinstance(type, t.List) else 'option'} {shown(type.item, names)})"
        case t.Map():
            return f"(map {shown(type.key, names)} {shown(type.value, names)})"
        case t.Tuple():
            return f"(tuple {' '.join(shown(each, names) for each in type.items)})"
        case t.Result():
            ok = "" if type.ok is None else f" {shown(type.ok, names)}"
            return f"(result{ok}{'' if type.error is None else f' (error {shown(type.error, names)})'})"
        case t.Own() | t.Borrow():
            return f"({'own' if isinstance(type, t.Own) else 'borrow'} {name(type.resource)})"
    raise ValueError(f"there is no text for {type!r}")


def defined(type: Type, names: Mapping[Type, str] | None = None) -> str:
    """What a definition stands for, as text."""
    match type:
        case model.Record():
            inner = (f'(field "{each.name}" {shown(each.type, names)})' for each in type.fields if each.type is not None)
            return f"(record {' '.join(inner)})"
        case model.Variant():
            inner = (f'(case "{each.name}"{"" if each.type is None else " " + shown(each.type, names)})' for each in type.cases)
            return f"(variant {' '.join(inner)})"
        case model.Enum():
            return "(enum " + " ".join(f'"{each}"' for each in type.cases) + ")"
        case model.Flags():
            return "(flags " + " ".join(f'"{each}"' for each in type.flags) + ")"
    return shown(type, names)


def signature(function: model.Function, names: Mapping[Type, str] | None = None) -> str:
    """A function's parameters and result, as text."""
    found = [f'(param "{each.name}" {shown(each.type, names)})' for each in function.params if each.type is not None]
    return " ".join(found + ([f"(result {shown(function.result, names)})"] if function.result is not None else []))


def definitions(type: Type | None) -> Iterator[model.Definition]:
    """Every definition that a type needs, those first that others are made of."""
    if type is None:
        return
    match type:
        case model.Record() | model.Variant():
            for each in type.fields if isinstance(type, model.Record) else type.cases:
                yield from definitions(each.type)
        case _:
            for part in t.parts(type):
                yield from definitions(part)
    if isinstance(type, model.Definition):
        yield type


class Imports:
    """The interfaces that a component imports, with no more of each than is asked for."""

    def __init__(self, interfaces: Iterable[model.Interface]) -> None:
        self.known = {each.id: each for each in interfaces}
        self.functions: dict[str, dict[str, model.Function]] = {}
        self.types: dict[str, dict[model.Definition, None]] = {}
        self.resources: dict[str, dict[str, model.Resource]] = {}

    def want(self, interface: str, name: str) -> None:
        """Ask for a function, or with `[resource-drop]` in front for a resource; KeyError if there is none of that name."""
        if name.startswith(DROP):
            resource = self.known[interface].resources[name.removeprefix(DROP)]
            self.resources.setdefault(interface, {})[resource.name] = resource
            self._need(interface, resource)
            return
        function = self.known[interface].functions[name]
        self.functions.setdefault(interface, {})[name] = function
        for type in [*(each.type for each in function.params), function.result]:
            self._need(interface, type)

    def _need(self, interface: str, type: Type | None) -> None:
        for each in definitions(type):
            self.types.setdefault(interface, {})[each] = None
            if each.owner != interface and each not in self.types.get(each.owner, ()):
                self._need(each.owner, each)

    def lines(self) -> Iterator[str]:
        """The imports and the aliases of what is in them; an interface stands behind those whose types it uses."""
        for interface in self.known:  # which are in that order
            if interface in self.types or interface in self.functions:
                yield from self._instance(interface)

    def _instance(self, interface: str) -> Iterator[str]:
        names: dict[Type, str] = {}
        here = {type: name for name, type in self.known[interface].types.items()}
        yield f'  (import "{interface}" (instance ${interface}'
        for type in self.types.get(interface, ()):
            name = here.get(type, type.name)
            names[type] = f"$.{name}"
            if type.owner != interface:
                yield f"    (alias outer $C {identifier(type)} (type $={name}))"
                yield f'    (export "{name}" (type $.{name} (eq $={name})))'
            elif isinstance(type, model.Resource):
                yield f'    (export "{name}" (type $.{name} (sub resource)))'
            else:
                yield f"    (type $={name} {defined(type, names)})"
                yield f'    (export "{name}" (type $.{name} (eq $={name})))'
        for name, function in self.functions.get(interface, {}).items():
            yield f'    (export "{name}" (func {signature(function, names)}))'
        yield "  ))"
        for type in self.types.get(interface, ()):
            if type.owner == interface:
                yield f'  (alias export ${interface} "{type.name}" (type {identifier(type)}))'
        for name in self.functions.get(interface, ()):
            yield f'  (alias export ${interface} "{name}" (func {called(interface, name)}))'

    def lowered(self) -> Iterator[str]:
        """A core function for each function and each resource's drop."""
        for interface, functions in self.functions.items():
            for name in functions:
                yield f"  (core func {called(interface, name)} (canon lower (func {called(interface, name)}) {LIFTING}))"
        for interface, resources in self.resources.items():
            for name, resource in resources.items():
                yield f"  (core func {called(interface, DROP + name)} (canon resource.drop {identifier(resource)}))"

    def given(self) -> Iterator[str]:
        """What a core module is instantiated with: its memory and arena, and every function under its interface's name."""
        yield '(with "env" (instance (export "memory" (memory $memory))))'
        yield '(with "arena" (instance $arena))'
        names: dict[str, list[str]] = {each: list(functions) for each, functions in self.functions.items()}
        for interface, resources in self.resources.items():
            names.setdefault(interface, []).extend(f"{DROP}{name}" for name in resources)
        for interface, functions in names.items():
            exports = " ".join(f'(export "{name}" (func {called(interface, name)}))' for name in functions)
            yield f'(with "{interface}" (instance {exports}))'


def component(imports: Imports, module: str, exports: Iterable[str]) -> str:
    """A whole component's text; `module` is the core module's, which is called $main, as its instance is."""
    given = "\n    ".join(imports.given())
    parts = [*imports.lines(), ARENA, *imports.lowered(), module, f"  (core instance $main (instantiate $main\n    {given}))"]
    return "\n".join(["(component $C", *parts, *exports, ")", ""])


def core_type(function: model.Function) -> str:
    """A function's core type as text, as whoever calls it sees it."""
    found = layout.Signature(function)
    params, results = (" ".join(each) for each in (found.params, found.results))
    return f"(param {params})".replace("(param )", "") + (f" (result {results})" if results else "")
