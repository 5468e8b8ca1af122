"""WASI's interfaces: the table against the text, the text against others' copies, and what looking them up costs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from agave_wasi.witparse import tree, wasi
from agave_wasi.witparse.layout import groups, load
from agave_wasi.witparse.model import Interface, Resource, World
from agave_wasi.witparse.parse import parse
from agave_wasi.witparse.printer import printed
from conformance.adapters.node import package_folder
from tests.agave_wasi.witparse.texts import ROOT
from tests.waiting import HANG


def test_the_table_holds_what_the_text_says() -> None:
    packages = load(wasi.folder())
    assert set(packages) == set(wasi.PACKAGES)
    for package in packages.values():
        for interface in package.interfaces.values():
            assert wasi.interface(interface.id) == interface
        for world in package.worlds.values():
            assert wasi.world(world.id) == world


@pytest.mark.parametrize("version", ["0.2.0", "0.2.9", "0.2.12", "0.2.99"])
def test_all_versions_that_fit_have_one_interface(version: str) -> None:
    assert wasi.interface(f"wasi:io/streams@{version}") is wasi.interface("wasi:io/streams@0.2.12")
    assert wasi.world(f"wasi:cli/command@{version}") is wasi.world("wasi:cli/command@0.2.12")


@pytest.mark.parametrize("name", ["wasi:io/streams@0.3.0", "wasi:io/strems@0.2.0", "wasi:io/streams", "", "wasi:cli/run@1.0.0"])
def test_what_isnt_wasi(name: str) -> None:
    assert wasi.interface(name) is None and wasi.world(name) is None and wasi.files(name) is None


def test_worlds_and_shared_types() -> None:
    command, proxy = wasi.world("wasi:cli/command@0.2.0"), wasi.world("wasi:http/proxy@0.2.0")
    assert command is not None and proxy is not None
    assert len(command.imports) == 28 and list(command.exports) == ["wasi:cli/run@0.2.12"]
    assert list(proxy.exports) == ["wasi:http/incoming-handler@0.2.12"] and "wasi:http/types@0.2.12" in proxy.imports
    streams, types = wasi.interface("wasi:io/streams@0.2.0"), wasi.interface("wasi:filesystem/types@0.2.0")
    assert streams is not None and types is not None
    assert isinstance(types.types["input-stream"], Resource) and types.types["input-stream"] is streams.types["input-stream"]
    assert len(types.of("descriptor")) == 27 and len(streams.of("output-stream")) == 10


def _bare(item: object) -> object:
    """An item of a tree without documentation and @since, which the copies for comparing don't have."""
    if isinstance(item, tuple):
        return tuple(map(_bare, item))
    if isinstance(item, tree.Head):
        return tuple((each.kind, each.value) for each in item.gates if each.kind == "unstable")
    if isinstance(item, tree.Case):
        return (item.name, repr(item.type))
    if isinstance(item, tree.Named | tree.Use | tree.Include | tree.Extern | tree.Package):
        return (type(item).__name__, *(_bare(each) for each in item.__dict__.values()))
    return repr(item)


def test_the_text_is_that_inside_jco() -> None:
    """Every declaration, in its order; documentation, @since and @deprecated are left out of jco's copy."""
    jco = package_folder("@bytecodealliance/jco")
    if jco is None:
        pytest.skip("jco isn't installed: npm install @bytecodealliance/jco, and NODE_PATH names its node_modules")
    theirs = jco / "lib" / "wit" / "builtin" / wasi.VERSION
    if not theirs.is_dir():
        pytest.skip(f"this jco has no WASI {wasi.VERSION}")
    for package in wasi.PACKAGES:
        name = package.partition("@")[0].replace(":", "-")
        (own,), (others,) = (groups(folder / name)[0] for folder in (wasi.folder(), theirs))
        ours_bare, theirs_bare = ([_bare(item) for file in files for item in file.items] for files in (own, others))
        assert len(ours_bare) == len(theirs_bare)
        for mine, other in zip(ours_bare, theirs_bare):
            assert mine == other, package
        assert own[0].name == others[0].name


def test_comparing_sees_each_kind_of_difference() -> None:
    (file,) = wasi.files("wasi:clocks@0.2.12") or []
    text = printed(file)
    for old, new in (("u64", "u32"), ("now:", "noww:"), ("feature = clocks", "feature = clock"), ("seconds:", "second:"),
                     ("(when: instant)", "(whn: instant)"), ("import wall-clock", "export wall-clock")):  # fmt: skip
        assert old in text
        assert _bare(parse(text.replace(old, new, 1)).items) != _bare(file.items), (old, new)
    assert _bare(parse(text.replace("@since(version = 0.2.0)", "/// d")).items) == _bare(file.items)


def test_gates_of_the_standard() -> None:
    gates = {id: interface.gates for id in ("cli/exit", "http/types", "filesystem/types", "clocks/timezone")
             if isinstance(interface := wasi.interface(f"wasi:{id}@0.2.0"), Interface)}  # fmt: skip
    assert gates["cli/exit"]["exit-with-code"] == (("since", "0.2.12"),)
    assert gates["http/types"]["field-key"] == (("since", "0.2.0"), ("deprecated", "0.2.2"))
    assert gates["http/types"]["field-name"] == (("since", "0.2.1"),)
    assert gates["clocks/timezone"]["display"] == (("unstable", "clocks-timezone"),)
    assert "error-code" not in gates["filesystem/types"] and gates["filesystem/types"]["descriptor"] == (("since", "0.2.0"),)
    world = wasi.world("wasi:clocks/imports@0.2.0")
    assert isinstance(world, World) and world.gates["import wasi:clocks/timezone@0.2.12"] == (("unstable", "clocks-timezone"),)


def test_looking_up_imports_little() -> None:
    script = (
        "import sys; before = set(sys.modules); from agave_wasi.witparse import wasi\n"
        "assert wasi.world('wasi:http/proxy@0.2.0'); print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", script], cwd=ROOT, capture_output=True, check=True, timeout=HANG)
    modules = done.stdout.decode().split()
    assert "agave_wasi.witparse.compiled" in modules
    assert not {"lark", "re", "typing", "dataclasses", "enum", "pathlib", "functools"} & set(modules)


def test_the_texts_are_found_beside_the_package_or_within_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wasi.folder() == ROOT / "wit"
    (tmp_path / "agave_wasi" / "wit").mkdir(parents=True)
    monkeypatch.setattr(wasi, "__file__", str(tmp_path / "agave_wasi" / "witparse" / "wasi.py"))
    assert wasi.folder() == tmp_path / "agave_wasi" / "wit"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"] == {"wit": "agave_wasi/wit"}
