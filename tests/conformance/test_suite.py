"""Where cases come from: our own suites, folders, and the names that patterns choose."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.errors import HarnessError, WrongUse
from conformance.suite import find_suites, read_suite, select
from tests.conformance.made import add, suite


def test_without_names_they_are_all_of_ours() -> None:
    assert [each.name for each in find_suites([])] == ["preview1", "preview1_worlds"]
    assert [each.name for each in find_suites(["preview1_worlds", "preview1_worlds"])] == ["preview1_worlds"]
    assert [each.name for each in find_suites(["preview2"])] == ["preview2"]  # which is run when it is named
    names = [case.name for case in find_suites(["preview1"])[0].cases]
    assert "read_write" in names and "raw_calls" not in names


def test_a_folder_has_a_case_for_each_program(tmp_path: Path) -> None:
    suite(tmp_path / "s", not_cases=["tool"])
    for name in ("b", "a", "tool"):
        add(tmp_path / "s", name)
    (found,) = find_suites([str(tmp_path / "s")])
    assert found.name == "made"
    assert [case.full_name for case in found.cases] == ["made/a", "made/b"]


def test_a_folder_of_folders_has_all_their_suites(tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        add(tmp_path / name, "case")
    assert [(each.name, len(each.cases)) for each in find_suites([str(tmp_path)])] == [("x", 1), ("y", 1)]


def test_suites_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for name in ("x", "y"):
        add(suite(tmp_path / name), "case")
    names = [case.full_name for each in find_suites([str(tmp_path)]) for case in each.cases]
    assert len(set(names)) == 2


def test_a_case_without_a_root_has_a_folder_only_if_the_suite_says_so(tmp_path: Path) -> None:
    add(suite(tmp_path / "x"), "case")
    (case,) = read_suite(tmp_path / "x").cases
    assert [each.guest for each in case.folders] == ["/"]
    (tmp_path / "x" / "manifest.json").unlink()
    (case,) = read_suite(tmp_path / "x").cases
    assert case.folders == [] and case.features == {"no folder"}


def test_patterns_choose_by_name_or_by_suite_and_name() -> None:
    suites = find_suites([])
    assert {case.name for case in select(suites, ["sock_*"])} >= {"sock_recv", "sock_bad_fd"}
    assert {case.suite for case in select(suites, ["preview1_worlds/*"])} == {"preview1_worlds"}
    assert len(select(suites, [])) == sum(len(each.cases) for each in suites)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no suite and no folder previev1; did you mean preview1"):
        find_suites(["previev1"])
    with pytest.raises(WrongUse, match="no case matches reed_write; did you mean read_write"):
        select(find_suites([]), ["sock_*", "reed_write"])
    with pytest.raises(HarnessError, match=r"has no .wasm files"):
        find_suites([str(tmp_path)])


def test_a_bad_suite_is_said(tmp_path: Path) -> None:
    add(tmp_path, "case")
    (tmp_path / "stray.json").write_text("{}")
    with pytest.raises(HarnessError, match=r"stray.json is a manifest without a program: stray.wasm is missing"):
        read_suite(tmp_path)
    for text, words in (("[]", "must be an object with a name"), ('{"not_cases": "x"}', "not_cases must be a list")):
        (tmp_path / "manifest.json").write_text(text)
        with pytest.raises(HarnessError, match=words):
            read_suite(tmp_path)
