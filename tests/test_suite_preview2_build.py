"""conformance/suites/preview2: the committed components are what their sources give, and hold on the reference.

As for Preview 1 (tests/test_suite_preview1_build.py): without the pinned zig nothing is compiled, AGAVE_SLOW=1 compiles all.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.case import COMPONENT
from conformance.cli.main import main
from conformance.components.header import function_name
from conformance.components.wasi import imports_header, interfaces
from conformance.suite import select
from conformance.suites.heard import functions, suite
from tests.test_suite_preview1_build import SLOW, pinned_zig, script
from tests.waiting import HANG

SUITE = Path(__file__).parent.parent / "conformance" / "suites" / "preview2"
SAMPLE = ["file_write", "poll_many", "abi_flags_beyond", "out_splice", "run_error"]
ON_THE_REFERENCE = ["abi_*", "random_*", "poll_*", "rename*", "out_c*", "readonly*", "exit_*", "mount_*", "preopens_none"]


def manifest(name: str) -> dict[str, object]:
    path = SUITE / f"{name}.json"
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def test_the_header_is_what_the_interfaces_give() -> None:
    assert (SUITE / "imports.h").read_text(encoding="utf-8") == imports_header()


@pinned_zig
def test_sample_is_what_its_sources_give() -> None:
    assert script("build", "--check", *SAMPLE) == f"{len(SAMPLE)} of {len(SAMPLE)} match\n"


@pinned_zig
@pytest.mark.skipif(not SLOW, reason="compiles every program: set AGAVE_SLOW=1")
def test_all_are_what_their_sources_give(tmp_path: Path) -> None:
    folder = str(tmp_path / "cache")
    names = [path.stem for path in SUITE.glob("*.c")]
    script("build", "--check", *names, ZIG_GLOBAL_CACHE_DIR=folder, ZIG_LOCAL_CACHE_DIR=folder)


def test_every_case_has_a_source_and_is_a_small_component() -> None:
    programs = {path.stem: path.read_bytes() for path in SUITE.glob("*.wasm")}
    assert programs.keys() == {path.stem for path in SUITE.glob("*.c")} and len(programs) >= 150
    assert all(data.startswith(COMPONENT) and len(data) < 16_000 for data in programs.values())
    assert {path.stem for path in SUITE.glob("*.json")} <= {*programs, "manifest"}


def test_a_case_that_asks_for_a_world_says_what_in_words() -> None:
    for case in suite().cases:
        told = manifest(case.name)
        assert ("needs" in told) <= ("world" in told), case.name
        assert not told.get("root") or (SUITE / str(told["root"])).is_dir()


def test_every_function_of_the_five_packages_is_called_by_some_case() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in [*SUITE.glob("*.c"), SUITE / "case.h"])
    by_name = {function_name(interface, each): each.name for interface in interfaces() for each in interface.functions.values()}
    assert [name for name in by_name if f"{name}(" not in text] == [] and len(by_name) == len(functions())


def test_cases_pass_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "preview2", "--timeout", str(HANG)]) == 0, capsys.readouterr().out
    assert capsys.readouterr().out.endswith("; nothing unexpected\n")


def test_cases_pass_on_the_reference(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("wasmtime")
    chosen = [] if SLOW else [word for each in ON_THE_REFERENCE for word in ("--filter", each)]
    assert len(select([suite()], [] if SLOW else ON_THE_REFERENCE)) > 40
    assert main(["run", "preview2", "--runtime", "wasmtime", "--timeout", str(HANG), *chosen]) == 0, capsys.readouterr().out
    assert capsys.readouterr().out.endswith("; nothing unexpected\n")
