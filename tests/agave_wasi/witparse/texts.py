"""What these tests share: short ways from a text to a tree, a package, or the complaint about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agave_wasi.witparse.model import Interface, Package, World
from agave_wasi.witparse.parse import parse
from agave_wasi.witparse.resolve import resolve
from agave_wasi.witparse.source import WitError

ROOT = Path(__file__).resolve().parents[3]
HEAD = "package a:b@1.2.3;\n"


def package(text: str, *others: str, features: tuple[str, ...] | None = None) -> Package:
    """The package of a text, a:b@1.2.3 if it names none; `others` are other packages."""
    named = text if text.startswith("package") else HEAD + text
    found = resolve([[parse(named, "it.wit")], *([parse(each, "other.wit")] for each in others)], features=features)
    return next(iter(found.values()))


def interface(items: str, *others: str) -> Interface:
    """The interface `i` with some items."""
    return package(f"interface i {{ {items} }}", *others).interfaces["i"]


def world(text: str, *others: str, name: str = "w") -> World:
    """A world of a text."""
    return package(text, *others).worlds[name]


def complaint(text: str, *others: str) -> str:
    """What is said of a text that is wrong: line, column and reason."""
    with pytest.raises(WitError) as caught:
        package(text, *others)
    return f"{caught.value.line}:{caught.value.column}: {caught.value.reason}"
