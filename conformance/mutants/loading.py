"""Lets one module be loaded with a mutant's change in it; the files stay as they are."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType, ModuleType
from typing import Any

from conformance.mutants.places import Mutant, mutated
from conformance.mutants.scope import COMPONENT_ROOMS, ROOMS, sources

OURS = ("kernel_sim", "agave_wasi")


class Finder(MetaPathFinder):
    """Finds the mutant's module before anybody else does."""

    def __init__(self, mutant: Mutant) -> None:
        self.name = mutant.module
        path = sources((*ROOMS, *COMPONENT_ROOMS))[mutant.module]
        tree = mutated(mutant, path.read_text(encoding="utf-8"))
        self.path = str(path)
        self.code: CodeType = compile(tree, self.path, "exec", dont_inherit=True)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        return spec_from_file_location(name, self.path, loader=_Loader(name, self.path, self.code))


class _Loader(SourceFileLoader):
    """Loads code that is already there."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self.code = code

    def get_code(self, fullname: str) -> Any:
        return self.code


def put_in(mutant: Mutant) -> None:
    """From now on the mutant's module is the mutated one. Nothing of the project may have been imported yet."""
    require_fresh()
    sys.meta_path.insert(0, Finder(mutant))


def require_fresh() -> None:
    """RuntimeError if something of the project is there already: it would hold on to what isn't mutated."""
    early = sorted(name for name in sys.modules if name.partition(".")[0] in OURS)
    if early:
        raise RuntimeError(f"{early[0]} was imported before it could be mutated")
