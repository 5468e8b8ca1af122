"""What shells complete: every command there is, other packages' too, whatever those do."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from agave_wasi.cli import completed
from agave_wasi.cli.completed import Node, commands, every
from agave_wasi.cli.main import COMMANDS, ENTRY_POINTS
from agave_wasi.cli.options import HELP
from agave_wasi.cli.others import announced


def test_all_commands_are_there_ours_first() -> None:
    found = commands()
    assert list(found)[: len(COMMANDS)] == list(COMMANDS)
    assert list(found)[len(COMMANDS) :] == list(announced())
    assert all(node.options for name, node in found.items() if name not in ("explain", "cache", "completion"))
    assert found["run"].guest and not found["inspect"].guest
    assert "path_open" in found["explain"].words and "bash" in found["completion"].words


def test_commands_below_commands_have_paths_of_their_own() -> None:
    tree = {"a": Node("A", below={"b": Node("B", below={"c": Node("C")})}), "d": Node("D")}
    assert {path: node.summary for path, node in every(tree).items()} == {"a": "A", "a b": "B", "a b c": "C", "d": "D"}
    names = every(commands())
    assert {"conformance run", "conformance list", "conformance show"} <= names.keys()
    assert "junit" in {option.name for option in names["conformance run"].options}


def test_the_runtimes_of_the_harness_are_choices() -> None:
    options = {option.name: option for option in commands()["conformance"].below["run"].options}
    assert {"agave-wasi", "node", "all"} <= set(options["runtime"].choices)
    assert not options["scheduler"].takes_file and options["html"].takes_file


@pytest.mark.parametrize("answer", ["nothing", "something else", "an error", "no such module"])
def test_a_package_that_tells_nothing_is_completed_by_its_name(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("strange_package")
    if answer == "something else":
        module.completions = lambda: ["words"]  # type: ignore[attr-defined]
    elif answer == "an error":
        module.completions = lambda: 1 // 0  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "strange_package", None if answer == "no such module" else module)
    entry = EntryPoint("strange", "strange_package:main", ENTRY_POINTS)
    monkeypatch.setattr(completed, "announced", lambda: {"strange": entry, "run": entry})
    found = commands()
    assert found["strange"].summary == "of strange_package" and not found["strange"].options
    assert found["run"].options  # ours comes before another one of its name


def test_a_package_that_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("good_package")
    module.completions = lambda: Node("does good", (HELP,), ("words",))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "good_package", module)
    monkeypatch.setattr(completed, "announced", lambda: {"good": EntryPoint("good", "good_package:main", ENTRY_POINTS)})
    assert commands()["good"].words == ("words",)
