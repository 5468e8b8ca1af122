"""What is left out is there to be left out, and each has a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.mutants.scope import (
    ATTRIBUTES,
    CONSTANTS,
    EAGER,
    FUNCTIONS,
    MODULES,
    PROJECT,
    ROOMS,
    SYMBOLS,
    WHOLE_CHECKS,
    sources,
    unreachable,
)


def names(path: Path) -> set[str]:
    """Functions, classes and numbers of a module."""
    return set(_names(ast.parse(path.read_text(encoding="utf-8")), ""))


def _names(node: ast.AST, prefix: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            yield prefix + child.name
            yield from _names(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.Assign):
            yield from (prefix + each.id for each in child.targets if isinstance(each, ast.Name))


def module_path(name: str) -> Path:
    path = PROJECT / name.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@pytest.mark.parametrize("name", [*FUNCTIONS, *CONSTANTS, *SYMBOLS, *WHOLE_CHECKS])
def test_what_is_left_out_is_there(name: str) -> None:
    module, _, inner = name.partition(":")
    assert inner in names(module_path(module))


@pytest.mark.parametrize("name", MODULES)
def test_modules_that_are_left_out_are_there(name: str) -> None:
    assert module_path(name).exists() and name not in sources()


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attributes_that_are_left_out_are_there(name: str) -> None:
    module, _, inner = name.partition(":")
    text = module_path(module).read_text(encoding="utf-8")
    assert f".{inner} = " in text or f".{inner}, self" in text or f".{inner} += " in text or f".{inner}(" in text


def test_everything_has_a_reason() -> None:
    assert all([*MODULES.values(), *FUNCTIONS.values(), *CONSTANTS.values(), *SYMBOLS.values(), *ATTRIBUTES.values()])


def test_all_else_is_mutated() -> None:
    there = {path for room in ROOMS for path in (PROJECT / room).rglob("*.py")}
    gone = there - set(sources().values())
    assert {path.relative_to(PROJECT).as_posix().split("/")[1] for path in gone} <= {
        "devices.py", "trace.py", "fs", "snapshot", "preview1",
    }  # fmt: skip
    assert EAGER in sources() and "kernel_sim.fs.memfs" in sources() and "agave_wasi.preview1.compiled" in sources()


def test_what_is_said_to_be_out_of_reach() -> None:
    assert unreachable("kernel_sim.fs.special:Pipe")
    assert not unreachable("agave_wasi.preview1.layout:text") and not unreachable("kernel_sim.kernel:Kernel.mount")
