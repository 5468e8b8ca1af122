"""Expectations: what is written is checked, and a match holds only where all of its conditions do."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.preview1.interface import Preview1, function_names
from conformance.calls.call import Call, Region
from conformance.calls.known import TEXTS, Known, concerning, known, read
from conformance.calls.rules import Difference
from conformance.diff import component_sections
from conformance.diff.sections import FUNCTIONS, section
from conformance.errors import HarnessError


def entry(*matches: dict[str, Any]) -> Known:
    return Known("id", "theirs", "", "", "", "", "", "", "", matches)


def call(name: str = "fd_read", slots: tuple[int, ...] = (4, 0, 2, 8), **args: Any) -> Call:
    return Call(name, slots, args)


def paths(name: str, *texts: bytes, **args: Any) -> Call:
    return Call(name, (), args, given=[Region.of("path", 0, each) for each in texts])


@pytest.mark.parametrize(
    "errno, about, can",
    [
        ("PERM", paths("path_rename", b"a", b"b"), False),
        ("PERM", paths("path_rename", b"a", b".."), True),
        ("PERM", paths("path_link", b"d", b"b", old_fd=3, new_fd=3), False),
        ("PERM", paths("path_link", b"d", b"b", old_fd=3, new_fd=4), True),
        ("LOOP", paths("path_rename", b"a", b"b"), False),
        ("NOTDIR", paths("path_rename", b"a", b"b/"), True),
        ("NAMETOOLONG", paths("path_rename", b"x" * 255, b"b"), False),
        ("NAMETOOLONG", paths("path_rename", b"x" * 256, b"b"), True),
        ("NAMETOOLONG", paths("path_rename", b"link/", b"b"), True),
        ("INVAL", paths("path_rename", b"a", b"b", fd=3, new_fd=3), False),
        ("INVAL", paths("path_rename", b"a", b"a/b", fd=3, new_fd=3), True),
        ("INVAL", paths("path_rename", b"a", b"b", fd=3, new_fd=4), True),
        ("INVAL", paths("path_link", b"a", b"b"), False),
        ("INVAL", paths("path_link", b"a", b"b", old_flags=["symlink_follow"]), True),
        ("INVAL", paths("path_link", b"a\0", b"b"), True),
        ("NOENT", paths("path_link", b"a", b"b"), True),
        ("ILSEQ", paths("path_link"), True),
    ],
)
def test_errors_that_paths_can_have_by_their_text(errno: str, about: Call, can: bool) -> None:
    match = {"causes": True}
    assert entry(match).explains(Difference("errno", errno, "NOENT"), about) is can
    assert entry(match).explains(Difference("errno", "NOENT", errno), about) is can


@pytest.mark.parametrize(
    "match, difference, about, holds",
    [
        ({"call": "fd_*"}, Difference("errno", "SUCCESS", "IO"), call(), True),
        ({"call": "path_*"}, Difference("errno", "SUCCESS", "IO"), call(), False),
        ({"call": ["fd_write", "fd_read"]}, Difference("result", 2, 1), call(), False),
        ({"differs": "result"}, Difference("result", 2, 1), call(), True),
        ({"ours": "SUCCESS", "theirs": ["IO", "BADF"]}, Difference("errno", "SUCCESS", "BADF"), call(), True),
        ({"ours": "SUCCESS", "theirs": ["IO", "BADF"]}, Difference("errno", "IO", "BADF"), call(), False),
        ({"ours": "SUCCESS", "theirs": ["IO", "BADF"]}, Difference("errno", "SUCCESS", "PERM"), call(), False),
        ({"differs": "result", "theirs_is": "less"}, Difference("result", 2, 1), call(), True),
        ({"differs": "result", "theirs_is": "less"}, Difference("result", 1, 2), call(), False),
        ({"differs": "result", "theirs_is": "more"}, Difference("result", 1, 2), call(), True),
        ({"differs": "result", "theirs_is": "more"}, Difference("result", 1, None), call(), False),
        ({"buffers": 2}, Difference("errno", 1, 2), call(), True),
        ({"buffers": 3}, Difference("errno", 1, 2), call(), False),
        ({"buffers": 2}, Difference("errno", 1, 2), call("fd_seek"), False),
        ({"args": {"id": ["a", "b"]}}, Difference("errno", 1, 2), call(id="b"), True),
        ({"args": {"id": ["a", "b"]}}, Difference("errno", 1, 2), call(id="c"), False),
        ({"args": {"flags": ["sync"]}}, Difference("errno", 1, 2), call(flags=["append", "sync"]), True),
        ({"args": {"flags": ["sync"]}}, Difference("errno", 1, 2), call(), False),
        ({"plain_path": True}, Difference("errno", 1, 2), call(path="a/b"), True),
        ({"plain_path": True}, Difference("errno", 1, 2), call(path="a/../b"), False),
        ({"plain_path": True}, Difference("errno", 1, 2), call(path="/b"), False),
        ({"empty": "flags"}, Difference("errno", 1, 2), call(flags=[]), True),
        ({"empty": "flags"}, Difference("errno", 1, 2), call(flags=["append"]), False),
        ({"differs": "ending", "theirs": "trap"}, Difference("ending", "exit", "trap"), None, True),
        ({"call": "fd_*", "differs": "ending"}, Difference("ending", "exit", "trap"), None, False),
    ],
)
def test_a_match_holds_where_all_of_it_does(
    match: dict[str, Any], difference: Difference, about: Call | None, holds: bool
) -> None:
    assert entry(match).explains(difference, about) is holds
    assert entry({"call": "nothing"}, match).explains(difference, about) is holds
    assert not entry().explains(difference, about)


GOOD = "\n".join(f'{key} = "{"theirs" if key == "class" else key}"' for key in TEXTS)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("[[divergence", "is no TOML"),
        ("[[divergence]]\nid = 'x'", "divergence x: it has no class, situation"),
        (f"[[divergence]]\n{GOOD}".replace('"theirs"', '"mine"'), "class 'mine' is none of ours, theirs"),
        (f"[[divergence]]\n{GOOD}\nmatch = [{{ errno = 'IO' }}]", "there is no condition errno; there are args, buffers"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text)
    with pytest.raises(HarnessError, match=r"x\.toml") as error:
        read(path)
    assert expected in str(error.value)


def test_a_good_entry_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(f"[[divergence]]\n{GOOD}\nspreads = true")
    (found,) = read(path)
    assert (found.id, found.kind, found.link, found.matches, found.spreads) == ("id", "theirs", "link", (), True)


def test_every_entry_has_its_section_and_names_functions_that_there_are() -> None:
    functions = {*function_names(Preview1), *component_sections.FUNCTIONS}
    for each in known():
        assert each.link.startswith("https://") and each.rule.endswith(".")
        for match in each.matches:
            names = match.get("call", [])
            for name in [names] if isinstance(names, str) else names:
                assert any(fnmatchcase(function, name) for function in functions), (each.id, name)


def test_there_is_a_rule_for_every_function() -> None:
    assert set(FUNCTIONS) == set(function_names(Preview1))
    for name in FUNCTIONS:
        assert section(name).link.endswith(f"docs.md#{name}") and section(name).rule.endswith(".")


def test_what_concerns_a_function_is_all_that_may_explain_its_answers() -> None:
    for runtime in ("wasmtime", "node"):
        for name in ("", *function_names(Preview1)):
            wanted = [each for each in known(runtime) if any(_names(match.get("call", "*"), name) for match in each.matches)]
            assert list(concerning(name, runtime)) == wanted
    assert {each.id for each in concerning("poll_oneoff")} > {each.id for each in concerning("")}


def _names(patterns: Any, name: str) -> bool:
    return any(fnmatchcase(name, each) for each in (patterns if isinstance(patterns, list) else [patterns]))
