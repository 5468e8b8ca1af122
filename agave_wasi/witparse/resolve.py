"""From trees to packages in which every name has become what it stands for: `resolve`.

Interfaces come in the order in which they use each other, types within one likewise; so nothing here recurses deeper than
one type may nest. Specification: WIT.md, "WIT Packages and `use`", "Name resolution"; limits as validators have them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from types import MappingProxyType

from agave_wasi.witparse import model, tree
from agave_wasi.witparse import types as t
from agave_wasi.witparse.gates import checked, visible
from agave_wasi.witparse.model import Gates, Interface, Package, member
from agave_wasi.witparse.order import Circle, ordered
from agave_wasi.witparse.packages import Declared, Find, Packages, Scope, Unique, missing
from agave_wasi.witparse.source import Name, wrong
from agave_wasi.witparse.types import Type

MOST_FLAGS = 32
DEEPEST = 100
LARGEST = 100_000
"""How deep a type may nest, and how many parts it may have, when everything that it names is written out."""


def resolve(
    groups: Sequence[Sequence[tree.File]], find: Find | None = None, features: Collection[str] | None = None
) -> dict[str, Package]:
    """The packages of some groups of files, each group one package with what is nested in it; by id, in the given order.

    `find` is asked for packages that are none of these; `features` are the unstable features to enable, None enables all.
    WitError says what is wrong, and where.
    """
    packages = Packages(find, features)
    declared = [package for group in groups for package in packages.add(group)]
    return Resolver(packages).packages(declared)


class Resolver:
    """Resolves interfaces, then worlds, each once."""

    def __init__(self, packages: Packages) -> None:
        self.known = packages
        self.interfaces: dict[str, Interface] = {}
        self.sizes: dict[str, dict[str, Size]] = {}

    def packages(self, declared: Sequence[Declared]) -> dict[str, Package]:
        """Those of some packages; what they use of others is resolved, too."""
        from agave_wasi.witparse.worlds import Worlds

        asked = {member(package.id, name): each for package in declared for name, each in package.items.items()}
        self._interfaces(asked)
        worlds = Worlds(self).resolved(asked)
        found = {}
        for package in declared:
            ids = {name: member(package.id, name) for name in package.items}
            found[package.id] = Package(
                package.id,
                MappingProxyType({name: self.interfaces[id] for name, id in ids.items() if id in self.interfaces}),
                MappingProxyType({name: worlds[id] for name, id in ids.items() if id in worlds}),
            )
        return found

    def interface(self, item: tree.Interface, scope: Scope) -> Interface:
        """An interface that a path has led to, and before it whatever it uses."""
        id = member(scope.package.id, item.name)
        if id not in self.interfaces:
            self._interfaces({id: (item, scope)})
        return self.interfaces[id]

    def _interfaces(self, asked: dict[str, tuple[tree.Interface | tree.World, Scope]]) -> None:
        places = {id: each for id, each in asked.items() if isinstance(each[0], tree.Interface)}
        paths: dict[tuple[str, str], tree.Path] = {}

        def used(id: str) -> list[str]:
            if id in self.interfaces:
                return []
            item, scope = places[id]
            found = []
            for use in visible(item.items, self.known.features):
                if isinstance(use, tree.Use):
                    target, there = self.target(use.path, scope)
                    other = member(there.package.id, target.name)
                    places[other] = (target, there)
                    paths.setdefault((id, other), use.path)
                    found.append(other)
            return found

        try:
            order = ordered(list(places), used)
        except Circle as circle:
            path = paths[str(circle.members[0]), str(circle.members[1])]
            raise wrong(path.name, f"interfaces use each other in a circle: {circle}") from None
        for id in order:
            if id not in self.interfaces:
                item, scope = places[id]
                assert isinstance(item, tree.Interface)
                self.interfaces[id] = self.built(item, scope, id)

    def target(self, path: tree.Path, scope: Scope) -> tuple[tree.Interface, Scope]:
        """The interface that a path means; WitError if it means none."""
        item, there = self.known.lookup(path, scope)
        if not isinstance(item, tree.Interface):
            raise wrong(path.name, f"{path} is a world; here an interface is needed")
        return item, there

    def built(self, item: tree.Interface, scope: Scope, id: str) -> Interface:
        """One interface whose used ones are built; `id` is another than its name's if a world has it."""
        types = Types(self, scope, id, f"interface {item.name}")
        version = scope.package.name.version
        gates: dict[str, Gates] = {"": checked(item.head.gates, version)}
        functions: dict[str, model.Function] = {}
        items = visible(item.items, self.known.features)
        types.declare([each for each in items if not isinstance(each, tree.Function)])
        for each in items:
            if isinstance(each, tree.Function):
                types.unique.add(each.name)
                functions[each.name] = types.function(each)
                gates[each.name] = checked(each.head.gates, version)
            elif isinstance(each, tree.Resource):
                found, marks = types.resource_functions(each)
                functions |= found
                gates |= marks
        gates |= types.gates
        self.sizes[id] = types.sizes
        shown = MappingProxyType({name: marks for name, marks in gates.items() if marks})
        return Interface(id, MappingProxyType(types.found), MappingProxyType(functions), tuple(types.uses), shown)


class Size:
    """How deep a type nests, how many parts it has, and whether a borrowed handle is among them."""

    __slots__ = ("depth", "count", "borrows")

    def __init__(self, depth: int, count: int, borrows: bool) -> None:
        self.depth = depth
        self.count = count
        self.borrows = borrows


class Types:
    """The types of one interface or world, while they are built: what each name of its scope means."""

    def __init__(self, resolver: Resolver, scope: Scope, owner: str, where: str) -> None:
        self.resolver = resolver
        self.scope = scope
        self.owner = owner
        self.where = where
        self.found: dict[str, Type] = {}
        self.sizes: dict[str, Size] = {}
        self.uses: dict[str, None] = {}
        self.gates: dict[str, Gates] = {}
        self.unique = Unique(where)

    def declare(self, items: Sequence[object]) -> None:
        """Build what `use`, `type` and the others declare, in the order in which they were written."""
        own: dict[str, tree.Definition] = {}
        names: list[str] = []
        version = self.scope.package.name.version
        for item in items:
            if isinstance(item, tree.Use):
                names += self._use(item)
            elif isinstance(item, tree.Definition):
                self.unique.add(item.name)
                own[item.name] = item
                names.append(item.name)
                self.gates[item.name] = checked(item.head.gates, version)
        leaves = {name: [ref for ref in refs(item) if ref in own] for name, item in own.items()}
        try:
            order = ordered(own, lambda name: leaves[name])
        except Circle as circle:
            at = next(ref for ref in leaves[str(circle.members[0])] if ref == circle.members[1])
            raise wrong(at, f"types can't be recursive: {circle}; only the functions of a resource may name it again") from None
        for name in order:
            self.found[name] = self._define(own[name])
        self.found = {name: self.found[name] for name in names}

    def _use(self, use: tree.Use) -> list[str]:
        item, scope = self.resolver.target(use.path, self.scope)
        interface = self.resolver.interface(item, scope)
        self.uses[interface.id] = None
        gates = checked(use.head.gates, self.scope.package.name.version)
        names = []
        for rename in use.names:
            name = rename.new or rename.name
            self.unique.add(name)
            if rename.name not in interface.types:
                what = "no type, but a function," if rename.name in interface.functions else "no type"
                raise missing(rename.name, list(interface.types), f"{interface.id} has {what}")
            self.found[name] = interface.types[rename.name]
            self.sizes[name] = self.resolver.sizes[interface.id][rename.name]
            self.gates[name] = gates
            names.append(str(name))
        return names

    def _define(self, item: tree.Definition) -> Type:
        name, owner = str(item.name), self.owner
        match item:
            case tree.Alias():
                self.sizes[name] = self._measured(item.type, item.name)
                return self._bare(item.type)
            case tree.Record():
                fields = self._cases(item.fields, f"record {name}", item.name)
                return model.Record(name, owner, fields)
            case tree.Variant():
                return model.Variant(name, owner, self._cases(item.cases, f"variant {name}", item.name))
            case tree.Enum():
                return model.Enum(name, owner, self._labels(item.cases, f"enum {name}", item.name))
            case tree.Flags():
                if len(item.flags) > MOST_FLAGS:
                    raise wrong(item.flags[MOST_FLAGS].name, f"flags {name} has more than {MOST_FLAGS} flags")
                return model.Flags(name, owner, self._labels(item.flags, f"flags {name}", item.name))
            case tree.Resource():
                self.sizes[name] = Size(1, 1, False)
                return model.Resource(name, owner)

    def _cases(self, cases: Sequence[tree.Case], where: str, name: Name) -> tuple[model.Case, ...]:
        unique = Unique(where)
        for case in cases:
            unique.add(case.name)
        sizes = [self._measured(case.type, case.name) for case in cases if case.type is not None]
        self.sizes[name] = _sum(sizes, name)
        return tuple(model.Case(str(case.name), self.value(case.type)) for case in cases)

    def _labels(self, cases: Sequence[tree.Case], where: str, name: Name) -> tuple[str, ...]:
        self._cases(cases, where, name)
        return tuple(str(case.name) for case in cases)

    def function(self, item: tree.Function, resource: model.Resource | None = None) -> model.Function:
        """A function with its types looked up."""
        unique = Unique(f"function {item.name}" if item.kind != "constructor" else "the constructor")
        if item.kind == "method":
            unique.seen["self"] = "self"
        for param in item.params:
            unique.add(param.name)
            if param.type is not None:
                self._measured(param.type, param.name)
        params = tuple(model.Case(str(each.name), self.value(each.type)) for each in item.params)
        result = self.value(item.result)
        if item.result is not None and self._measured(item.result, item.name).borrows:
            raise wrong(item.name, f"the result of {item.name} can't hold a borrowed handle, which is lent for the call alone")
        if item.kind == "constructor" and item.result is not None:
            made = result.ok if isinstance(result, t.Result) else None
            if not (isinstance(made, t.Own) and made.resource is resource):
                name = resource.name if resource else ""
                raise wrong(item.name, f"the constructor of {name} has no result, or result<{name}, ...>")
        return model.function(str(item.name), item.kind, params, result, resource, item.is_async)

    def resource_functions(self, item: tree.Resource) -> tuple[dict[str, model.Function], dict[str, Gates]]:
        """The functions of a resource by their names in a component, and their gates."""
        resource = self.found[item.name]
        assert isinstance(resource, model.Resource)
        unique = Unique(f"resource {item.name}")
        functions: dict[str, model.Function] = {}
        gates: dict[str, Gates] = {}
        for each in visible(item.functions, self.resolver.known.features):
            unique.add(each.name)
            function = self.function(each, resource)
            functions[function.name] = function
            gates[function.name] = checked(each.head.gates, self.scope.package.name.version)
        return functions, gates

    def value(self, type: Type | None) -> Type | None:
        """The type of a value; a resource by its own name is a handle that owns it."""
        return None if type is None else model.handle(self._bare(type))

    def _bare(self, type: Type) -> Type:
        return self._look(type.name) if isinstance(type, tree.Ref) else t.rebuilt(type, self._leaf, self._look_ref)

    def _leaf(self, ref: Type) -> Type:
        return model.handle(self._look_ref(ref))

    def _look_ref(self, ref: Type) -> Type:
        assert isinstance(ref, tree.Ref)
        return self._look(ref.name)

    def _look(self, name: Name) -> Type:
        if name not in self.found:
            raise missing(name, [*self.found, *t.PRIMITIVES], f"{self.where} has no type")
        return self.found[name]

    def _measured(self, type: Type, at: Name) -> Size:
        """The size of a type of the tree; WitError if it is too large, or can't be what it says."""
        match type:
            case tree.Ref():
                self._look(type.name)
                return self.sizes[type.name]
            case t.Own() | t.Borrow():
                resource = self._look_ref(type.resource)
                if not isinstance(resource, model.Resource):
                    name = type.resource.name if isinstance(type.resource, tree.Ref) else at
                    raise wrong(name, f"{name} is no resource; only those have handles that are lent or owned")
                return Size(1, 1, isinstance(type, t.Borrow))
            case t.Map():
                key = self.value(type.key)
                if not (isinstance(key, t.Primitive) and key.name in t.KEYS):
                    raise wrong(at, f"keys of a map are integers, bool, char or string in {at}")
        size = _sum([self._measured(each, at) for each in t.parts(type)], at)
        if size.borrows and isinstance(type, t.Stream | t.Future):
            raise wrong(at, f"no borrowed handle can go through the stream or future in {at}")
        return size


def refs(item: tree.Definition) -> list[Name]:
    """The names that a definition refers to, not counting what a resource can do."""
    match item:
        case tree.Alias():
            waiting = [item.type]
        case tree.Record(fields=cases) | tree.Variant(cases=cases):
            waiting = [case.type for case in cases if case.type is not None]
        case _:
            return []
    found = []
    while waiting:
        type = waiting.pop()
        if isinstance(type, tree.Ref):
            found.append(type.name)
        waiting += t.parts(type)
    return found


def _sum(sizes: Sequence[Size], at: Name) -> Size:
    depth = max((each.depth for each in sizes), default=0) + 1
    count = sum(each.count for each in sizes) + 1
    if depth > DEEPEST or count > LARGEST:
        how = f"nests deeper than {DEEPEST}" if depth > DEEPEST else f"has more than {LARGEST} parts"
        raise wrong(at, f"the type of {at} {how} when everything in it is written out")
    return Size(depth, count, any(each.borrows for each in sizes))
