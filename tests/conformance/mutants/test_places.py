"""Where mutants are made, where none are, and how each is found again."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from conformance.mutants import places, scope
from conformance.mutants.places import LONGEST, mutants, mutated
from conformance.mutants.sample import everything
from conformance.mutants.scope import sources

MODULE = "kernel_sim.made_up"
SOURCE = '''
"""What it is, in 1 line."""
from somewhere import something
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
LIMIT = 5
"""How many: 5."""
class Thing(dict[int, "Any"]):
    """A thing of 2 parts."""
    __slots__ = ("a", "b")
    def __init__(self, a: int = 3) -> "Thing":
        self.a = a
    @marked(17)
    def grow(self, by: "list[4]") -> None:
        assert by > 0, "more than 0"
        for each in by:
            if each < LIMIT:
                self.a += 1
            self.a += each
            self.a += each
        raise ValueError("5 is too much")
    def __repr__(self) -> str:
        return "thing" + str(1)
'''


def shown(source: str = SOURCE) -> list[tuple[str, str, str]]:
    return [(each.function, each.before, each.after) for each in mutants(MODULE, source)]


def test_all_of_them() -> None:
    assert shown() == [
        ("", "LIMIT = 5", "LIMIT = 6"),
        ("Thing.__init__", "self.a = a", "pass"),
        ("Thing.grow", "if each < LIMIT:", "if not each < LIMIT:"),
        ("Thing.grow", "if each < LIMIT:", "if each <= LIMIT:"),
        ("Thing.grow", "self.a += 1", "self.a -= 1"),
        ("Thing.grow", "self.a += 1", "pass"),
        ("Thing.grow", "self.a += 1", "self.a += 2"),
        ("Thing.grow", "self.a += each", "self.a -= each"),
        ("Thing.grow", "self.a += each", "pass"),
        ("Thing.grow", "self.a += each", "self.a -= each"),
        ("Thing.grow", "self.a += each", "pass"),
    ]


def test_the_same_change_a_second_time_has_another_number() -> None:
    found = mutants(MODULE, SOURCE)
    assert len({each.key for each in found}) == len(found)
    assert [each.number for each in found if each.after == "self.a -= each"] == [0, 1]


def test_a_mutant_is_that_one_change() -> None:
    before = ast.unparse(ast.parse(SOURCE)).splitlines()
    for each in mutants(MODULE, SOURCE):
        after = ast.unparse(mutated(each, SOURCE)).splitlines()
        assert len(after) == len(before)
        (line,) = [at for at, (one, other) in enumerate(zip(before, after)) if one != other]
        assert (before[line].strip(), after[line].strip()) == (each.before, each.after)


def test_the_second_of_two_is_changed_and_not_the_first() -> None:
    second = next(each for each in mutants(MODULE, SOURCE) if each.after == "self.a -= each" and each.number == 1)
    text = ast.unparse(mutated(second, SOURCE))
    assert text.index("self.a += each") < text.index("self.a -= each")


def test_one_that_is_not_there() -> None:
    other = replace(mutants(MODULE, SOURCE)[0], before="LIMIT = 7")
    with pytest.raises(LookupError, match="no such place"):
        mutated(other, SOURCE)


def test_lines_may_come_and_go() -> None:
    below = "\n\n# more\n" + SOURCE
    assert [each.key for each in mutants(MODULE, below)] == [each.key for each in mutants(MODULE, SOURCE)]
    assert mutants(MODULE, below)[0].first == mutants(MODULE, SOURCE)[0].first + 3


def test_lines_of_a_statement_and_of_a_head() -> None:
    source = "if (a <\n    b):\n    f(\n      c)\n"
    assert [(each.after, list(each.lines)) for each in mutants(MODULE, source)] == [
        ("if not a < b:", [1, 2]), ("if a <= b:", [1, 2]), ("pass", [3, 4]),
    ]  # fmt: skip


def test_what_is_long_is_shown_in_part() -> None:
    source = f"NAMES = {[f'name {number}' for number in range(50)]}"
    found = mutants(MODULE, source)
    assert len(found) == 50 == len({each.key for each in found})
    assert all(len(each.before) <= LONGEST and "x" in each.after for each in found)
    assert found[20].before.startswith("...") and "'name 20'" in found[20].before
    mutated(found[20], source)


def test_what_is_left_out_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(scope.FUNCTIONS, f"{MODULE}:Thing.grow", "a reason")
    assert {function for function, _, _ in shown()} == {"", "Thing.__init__"}
    monkeypatch.setitem(scope.FUNCTIONS, f"{MODULE}:Thing", "a reason")
    monkeypatch.setitem(scope.CONSTANTS, f"{MODULE}:LIMIT", "a reason")
    assert shown() == []


def test_comparisons_with_a_number_that_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(scope.CONSTANTS, f"{MODULE}:LIMIT", "a choice")
    assert [after for _, _, after in shown() if "<=" in after]
    monkeypatch.setitem(scope.CONSTANTS, f"{MODULE}:LIMIT", scope.SPEED)
    assert not [after for _, _, after in shown() if "<=" in after]


def test_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def f(a):\n    a.b = 1\n    a.b += 2\n    a.b()\n    a.c = 1\n"
    assert len(shown(source)) == 8
    monkeypatch.setitem(scope.ATTRIBUTES, f"{MODULE}:b", "a reason")
    assert {before for _, before, _ in shown(source)} == {"a.c = 1"}


def test_counters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "COUNTERS", (f"{MODULE}:b",))
    assert shown("def f(a):\n    a.b += 2\n") == [("f", "a.b += 2", "pass")]


def test_quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "if a + 4 > last:\n    check(a)\n"
    monkeypatch.setitem(scope.QUICK_LOOKS, MODULE, ("last",))
    assert [after for _, _, after in shown(source)] == ["if not a + 4 > last:", "if a - 4 > last:", "if a + 5 > last:", "pass"]


def test_a_whole_check_is_no_quick_look(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def check(a):\n    if a > last:\n        raise Trap()\n"
    monkeypatch.setitem(scope.QUICK_LOOKS, MODULE, ("last",))
    assert ("check", "if a > last:", "if a >= last:") not in shown(source)
    monkeypatch.setattr(places, "WHOLE_CHECKS", (f"{MODULE}:check",))
    assert ("check", "if a > last:", "if a >= last:") in shown(source)


def test_symbols(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "class Kind:\n    ONE = 'one'\n"
    assert shown(source) == [("Kind", "ONE = 'one'", "ONE = 'onex'")]
    monkeypatch.setitem(scope.SYMBOLS, f"{MODULE}:Kind", "a reason")
    assert shown(source) == []


def test_every_mutant_of_the_project_can_be_compiled_and_is_another_program() -> None:
    """Those of one module in each room: all of them would take minutes."""
    for name in ("kernel_sim.fdtable", "kernel_sim.fs.resolve", "agave_wasi.preview1.poll", "agave_wasi.preview1.files"):
        source = sources()[name].read_text(encoding="utf-8")
        plain = compile(ast.parse(source), name, "exec")
        for each in mutants(name, source):
            assert compile(mutated(each, source), name, "exec") != plain, str(each)


def test_there_are_thousands_and_each_has_a_name_of_its_own() -> None:
    found = everything()
    assert len(found) > 3000 and len({each.key for each in found}) == len(found)
