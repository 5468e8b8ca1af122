"""Sorts what several texts declare into packages, with the names that each file may use for interfaces of others.

Specification: WIT.md, "Package Names", "WIT Packages and `use`", "Filesystem structure".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from agave_wasi.nearest import nearest, unknown
from agave_wasi.witparse import tree
from agave_wasi.witparse.gates import visible
from agave_wasi.witparse.source import Name, WitError, wrong
from agave_wasi.witparse.wasi import PACKAGES

ALIKE = 0.85
"""How alike the ids of two packages are of which one may be meant for the other."""

Find = Callable[[str], Sequence[tree.File] | None]
"""Files of a package that isn't among those given, by its id."""


class Scope:
    """The names of one file for interfaces and worlds, beside those of its package."""

    __slots__ = ("package", "names")

    def __init__(self, package: Declared) -> None:
        self.package = package
        self.names: dict[str, tree.TopUse] = {}


class Declared:
    """A package as it was written: interfaces and worlds with the scope of their file, in order."""

    __slots__ = ("name", "items", "files")

    def __init__(self, name: tree.PackageName) -> None:
        self.name = name
        self.items: dict[str, tuple[tree.Interface | tree.World, Scope]] = {}
        self.files: list[tuple[object, ...]] = []

    @property
    def id(self) -> str:
        """`namespace:name@version`"""
        return str(self.name)


class Packages:
    """All packages that are known, by id. `features` are the unstable ones that are enabled; None for all."""

    def __init__(self, find: Find | None = None, features: Collection[str] | None = None) -> None:
        self.known: dict[str, Declared] = {}
        self.find = find
        self.features = features

    def add(self, files: Sequence[tree.File], where: str = "") -> list[Declared]:
        """Add the files of one package, with those nested in them; what was added. WitError names `where` if it has to."""
        names = [file.name for file in files if file.name is not None]
        for name in names[1:]:
            if name != names[0]:
                place = name.namespaces[0]
                raise wrong(place, f"this file is of package {name}, another one beside it of {names[0]}; a folder holds one")
        loose = [item for file in files for item in file.items if not isinstance(item, tree.Package)]
        if loose and not names:
            raise wrong(_place(loose[0]), "no file says which package this belongs to; begin one with: package namespace:name;")
        if not files or not (names or any(file.items for file in files)):
            raise WitError(f"{where or 'this text'} declares no package; begin it with: package namespace:name;")
        added = []
        if names:
            contents = [tuple(item for item in file.items if not isinstance(item, tree.Package)) for file in files]
            added += self._declare(names[0], contents)
        for file in files:
            for item in file.items:
                if isinstance(item, tree.Package):
                    added += self._declare(item.name, [item.items])
        return added

    def _declare(self, name: tree.PackageName, files: Sequence[tuple[object, ...]]) -> list[Declared]:
        package = Declared(name)
        package.files = [contents for contents in files if contents]
        earlier = self.known.get(package.id)
        if earlier is not None:
            if earlier.files != package.files:
                raise wrong(name.namespaces[0], f"package {name} is declared twice, with different contents")
            return []
        unique = Unique(f"package {name}")
        for contents in files:
            scope = Scope(package)
            for item in visible(contents, self.features):
                if isinstance(item, tree.TopUse):
                    alias = item.new or item.path.name
                    if alias in scope.names:
                        raise wrong(alias, f"{alias} is used twice in this file; give one another name with `as`")
                    scope.names[alias] = item
                elif isinstance(item, tree.Interface | tree.World):
                    unique.add(item.name)
                    package.items[item.name] = (item, scope)
            for new, use in scope.names.items():
                if new in package.items and package.items[new][1] is scope:
                    raise wrong(use.new or use.path.name, f"{new} is both used and defined in this file; give one another name")
        self.known[package.id] = package
        return [package]

    def package(self, name: tree.PackageName) -> Declared:
        """A package by its name; WitError if there is none."""
        found = self.known.get(str(name))
        if found is None and self.find is not None:
            files = self.find(str(name))
            if files is not None:
                self.add(files)
                found = self.known.get(str(name))
        if found is None:
            names = [*self.known, *(PACKAGES if self.find is not None else ())]
            plain = str(name).partition("@")[0]
            others = [each for each in names if each.partition("@")[0] == plain]  # in another version
            near = others[-1] if others else nearest(str(name), names, ALIKE)
            cure = f"did you mean {near}?" if near else "put it into deps/"
            raise wrong(name.version or name.names[0], f"there is no package {name} here or in deps/; {cure}")
        return found

    def lookup(self, path: tree.Path, scope: Scope) -> tuple[tree.Interface | tree.World, Scope]:
        """The interface or world that a path of a file means; WitError if there is none."""
        seen: set[str] = set()
        while path.package is None and path.name in scope.names and path.name not in seen:
            seen.add(path.name)
            path = scope.names[path.name].path
        if path.package is None and path.name in seen:
            raise wrong(path.name, f"`use {path.name}` leads only to itself; say which package it is of")
        package = scope.package if path.package is None else self.package(path.package)
        found = package.items.get(path.name)
        if found is None:
            names = [*package.items, *(scope.names if path.package is None else ())]
            raise wrong(path.name, unknown(f"package {package.id} has no interface or world", path.name, names,
                                           _has(names)))  # fmt: skip
        return found


class Unique:
    """Names of one scope, of which no two may be the same, nor differ only in case."""

    __slots__ = ("where", "seen")

    def __init__(self, where: str) -> None:
        self.where = where
        self.seen: dict[str, str] = {}

    def add(self, name: str) -> None:
        """One more; WitError if it is taken."""
        earlier = self.seen.get(name.lower())
        if earlier is None:
            self.seen[name.lower()] = name
        else:
            same = "" if earlier == name else f", which differs only in case from {name}"
            raise wrong(name, f"{self.where} already has the name {earlier}{same}")


def missing(name: str, names: Collection[str], what: str) -> WitError:
    """What to say of a name that there isn't."""
    found = nearest(name, names)
    return wrong(name, f"{what} {name}; {f'did you mean {found}?' if found else _has(names)}")


def _has(names: Collection[str]) -> str:
    return f"there are {', '.join(sorted(names)[:12])}" if names else "it has none"


def _place(item: object) -> Name:
    return item.path.name if isinstance(item, tree.TopUse) else item.name  # type: ignore[attr-defined]
