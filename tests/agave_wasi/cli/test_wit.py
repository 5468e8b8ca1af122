"""`agave-wasi wit`: checking, printing and comparing, with exit codes and JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import UsageError
from agave_wasi.cli.wit import EXIT_CODES, MANUALS, SUMMARIES, below, main

GOOD = "package a:b@1.0.0;\n\ninterface i {\n  f: func();\n}\n\nworld w {\n  import i;\n}\n"
BAD = "package a:b@1.0.0;\ninterface i {\n\tf: func(x: strng);\n}\n"


@pytest.fixture
def wit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("good.wit").write_text(GOOD)
    Path("bad.wit").write_text(BAD)
    Path("later.wit").write_text(GOOD.replace("1.0.0", "1.1.0").replace("f:", "g: func();\n  f:"))
    Path("broken.wit").write_text(GOOD.replace("f:", "g:"))
    return tmp_path


def test_check_says_what_is_there_or_what_is_wrong(wit: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "good.wit"]) == 0
    assert capfd.readouterr().out == "a:b@1.0.0: 1 interface, 1 world\n"
    assert main(["check", "bad.wit"]) == 1
    said = capfd.readouterr().err
    assert "bad.wit:3:13: interface i has no type strng; did you mean string?\n" in said
    assert said.endswith("\tf: func(x: strng);\n\t           ^^^^^\n")
    with pytest.raises(Failure, match="none: there is no such file"):
        main(["check", "none"])


def test_check_as_json(wit: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--json", "good.wit"]) == 0
    told = {"packages": [{"package": "a:b@1.0.0", "interfaces": ["i"], "worlds": ["w"]}], "error": None}
    assert json.loads(capfd.readouterr().out) == told
    assert main(["check", "--json", "bad.wit"]) == 1
    error = json.loads(capfd.readouterr().out)["error"]
    assert (error["file"], error["line"], error["column"]) == ("bad.wit", 3, 13) and "strng" in error["reason"]
    assert main(["check", "--json", "none"]) == 125


def test_check_with_some_features(wit: Path, capfd: pytest.CaptureFixture[str]) -> None:
    gated = "package a:b@1.0.0; @unstable(feature = x) interface i {} @unstable(feature = y) interface j {}"
    Path("good.wit").write_text(gated)
    for features, count in (("none", "0 interfaces"), ("x", "1 interface,"), ("x,y", "2 interfaces")):
        assert main(["check", "--features", features, "good.wit"]) == 0
        assert count in capfd.readouterr().out


def test_print_writes_one_layout(wit: Path, capfd: pytest.CaptureFixture[str]) -> None:
    Path("ugly.wit").write_text(" ".join(GOOD.split()) + "// gone")
    assert main(["print", "ugly.wit"]) == main(["print", "good.wit"]) == 0
    assert capfd.readouterr().out == GOOD + GOOD
    Path("folder").mkdir()
    Path("folder/a.wit").write_text("package a:b; interface i {}")
    Path("folder/b.wit").write_text("interface j {}")
    assert main(["print", "folder"]) == 0
    assert capfd.readouterr().out == "package a:b;\n\ninterface i {}\n\ninterface j {}\n"
    Path("broken.wit").write_text("interface")
    with pytest.raises(Failure, match=r"broken\.wit:1:10: the text ends"):
        main(["print", "broken.wit"])


def test_wasi_by_name(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["print", "wasi:random"]) == main(["check", "wasi:io@0.2.12"]) == 0
    said = capfd.readouterr().out
    assert "package wasi:random@0.2.12;" in said and "wasi:io@0.2.12: 3 interfaces, 1 world" in said
    with pytest.raises(Failure, match="wasi:nothing: there is no such file"):
        main(["check", "wasi:nothing"])


def test_diff_is_a_verdict_and_an_exit_code(wit: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "good.wit", "later.wit"]) == 0
    assert capfd.readouterr().out == (
        "compatible  a:b: the version is 1.1.0 after 1.0.0\ncompatible  a:b/i.g: the function is new\n"
        "is later.wit a compatible successor of good.wit? yes: 2 compatible changes\n"
    )
    assert main(["diff", "good.wit", "broken.wit"]) == 1
    said = capfd.readouterr().out
    assert "breaking    a:b/i.f: the function is gone\n" in said and said.endswith("? no: 1 breaking change\n")
    assert main(["diff", "--json", "good.wit", "broken.wit"]) == 1
    told = json.loads(capfd.readouterr().out)
    assert not told["compatible"]
    assert told["changes"][0] == {"where": "a:b/i.f", "what": "the function is gone", "breaking": True}
    with pytest.raises(Failure, match=r"bad\.wit:3:13"):
        main(["diff", "good.wit", "bad.wit"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "wit: say what to do: check, print, diff"),
        (["chek"], "did you mean check"),
        (["check"], "wit check: it takes one path"),
        (["print", "a", "b"], "wit print: it takes one path"),
        (["diff", "a"], "wit diff: it takes two paths, the earlier and the later"),
        (["print", "--json", "a"], "wit print: there is no option --json"),
        (["check", "--features"], "--features needs a value"),
    ],
)
def test_wrong_use(arguments: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        main(arguments)
    assert said in str(caught.value)


def test_help_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "wit check | print | diff" in capsys.readouterr().out
    for name in SUMMARIES:
        assert main([name, "--help"]) == 0
        said = capsys.readouterr().out
        assert MANUALS[name].usage in said and all(code in said for code, _ in EXIT_CODES[name])
        assert all(example in said for example in MANUALS[name].examples)


def test_shells_complete_what_stands_below() -> None:
    found = below()
    assert list(found) == ["check", "print", "diff"]
    assert {option.name for option in found["diff"].options} == {"features", "json", "help"}


def test_the_command_as_a_process(agave: Any) -> None:
    (agave.folder / "x.wit").write_text(BAD)
    result = agave("wit", "check", "x.wit")
    assert result.returncode == 1 and b"x.wit:3:13: interface i has no type strng" in result.stderr and result.stdout == b""
    assert agave("wit", "diff", "wasi:io", "wasi:io").returncode == 0
    assert agave("wit").returncode == 2
