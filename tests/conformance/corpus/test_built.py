"""Components of the corpus: built once for sources and tools, and skipped with a word where a tool is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.corpus import built
from conformance.corpus.__main__ import main
from conformance.corpus.built import COMPONENTS, Built, ToolMissing, component, obtain, release, run
from conformance.corpus.jobs import JOBS
from conformance.corpus.packages import FetchFailed


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Built:
    """A component whose recipe counts how often it is made."""
    monkeypatch.setenv("AGAVE_CORPUS_DIR", str(tmp_path / "corpus"))
    monkeypatch.setattr(built, "RECIPES", tmp_path)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "app.py").write_text("one")

    def recipe(sources: Path, out: Path) -> None:
        with (tmp_path / "made").open("a") as count:
            count.write("x")
        out.write_text((sources / "app.py").read_text())

    return component("sample", "sources", ("pip:pytest",), recipe)


def test_each_component_has_sources_and_a_job_with_inputs() -> None:
    for each in COMPONENTS:
        assert any(each.sources.iterdir())
        (job,) = (job for job in JOBS if job.package is each)
        assert any(job.inputs.iterdir())


def test_it_is_built_once_for_its_sources(made: Built, tmp_path: Path) -> None:
    first = obtain(made)
    assert (first / "sample.wasm").read_text() == "one"
    assert obtain(made) == first and (tmp_path / "made").read_text() == "x"
    (tmp_path / "sources" / "app.py").write_text("two")
    assert (obtain(made) / "sample.wasm").read_text() == "two"
    assert first.is_dir() and (tmp_path / "made").read_text() == "xx"


def test_a_recipe_that_fails_leaves_nothing(made: Built, tmp_path: Path) -> None:
    def broken(sources: Path, out: Path) -> None:
        out.write_text("half")
        run(["python", "-c", "import sys; sys.exit('no such thing')"], sources)

    with pytest.raises(FetchFailed, match="no such thing"):
        obtain(component("sample", "sources", ("pip:pytest",), broken))
    assert list((tmp_path / "corpus" / "components").iterdir()) == []


def test_a_tool_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ToolMissing, match="no-such-tool: pip install no-such-tool"):
        release("pip:no-such-tool")
    with pytest.raises(ToolMissing, match=r"@agave/none: .*npm install @agave/none|install Node.js"):
        release("npm:@agave/none")
    assert release("pip:pytest").startswith("pytest ")


def test_its_jobs_are_skipped_then(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(tool: str) -> str:
        raise ToolMissing(f"{tool}: get it")

    monkeypatch.setattr(built, "release", missing)
    assert main(["--only", "componentize-py"]) == 0
    shown = capsys.readouterr().out
    assert "skipped: componentize-py: pip:componentize-py: get it" in shown and "0 passed, 0 failed, 1 skipped" in shown
