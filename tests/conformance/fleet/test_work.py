"""A job on a worker: done in a process of its own, whose end is told whatever it is."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from agave_wasi import __version__
from conformance.errors import HarnessError
from conformance.fleet.work import Lost, job, wanted, work
from conformance.manifest import read_manifest


def test_a_result_comes_from_another_process() -> None:
    assert work(__version__, job(pow, 3, 4)) == 81
    assert work(__version__, job(os.getpid)) != os.getpid()


def test_what_it_prints_is_no_result(capfd: pytest.CaptureFixture[str]) -> None:
    assert work(__version__, job(print, "words")) is None
    assert capfd.readouterr() == ("", "words\n")


def test_an_error_of_the_harness_is_raised_here(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text("{")
    with pytest.raises(HarnessError, match=r"m\.json is no JSON"):
        work(__version__, job(read_manifest, tmp_path / "m.json"))


@pytest.mark.parametrize("given, how", [
    (job(os._exit, 7), "the process ended with 7, and no word"), (job(os.abort), "ended by SIGABRT"),
    (job(signal.raise_signal, signal.SIGINT), "ended with 1, and no word"), (job(int, "x"), "ended with 1, and no word"),
    (b"no pickle", "ended with 1, and no word"),
])  # fmt: skip
def test_a_process_that_ends_without_a_word_is_lost(given: bytes, how: str) -> None:
    with pytest.raises(Lost, match=how):
        work(__version__, given)


def test_another_version_is_refused_before_its_job_is_looked_at() -> None:
    with pytest.raises(HarnessError, match="and this is 99: install the same on both"):
        work("99", b"no pickle")


def test_off_a_worker_everything_is_wanted() -> None:
    assert wanted()
