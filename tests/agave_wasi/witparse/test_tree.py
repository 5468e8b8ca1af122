"""Trees: names of packages and paths as they are written, and what parsing leaves in them."""

from __future__ import annotations

from agave_wasi.witparse import tree
from agave_wasi.witparse.parse import parse
from agave_wasi.witparse.source import Name


def test_names_of_packages_and_paths_as_text() -> None:
    name = tree.PackageName((Name("a"), Name("b")), (Name("c"), Name("d")), Name("1.0.0"))
    assert str(name) == "a:b:c/d@1.0.0"
    assert str(tree.Path(name, Name("i"))) == "a:b:c/d/i@1.0.0"
    assert str(tree.Path(None, Name("i"))) == "i"
    assert str(tree.PackageName((Name("a"),), (Name("b"),))) == "a:b"


def test_every_name_in_a_tree_knows_its_place() -> None:
    file = parse("package a:b;\ninterface i {\n  f: func(p: t);\n}", "x.wit")
    (interface,) = file.items
    assert isinstance(interface, tree.Interface)
    (function,) = interface.items
    assert isinstance(function, tree.Function) and function.params[0].type is not None
    assert isinstance(function.params[0].type, tree.Ref)
    places = [name.source and name.source.position(name.offset) for name in (function.name, function.params[0].type.name)]
    assert places == [(3, 3), (3, 14)]


def test_trees_are_equal_wherever_their_names_stood() -> None:
    assert parse("package a:b; interface i { f: func(); }") == parse("package\n a : b ;\n\ninterface %i{f:func();}")
    assert parse("package a:b; interface i {}") != parse("package a:b; interface j {}")
