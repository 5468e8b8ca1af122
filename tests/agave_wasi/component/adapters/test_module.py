"""A module in the making: declarations once each, in the order in which they came up, and locals by name."""

from __future__ import annotations

from agave_wasi.component.adapters.module import Function, Module, signature
from agave_wasi.component.adapters.traps import Site
from agave_wasi.component.types import U8
from tests.agave_wasi.component.adapters.pair import engine


def test_signatures() -> None:
    assert signature("", "") == ""
    assert signature("iF", "fI") == " (param $p0 i32) (param $p1 f64) (result f32 i64)"


def test_a_function_has_its_locals_once() -> None:
    function = Function("f", "i", "i")
    assert function.local("$x", "I") == function.local("$x", "I") == "$x"
    function.body.append("local.get $p0")
    assert function.text() == " (func $f (param $p0 i32) (result i32) (local $x i64)\n  local.get $p0)"


def test_imports_and_routines_are_there_once() -> None:
    module = Module()
    for _ in range(2):
        module.realloc("callee")
        module.region("caller")
        module.below()
        module.char()
        module.number("f")
        module.number("F")
    assert list(module.imports) == [("callee", "realloc"), ("host", "trap"), ("callee", "memory"), ("caller", "memory")]
    assert list(module.routines) == ["fresh-callee", "realloc-callee", "region-caller", "below", "char", "f32", "f64"]
    engine().compile(module.text())


def test_sites_are_numbered() -> None:
    module = Module()
    assert [module.site(Site(U8, False)), module.site(Site(None, True))] == [0, 1]
    assert [str(site) for site in module.sites] == ["u8 in the arguments", "the result"]


def test_the_same_needs_give_the_same_bytes() -> None:
    texts = []
    for _ in range(2):
        module = Module()
        module.char()
        module.memory("caller")
        texts.append(module.text())
    assert texts[0] == texts[1]
