"""WIT among files."""

from __future__ import annotations

from pathlib import Path

import pytest

from agave_wasi.witparse.layout import groups, load, read
from agave_wasi.witparse.source import WitError


def fill(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


FILES = {
    "world.wit": "package a:b;\nuse c:d/i@1.0.0 as types;\nworld w { import types; import j; import wasi:cli/stdout@0.2.12; }",
    "types.wit": "interface j { use e:f/k.{t}; }",
    "notes.txt": "no WIT",
    "deps/c-d/one.wit": "package c:d@1.0.0; interface i { use l.{u}; }",
    "deps/c-d/two.wit": "interface l { type u = u8; }",
    "deps/c-d/deps/unread/x.wit": "not read",
    "deps/e.wit": "package e:f; interface k { type t = string; }",
    "deps/empty/readme": "",
}


def test_a_folder_with_dependencies_and_wasi(tmp_path: Path) -> None:
    found = load(fill(tmp_path, FILES))
    assert list(found) == ["a:b"]
    imports = set(found["a:b"].worlds["w"].imports)
    assert {"c:d/i@1.0.0", "e:f/k", "a:b/j", "wasi:cli/stdout@0.2.12", "wasi:io/streams@0.2.12"} <= imports


def test_a_file_alone_and_a_folder_of_packages(tmp_path: Path) -> None:
    files = {
        "a/x.wit": "package a:b; interface i { use c:d/j.{t}; }",
        "c/y.wit": "package c:d; interface j { type t = u8; }",
        "deps/z.wit": "package e:f;",
    }
    fill(tmp_path, files)
    assert list(load(tmp_path)) == ["a:b", "c:d"] and len(groups(tmp_path)[1]) == 1
    assert list(load(tmp_path / "c" / "y.wit")) == ["c:d"]
    with pytest.raises(WitError, match="there is no package c:d"):
        load(tmp_path / "a" / "x.wit")


def test_features_of_dependencies_too(tmp_path: Path) -> None:
    gated = "package c:d@1.0.0; @unstable(feature = f) interface j {}"
    fill(tmp_path, {"x.wit": "package a:b; interface i {}", "deps/y.wit": gated})
    assert list(load(tmp_path, features=())["a:b"].interfaces) == ["i"]


def test_an_error_in_a_dependency_is_an_error(tmp_path: Path) -> None:
    fill(tmp_path, {"x.wit": "package a:b;", "deps/y.wit": "package c:d; interface j { use k.{t}; }"})
    with pytest.raises(WitError, match=r"y\.wit:1:32: package c:d has no interface or world k"):
        load(tmp_path)


def test_what_cant_be_read(tmp_path: Path) -> None:
    with pytest.raises(WitError, match="there is no such file"):
        read(tmp_path / "none.wit")
    with pytest.raises(WitError, match=r"can't be read|there is no such file"):
        read(tmp_path / "a\0b")
    with pytest.raises(WitError, match="is no file"):
        read(Path("/dev/null"))
    with pytest.raises(WitError, match=r"has no \.wit file, nor has a folder in it"):
        load(tmp_path)
    (tmp_path / "bad.wit").write_bytes(b"package a:b;\n// \xc3\xa9\xff")
    with pytest.raises(WitError) as caught:
        load(tmp_path)
    assert "isn't UTF-8" in caught.value.reason and (caught.value.line, caught.value.column) == (2, 5)


def test_a_folder_named_like_a_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "x.wit").mkdir()
    fill(tmp_path, {"y.wit": "package a:b;"})
    assert list(load(tmp_path)) == ["a:b"]
