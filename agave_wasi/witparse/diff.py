"""Is one package a compatible successor of another one? `differences` lists what has changed, each compatible or breaking.

Compatible is what leaves everything working that was built for the earlier one: new interfaces, functions and types, more
imports in a world. A change of a type is breaking, since its layout changes for whoever was built with it. What an
@unstable gate guards may change at any time. Specification: WIT.md, "Feature Gates"; Subtyping in component-model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agave_wasi.witparse import model
from agave_wasi.witparse import types as t
from agave_wasi.witparse.model import Function, Interface, Package, World
from agave_wasi.witparse.node import Node
from agave_wasi.witparse.types import Type
from agave_wasi.witparse.versions import order, track


class Change(Node):
    """One difference: where (`wasi:io/streams.read`), what, and whether it breaks what was built before."""

    where: str
    what: str
    breaking: bool


def differences(earlier: Mapping[str, Package], later: Mapping[str, Package]) -> list[Change]:
    """What has changed between two sets of packages, in the order in which it stands there; empty if nothing has."""
    old = {each.name: each for each in earlier.values()}
    new = {each.name: each for each in later.values()}
    pair = _Comparison({*old, *new})
    found: list[Change] = []
    for name, package in old.items():
        if name in new:
            found += pair.packages(package, new[name])
        else:
            found.append(Change(name, "the package is gone", True))
    return found + [Change(name, "the package is new", False) for name in new if name not in old]


def text(type: Type | None) -> str:
    """A type in words, with definitions by their plain names."""
    match type:
        case None:
            return "nothing"
        case t.Primitive() | model.Definition():
            return type.name
        case t.List(length=int()):
            return f"list<{text(type.item)}, {type.length}>"
        case t.Result(ok=ok, error=error):
            if error is None:
                return "result" if ok is None else f"result<{text(ok)}>"
            return f"result<{'_' if ok is None else text(ok)}, {text(error)}>"
        case t.Own():
            return text(type.resource)
    inner = ", ".join(map(text, t.parts(type)))
    word = type.__class__.__name__.lower()
    return f"{word}<{inner}>" if inner else word


def signature(function: Function) -> str:
    """Parameters and result in words."""
    params = ", ".join(f"{each.name}: {text(each.type)}" for each in function.params)
    result = f" -> {text(function.result)}" if function.result is not None else ""
    return f"{'async ' if function.is_async else ''}func({params}){result}"


def _plain(owner: str) -> str:
    return owner.partition("@")[0]


class _Comparison:
    """Compares; `own` are the packages whose definitions are compared where they stand, and by name wherever they are used."""

    def __init__(self, own: set[str]) -> None:
        self.own = own
        self.same_definitions: dict[tuple[int, int], bool] = {}

    def packages(self, old: Package, new: Package) -> Iterator[Change]:
        if old.version != new.version:
            if order(new.version) < order(old.version):
                yield Change(old.name, f"the version went back from {old.version} to {new.version or 'none'}", True)
            elif track(old.version) != track(new.version):
                yield Change(old.name, f"who asks for version {old.version or 'none'} isn't given {new.version}", True)
            else:
                yield Change(old.name, f"the version is {new.version} after {old.version}", False)
        exported = {_plain(name) for world in old.worlds.values() for name in world.exports}
        for name, interface in old.interfaces.items():
            where = _plain(interface.id)
            if name not in new.interfaces:
                yield self._gone(where, "the interface", interface.gates)
            else:
                yield from self.interfaces(where, interface, new.interfaces[name], where in exported)
        for name in new.interfaces:
            if name not in old.interfaces:
                yield Change(_plain(new.interfaces[name].id), "the interface is new", False)
        for name, world in old.worlds.items():
            if name not in new.worlds:
                yield self._gone(_plain(world.id), "the world", world.gates)
            else:
                yield from self.worlds(_plain(world.id), world, new.worlds[name])
        for name in new.worlds:
            if name not in old.worlds:
                yield Change(_plain(new.worlds[name].id), "the world is new", False)

    def interfaces(self, where: str, old: Interface, new: Interface, exported: bool) -> Iterator[Change]:
        """What has changed within an interface; a component that exports it lacks functions that are new."""
        guarded = _unstable(old.gates, "")
        yield from _gate_changes(where, old.gates.get("", ()), new.gates.get("", ()))
        for name, type in old.types.items():
            yield from self._type(f"{where}.{name}", type, new.types.get(name), guarded or _unstable(old.gates, name))
        for name, function in old.functions.items():
            loose = guarded or _unstable(old.gates, name)
            yield from self._function(f"{where}.{name}", function, new.functions.get(name), loose)
        for name in (*old.types, *old.functions):
            if name in new.types or name in new.functions:
                yield from _gate_changes(f"{where}.{name}", old.gates.get(name, ()), new.gates.get(name, ()))
        for name in new.types:
            if name not in old.types:
                yield Change(f"{where}.{name}", "the type is new", False)
        for name in new.functions:
            if name not in old.functions:
                unstable = _unstable(new.gates, name) or _unstable(new.gates, "")
                said = "the function is new"
                if exported and not unstable:
                    said += ", and components that export the interface for the earlier version lack it"
                yield Change(f"{where}.{name}", said, exported and not unstable)

    def worlds(self, where: str, old: World, new: World) -> Iterator[Change]:
        yield from _gate_changes(where, old.gates.get("", ()), new.gates.get("", ()))
        guarded = _unstable(old.gates, "")
        for side, before, after in (("import", old.imports, new.imports), ("export", old.exports, new.exports)):
            later = {_plain(name): item for name, item in after.items()}
            for name, item in before.items():
                loose = guarded or _unstable(old.gates, f"{side} {name}")
                plain = _plain(name)
                place = f"{where} {side} {plain}"
                if plain not in later:
                    yield Change(place, f"it is {side}ed no more", not loose)
                    continue
                yield from self._item(place, item, later[plain], loose, side == "export")
            for name in after:
                if _plain(name) not in {_plain(each) for each in before}:
                    unstable = _unstable(new.gates, f"{side} {name}")
                    breaks = side == "export" and not unstable
                    said = ", and components built for the earlier version lack it" if breaks else ""
                    yield Change(f"{where} {side} {_plain(name)}", f"it is {side}ed now{said}", breaks)
        for name, type in old.types.items():
            yield from self._type(f"{where}.{name}", type, new.types.get(name), guarded or _unstable(old.gates, name))

    def _item(
        self, place: str, old: Interface | Function, new: Interface | Function, loose: bool, exported: bool
    ) -> Iterator[Change]:
        if isinstance(old, Function) and isinstance(new, Function):
            yield from self._function(place, old, new, loose)
        elif isinstance(old, Interface) and isinstance(new, Interface):
            if _plain(old.id) != _plain(new.id):
                yield Change(place, f"it was {_plain(old.id)} and is {_plain(new.id)}", not loose)
            elif "/" not in old.id or self._package(old.id) not in self.own:
                yield from self.interfaces(place, old, new, exported)
        else:
            kinds = ["an interface" if isinstance(each, Interface) else "a function" for each in (old, new)]
            yield Change(place, f"it was {kinds[0]} and is {kinds[1]}", not loose)

    def _type(self, where: str, old: Type, new: Type | None, loose: bool) -> Iterator[Change]:
        if new is None:
            yield Change(where, "the type is gone", not loose)
        elif not self.same(old, new):
            yield Change(where, f"it was {text(old)} and is {text(new)}", not loose)
        elif isinstance(old, model.Definition) and where == f"{_plain(old.owner)}.{old.name}":
            for said in self._inside(old, new):
                yield Change(where, said, not loose)

    def _function(self, where: str, old: Function, new: Function | None, loose: bool) -> Iterator[Change]:
        if new is None:
            yield Change(where, "the function is gone", not loose)
        elif not self._same_function(old, new):
            yield Change(where, f"it was {signature(old)} and is {signature(new)}", not loose)

    def _same_function(self, old: Function, new: Function) -> bool:
        return (old.is_async == new.is_async and self._same_maybe(old.result, new.result)
                and self._same_cases(old.params, new.params))  # fmt: skip

    def _same_cases(self, old: tuple[model.Case, ...], new: tuple[model.Case, ...]) -> bool:
        return len(old) == len(new) and all(
            one.name == other.name and self._same_maybe(one.type, other.type) for one, other in zip(old, new)
        )

    def _same_maybe(self, old: Type | None, new: Type | None) -> bool:
        return old is new or (old is not None and new is not None and self.same(old, new))

    def same(self, old: Type, new: Type) -> bool:
        """Are two types the same but for versions? Definitions of the packages compared are, if their names are."""
        if old.__class__ is not new.__class__:
            return False
        if isinstance(old, model.Definition) and isinstance(new, model.Definition):
            if (_plain(old.owner), old.name) != (_plain(new.owner), new.name):
                return False
            if self._package(old.owner) in self.own:
                return True
            pair = (id(old), id(new))
            if pair not in self.same_definitions:
                self.same_definitions[pair] = not list(self._inside(old, new))
            return self.same_definitions[pair]
        if isinstance(old, t.Primitive) and isinstance(new, t.Primitive):
            return old.name == new.name
        if isinstance(old, t.List) and isinstance(new, t.List) and old.length != new.length:
            return False
        if isinstance(old, t.Result) and isinstance(new, t.Result):
            return self._same_maybe(old.ok, new.ok) and self._same_maybe(old.error, new.error)
        before, after = t.parts(old), t.parts(new)
        return len(before) == len(after) and all(map(self.same, before, after))

    def _inside(self, old: Type, new: Type) -> Iterator[str]:
        match old, new:
            case (model.Record(fields=before), model.Record(fields=after)):
                yield from self._members("field", before, after)
            case (model.Variant(cases=before), model.Variant(cases=after)):
                yield from self._members("case", before, after)
            case (model.Enum(cases=names), model.Enum(cases=others)):
                yield from self._members("case", _untyped(names), _untyped(others))
            case (model.Flags(flags=names), model.Flags(flags=others)):
                yield from self._members("flag", _untyped(names), _untyped(others))

    def _members(self, what: str, old: tuple[model.Case, ...], new: tuple[model.Case, ...]) -> Iterator[str]:
        before, after = {each.name: each for each in old}, {each.name: each for each in new}
        yield from (f"the {what} {name} is gone" for name in before if name not in after)
        yield from (f"the {what} {name} is new" for name in after if name not in before)
        for name in before.keys() & after.keys():
            one, other = before[name].type, after[name].type
            if not self._same_maybe(one, other):
                yield f"the {what} {name} was {text(one)} and is {text(other)}"
        if before.keys() == after.keys() and list(before) != list(after):
            yield f"the {what}s are in another order"

    def _gone(self, where: str, what: str, gates: Mapping[str, model.Gates]) -> Change:
        return Change(where, f"{what} is gone", not _unstable(gates, ""))

    def _package(self, owner: str) -> str:
        return _plain(owner).rpartition("/")[0]


def _untyped(names: tuple[str, ...]) -> tuple[model.Case, ...]:
    return tuple(model.Case(name, None) for name in names)


def _unstable(gates: Mapping[str, model.Gates], name: str) -> bool:
    return any(kind == "unstable" for kind, _ in gates.get(name, ()))


def _gate_changes(where: str, old: model.Gates, new: model.Gates) -> Iterator[Change]:
    before, after = dict(old), dict(new)
    if "unstable" in before and "unstable" not in after:
        yield Change(where, "it is stable now", False)
    if "unstable" in after and "unstable" not in before:
        yield Change(where, f"it was stable, and is now unstable ({after['unstable']})", True)
    if "deprecated" in after and "deprecated" not in before:
        yield Change(where, f"it is deprecated since {after['deprecated']}", False)
