"""WIT among files: a file, a folder with its deps/, or a folder of package folders.

Specification: WIT.md, "Filesystem structure".
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from agave_wasi.witparse import tree, wasi
from agave_wasi.witparse.model import Package
from agave_wasi.witparse.packages import Packages
from agave_wasi.witparse.parse import parse
from agave_wasi.witparse.resolve import Resolver
from agave_wasi.witparse.source import Source, WitError

Group = list[tree.File]
"""The files of one package."""


def read(path: Path) -> tree.File:
    """The tree of one file; WitError if it can't be read, isn't UTF-8, or isn't WIT."""
    try:
        if not path.is_file():
            raise WitError(f"{path} is no file" if path.exists() else f"{path}: there is no such file")
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise WitError(f"{path} can't be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        raise WitError("the text isn't UTF-8 from here on", Source(before, str(path)), len(before)) from None
    return parse(text, str(path))


def groups(path: Path) -> tuple[list[Group], list[Group]]:
    """The packages at a path, and those in its deps/; WitError."""
    if not path.is_dir():
        return [[read(path)]], []
    own = _files(path)
    if own:
        return [own], _dependencies(path)
    below = [files for folder in _folders(path) if folder.name != "deps" and (files := _files(folder))]
    if not below:
        raise WitError(f"{path} has no .wit file, nor has a folder in it; give a file, or a folder of one package")
    return below, _dependencies(path)


def load(path: Path, features: Collection[str] | None = None) -> dict[str, Package]:
    """The packages at a path, resolved, by id. Those of WASI that they use need not be in deps/; WitError.

    `features` are the unstable features to enable; None enables all.
    """
    roots, dependencies = groups(path)
    return _resolved(roots, dependencies, str(path), features)


def load_text(text: str, features: Collection[str] | None = None) -> dict[str, Package]:
    """The packages in a text, resolved, by id; as `load`."""
    return _resolved([[parse(text)]], [], "<text>", features)


def _resolved(
    roots: list[Group], dependencies: list[Group], where: str, features: Collection[str] | None
) -> dict[str, Package]:
    packages = Packages(wasi.files, features)
    below = [each for group in dependencies for each in packages.add(group, f"{where}/deps")]
    own = [each for group in roots for each in packages.add(group, where)]
    found = Resolver(packages).packages([*below, *own])
    return {each.id: found[each.id] for each in own}


def _dependencies(path: Path) -> list[Group]:
    deps = path / "deps"
    if not deps.is_dir():
        return []
    return [*([file] for file in _files(deps)), *filter(None, map(_files, _folders(deps)))]


def _listed(path: Path) -> list[Path]:
    try:
        return sorted(path.iterdir())
    except OSError as error:
        raise WitError(f"{path} can't be read: {error.strerror}") from None


def _files(path: Path) -> Group:
    return [read(each) for each in _listed(path) if each.suffix == ".wit" and not each.is_dir()]


def _folders(path: Path) -> list[Path]:
    return [each for each in _listed(path) if each.is_dir()]
