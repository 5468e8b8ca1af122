"""Resolves worlds: what they include, and the interfaces that they import only because others use their types.

Specification: WIT.md, "WIT Worlds", "Union of Worlds with `include`", "Transitive imports and worlds". Where an exported
interface uses one that the world neither imports nor exports, that one is imported, as all tools have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import MappingProxyType

from agave_wasi.witparse import tree
from agave_wasi.witparse.gates import checked, visible
from agave_wasi.witparse.model import Function, Gates, Interface, World, member
from agave_wasi.witparse.order import Circle, ordered
from agave_wasi.witparse.packages import Scope, Unique
from agave_wasi.witparse.resolve import Resolver, Types
from agave_wasi.witparse.source import Name, wrong
from agave_wasi.witparse.types import Type

Item = Interface | Function
LARGEST = 1_000_000
"""So many imports and exports may all worlds that are resolved at once have; includes can multiply them."""


class Worlds:
    """Resolves worlds, each once, with a resolver of interfaces."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.done: dict[str, Contents] = {}
        self.count = 0

    def resolved(self, asked: dict[str, tuple[tree.Interface | tree.World, Scope]]) -> dict[str, World]:
        """The worlds among some items, by id."""
        places = {id: each for id, each in asked.items() if isinstance(each[0], tree.World)}
        paths: dict[tuple[str, str], tree.Path] = {}

        def included(id: str) -> list[str]:
            world, scope = places[id]
            found = []
            for item in visible(world.items, self.resolver.known.features):
                if isinstance(item, tree.Include):
                    target, there = self.target(item.path, scope)
                    other = member(there.package.id, target.name)
                    places[other] = (target, there)
                    paths.setdefault((id, other), item.path)
                    found.append(other)
            return found

        try:
            order = ordered(list(places), included)
        except Circle as circle:
            path = paths[str(circle.members[0]), str(circle.members[1])]
            raise wrong(path.name, f"worlds include each other in a circle: {circle}") from None
        for id in order:
            world, scope = places[id]
            assert isinstance(world, tree.World)
            self.done[id] = Contents(self, world, scope, id)
        return {id: self.done[id].world for id in asked if id in self.done}

    def target(self, path: tree.Path, scope: Scope) -> tuple[tree.World, Scope]:
        """The world that a path means; WitError if it means none."""
        item, there = self.resolver.known.lookup(path, scope)
        if not isinstance(item, tree.World):
            raise wrong(path.name, f"{path} is an interface; only worlds can be included")
        return item, there


class Contents:
    """What one world has, while it is put together; `world` is the outcome."""

    def __init__(self, worlds: Worlds, item: tree.World, scope: Scope, id: str) -> None:
        self.worlds = worlds
        self.resolver = worlds.resolver
        self.scope = scope
        self.id = id
        self.item = item
        self.where = f"world {item.name}"
        self.sides: dict[str, dict[str, Item]] = {"import": {}, "export": {}}
        self.unique = {side: Unique(f"{self.where}'s {side}s") for side in self.sides}
        self.version = scope.package.name.version
        self.gates: dict[str, Gates] = {"": checked(item.head.gates, self.version)}
        self.types = Types(self.resolver, scope, id, self.where)
        items = visible(item.items, self.resolver.known.features)
        self.types.declare([each for each in items if isinstance(each, tree.Use | tree.Definition)])
        for each in items:
            if isinstance(each, tree.Extern):
                self._extern(each)
            elif isinstance(each, tree.Resource):
                found, _ = self.types.resource_functions(each)
                self.sides["import"] |= found
        for each in items:
            if isinstance(each, tree.Include):
                self._include(each)
        self._check_uses(items)
        self.world = World(
            id,
            MappingProxyType(self._elaborated()),
            MappingProxyType(self.sides["export"]),
            MappingProxyType(self.types.found),
            MappingProxyType({name: marks for name, marks in (self.types.gates | self.gates).items() if marks}),
        )

    def _extern(self, item: tree.Extern) -> None:
        found: Item
        if isinstance(item.what, tree.Function):
            found = self.types.function(item.what)
        elif isinstance(item.what, tree.Interface):
            found = self.resolver.built(item.what, self.scope, str(item.name))
        else:
            found = self.resolver.interface(*self.resolver.target(item.what, self.scope))
        if item.name is None:
            assert isinstance(item.what, tree.Path) and isinstance(found, Interface)
            if found.id in self.sides[item.direction]:
                raise wrong(item.what.name, f"{self.where} already {item.direction}s {found.id}")
            name = found.id
        else:
            self.unique[item.direction].add(item.name)
            if item.direction == "import":
                self.types.unique.add(item.name)
            name = str(item.name)
        self.sides[item.direction][name] = found
        self.gates[f"{item.direction} {name}"] = checked(item.head.gates, self.version)

    def _include(self, item: tree.Include) -> None:
        target, there = self.worlds.target(item.path, self.scope)
        other = self.worlds.done[member(there.package.id, target.name)]
        names: dict[str, Name] = {}
        for rename in item.renames:
            assert rename.new is not None
            plain = other.plain_names()
            if rename.name not in plain:
                reason = f"{item.path} has no import or export with the plain name {rename.name}"
                if any(name.partition("@")[0].endswith(f"/{rename.name}") for side in other.sides.values() for name in side):
                    reason += "; that of an interface can't be changed"
                raise wrong(rename.name, reason)
            names[str(rename.name)] = rename.new
        for side, items in other.sides.items():
            for name, found in items.items():
                new = names.get(name, name)
                if not _is_plain(name):
                    self.sides[side].setdefault(name, found)
                else:
                    if new.lower() in self.unique[side].seen:
                        at = new if new in names.values() else item.path.name
                        raise wrong(at, f"{self.where} already {side}s something with the name {new}; "
                                        f"include {item.path} with {{ {name} as another-name }}")  # fmt: skip
                    self.unique[side].seen[new.lower()] = new
                    self.sides[side][str(new)] = found
                gates = other.gates.get(f"{side} {name}")
                if gates:
                    self.gates.setdefault(f"{side} {new}", gates)
        for name, type in other.types.found.items():
            self._include_type(name, names.get(name), type, other, item)
        self.types.uses |= other.types.uses

    def _include_type(self, name: str, new: Name | None, type: Type, other: Contents, item: tree.Include) -> None:
        here = new or name
        if self.types.found.get(here) == type:
            return
        if here.lower() in self.types.unique.seen:
            raise wrong(new or item.path.name, f"{self.where} already has the name {here}; "
                                               f"include {item.path} with {{ {name} as another-name }}")  # fmt: skip
        self.types.unique.seen[here.lower()] = here
        self.types.found[str(here)] = type
        self.types.sizes[str(here)] = other.types.sizes[name]

    def plain_names(self) -> set[str]:
        """What an include may give another name."""
        return {name for side in self.sides.values() for name in side if _is_plain(name)} | set(self.types.found)

    def _check_uses(self, items: Sequence[object]) -> None:
        for item in items:
            if isinstance(item, tree.Use):
                target, there = self.resolver.target(item.path, self.scope)
                id = member(there.package.id, target.name)
                if all(id in side for side in self.sides.values()):
                    raise wrong(item.path.name, f"{self.where} imports and exports {id}: which one's types are used is unclear")

    def _elaborated(self) -> dict[str, Item]:
        """The imports, each behind those whose types it needs."""
        imports: dict[str, Item] = {}
        known = self.resolver.interfaces
        exports = self.sides["export"]

        def add(ids: Iterable[str], but: dict[str, Item]) -> None:
            def needs(id: str) -> Iterable[str]:
                return (use for use in known[id].uses if use not in but and use not in imports)

            for id in ordered((id for id in ids if id not in but), needs):
                imports.setdefault(id, known[id])

        add(self.types.uses, {})
        for name, item in self.sides["import"].items():
            if isinstance(item, Interface):
                add(item.uses, {})
            imports[name] = item
        for item in exports.values():
            if isinstance(item, Interface):
                add(item.uses, exports)
        self.worlds.count += len(imports) + len(exports)
        if self.worlds.count > LARGEST:
            raise wrong(self.item.name, f"up to {self.where}, worlds have more than {LARGEST} imports and exports in all")
        return imports


def _is_plain(name: str) -> bool:
    return "/" not in name
