"""A document with everything that a report may have to show, hostile names and output included."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from conformance.adapters.agave import InProcess
from conformance.adapters.base import Found
from conformance.adapters.wasmtime_py import WasmtimePy
from conformance.case import Case
from conformance.expectations import Expectation
from conformance.observation import Entry, Observation
from conformance.outcome import Outcome, skipped, weighed
from conformance.reports.document import Document, document
from conformance.runner import Options
from conformance.suite import read_suite
from tests.conformance.made import add, suite

HOSTILE = b"</script><script>document.title='owned'</script>\x00\x1b[31m\xff|`\xe2\x80\xa8<b>"
FAILS = Expectation("made", "xfail", None, True, False, "a known bug", "https://example.org/1", "known.toml")


def outcomes(folder: Path) -> list[Outcome]:
    """An outcome for each verdict, on two runtimes."""
    suite(folder)
    for name in ("error", "fail", "files", "flaky", "good", "skip", "xfail", "xpass"):
        add(folder, name, stdout="hello\n", args=["<&>"])
    add(folder, "files", after={"/f": "text", "/gone": None}, after_exact=True)
    cases = {case.name: case for case in read_suite(folder).cases}
    right, wrong = Observation(stdout=b"hello\n", seconds=0.5), Observation(stdout=HOSTILE, exit_code=1)
    stuck = Observation("timeout", None, message="stopped after its time was up")
    seen = {
        "error": [stuck], "fail": [wrong], "flaky": [right, wrong, right], "good": [right], "xfail": [wrong], "xpass": [right],
        "files": [Observation(files={"/f": Entry("file", b"other"), "/more": Entry("link", b"x")}, leaked=("a pipe",))],
    }  # fmt: skip
    found = []
    for name, case in cases.items():
        found.append(made(case, "agave-wasi", seen.get(name), False))
        found.append(made(case, "wasmtime-py", [right] if name != "fail" else [wrong], True))
    return found


def made(case: Case, runtime: str, seen: list[Observation] | None, reference: bool) -> Outcome:
    """One of them."""
    if seen is None:
        return skipped(case, runtime, "needs http", None, reference)
    expected = FAILS if case.name in ("xfail", "xpass") and not reference else None
    return weighed(case, runtime, seen, expected, reference=reference)


def told(folder: Path, traces: Mapping[str, Document] | None = None) -> Document:
    """The document; `traces` are those of cases by full name."""
    chosen = {each.name: (each, Found("1.2", "here")) for each in (InProcess(), WasmtimePy())}
    return document(outcomes(folder), chosen, Options(repeat=3, reference="wasmtime-py"), ["made"], traces)
