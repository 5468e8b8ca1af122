"""The table of WASI's interfaces is what its WIT says."""

from __future__ import annotations

from pathlib import Path

import pytest

from agave_wasi.witparse import generate


def test_the_committed_table_is_what_is_generated() -> None:
    for path, text in generate.derived().items():
        assert path.read_text(encoding="utf-8") == text, "run nox -s generate"


def test_the_table_of_other_wit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.wit").write_text("package a:b; interface i { f: func(); } world w { import i; }")
    text = generate.source(tmp_path)
    found: dict[str, dict[str, object]] = {}
    exec(text, found)
    assert list(found["INTERFACES"]) == ["a:b/i"] and list(found["WORLDS"]) == ["a:b/w"]
    monkeypatch.setattr(generate, "derived", lambda: {tmp_path / "y.py": text})
    generate.main()
    assert (tmp_path / "y.py").read_text() == text and capsys.readouterr().out == f"{tmp_path / 'y.py'}\n"
