"""Where cases come from: our own suites by name, and any folder of .wasm files with manifests beside them.

A suite's folder may have a manifest.json: "name"; "empty_root": true gives cases that name no root an empty one; "not_cases"
lists .wasm files that are something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from agave_wasi.nearest import unknown
from conformance.case import Case
from conformance.errors import HarnessError, WrongUse
from conformance.manifest import load_json

HOME = Path(__file__).parent / "suites"
OURS = ("preview1", "preview1_worlds")
COMPONENTS = ("preview2",)
"""Suites of components, which are run when they are named."""
INFO = "manifest.json"


@dataclass(frozen=True)
class Suite:
    """A folder's cases, under the name that its manifest.json gives."""

    name: str
    folder: Path
    cases: tuple[Case, ...]


def our_suites() -> dict[str, Path]:
    """The folders of our own suites of Preview 1 by their short names."""
    return {name: HOME / name for name in OURS}


def named_suites() -> dict[str, Path]:
    """The folders of all our own suites by their short names."""
    return {name: HOME / name for name in (*OURS, *COMPONENTS)}


def find_suites(names: list[str]) -> list[Suite]:
    """The suites that are named, by our short names or as folders, each once; all of ours without names. HarnessError."""
    ours = named_suites()
    folders: dict[Path, None] = {}
    for name in names or OURS:
        if name in ours:
            folders[ours[name]] = None
        elif name and Path(name).is_dir():
            folders.update(dict.fromkeys(below(Path(name))))
        elif Path(name).is_file():
            path = Path(name)
            raise WrongUse(f"{name} is a file; name its folder, and the case with --filter: {path.parent} --filter {path.stem}")
        else:
            raise WrongUse(unknown("there is no suite and no folder", name, ours, f"suites are {', '.join(ours)}"))
    suites = [read_suite(folder, next((name for name in ours if ours[name] == folder), "")) for folder in folders]
    return _with_names_of_their_own(suites)


def below(folder: Path) -> list[Path]:
    """The folder itself if it has cases, else all those below it that have; HarnessError if there are none."""
    if any(folder.glob("*.wasm")):
        return [folder.resolve()]
    found = sorted({path.parent.resolve() for path in folder.rglob("*.wasm")})
    if not found:
        cure = f"name a folder with cases, or one of ours: {', '.join(OURS)}"
        raise HarnessError(f"{folder} has no .wasm files, nor have the folders in it; {cure}")
    return found


def read_suite(folder: Path, short: str = "") -> Suite:
    """The suite in a folder; `short` is our own name for it. HarnessError."""
    info = suite_info(folder)
    name = short or info.get("name") or folder.name
    others = set(info.get("not_cases", ()))
    empty_root = info.get("empty_root") is True
    paths = [path.with_suffix(".json") for path in sorted(folder.glob("*.wasm")) if path.stem not in others]
    strays = {path.name for path in folder.glob("*.json") if path.name != INFO} - {path.name for path in paths}
    if strays:
        raise HarnessError(f"{folder / min(strays)} is a manifest without a program: {min(strays)[:-5]}.wasm is missing")
    return Suite(name, folder, tuple(Case.read(path, name, empty_root) for path in paths))


def suite_info(folder: Path) -> dict[str, Any]:
    """What a suite's manifest.json says; empty without one. HarnessError."""
    path = folder / INFO
    info = load_json(path) if path.exists() else {}
    if not isinstance(info, dict) or not isinstance(info.get("name", ""), str):
        raise HarnessError(f'{path} must be an object with a name, as in {{"name": "my suite"}}')
    others = info.get("not_cases", [])
    if not isinstance(others, list) or not all(isinstance(each, str) for each in others):
        raise HarnessError(f"{path}: not_cases must be a list of names")
    return info


def _with_names_of_their_own(suites: list[Suite]) -> list[Suite]:
    """Two suites of one name would hide each other's cases: the folders' names tell them apart."""
    names = [suite.name for suite in suites]
    found = []
    for number, suite in enumerate(suites):
        if names.count(suite.name) > 1:
            name = f"{suite.name} ({suite.folder.name}, {names[:number].count(suite.name) + 1})"
            suite = Suite(name, suite.folder, tuple(Case(each.path, each.manifest, name) for each in suite.cases))
        found.append(suite)
    return found


def select(suites: list[Suite], patterns: list[str]) -> list[Case]:
    """The cases whose name, or suite/name, matches one of the patterns (all without any); HarnessError if one matches none."""
    everything = [case for suite in suites for case in suite.cases]
    if not patterns:
        return everything
    for pattern in patterns:
        if not any(matches(case, pattern) for case in everything):
            names = [case.name for case in everything]
            raise WrongUse(unknown("no case matches", pattern, names, "agave-wasi conformance list shows them"))
    return [case for case in everything if any(matches(case, pattern) for pattern in patterns)]


def matches(case: Case, pattern: str) -> bool:
    """Does a shell pattern fit the case's name?"""
    return fnmatchcase(case.name, pattern) or fnmatchcase(case.full_name, pattern)
