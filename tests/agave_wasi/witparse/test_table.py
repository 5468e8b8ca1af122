"""Interfaces and worlds as rows, and back."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings

from agave_wasi.witparse import table
from agave_wasi.witparse.diff import differences
from agave_wasi.witparse.model import Interface
from agave_wasi.witparse.parse import parse
from agave_wasi.witparse.printer import printed
from agave_wasi.witparse.resolve import resolve
from tests.agave_wasi.witparse import generated
from tests.agave_wasi.witparse.texts import package

TEXT = """
@since(version = 1.0.0) interface i {
  use j.{r, s as z};
  record a { x: list<u8, 4>, y: option<tuple<string, r>>, }
  variant b { p, q(result<_, a>), o(result<z>), n(result), }
  enum c { x, y, }
  flags d { x, y, }
  type e = map<string, list<b>>;
  type e2 = d;
  resource f { constructor(x: borrow<z>); @unstable(feature = u) m: async func() -> stream<e>; s: static func() -> future; }
  g: func(x: f, y: own<f>, z: error-context) -> future<u8>;
}
interface j { resource s; record r { a: u8, } type k = stream; }
world w { import i; @unstable(feature = u) export j; }
"""


def test_rows_become_what_they_were_made_of() -> None:
    found = package(TEXT)
    rows = {each.id: table.row(each) for each in found.interfaces.values()}
    made: dict[str, Interface] = {}

    def find(id: str) -> Interface:
        if id not in made:
            made[id] = table.interface(id, rows[id], find)
        return made[id]

    for each in found.interfaces.values():
        again = find(each.id)
        assert again == each and list(again.types) == list(each.types) and list(again.functions) == list(each.functions)
        assert again.gates == each.gates
    assert made["a:b/i@1.2.3"].types["r"] is made["a:b/j@1.2.3"].types["r"]
    world = found.worlds["w"]
    assert table.world(world.id, table.world_row(world), find) == world


def test_rows_are_made_of_what_python_writes_down() -> None:
    row = table.row(package(TEXT).interfaces["i"])
    assert eval(repr(row), {}) == row


def test_a_world_with_more_than_interfaces_has_no_row() -> None:
    for text in ("world w { type t = u8; }", "world w { import f: func(); }", "world w { import f: i; } interface i {}"):
        with pytest.raises(ValueError, match=r"a:b/w@1\.2\.3 has more than interfaces"):
            table.world_row(package(text).worlds["w"])


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(generated.sound())
def test_sound_packages_mean_the_same_printed_and_as_rows(text: str) -> None:
    file = parse(text)
    (found,), (again,) = (resolve([[each]]).values() for each in (file, parse(printed(file))))
    assert again == found and differences({found.id: found}, {again.id: again}) == []
    rows = {each.id: eval(repr(table.row(each)), {}) for each in found.interfaces.values()}

    @cache
    def find(id: str) -> Interface:
        return table.interface(id, rows[id], find)

    for each in found.interfaces.values():
        assert find(each.id) == each
    for world in found.worlds.values():
        assert table.world(world.id, table.world_row(world), find) == world
