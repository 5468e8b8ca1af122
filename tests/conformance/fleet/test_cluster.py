"""The cluster: each result once, whatever becomes of workers, and words for whatever is missing."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import LocalCluster

from conformance.errors import HarnessError
from conformance.fleet import cluster as fleet
from conformance.fleet.cluster import address, connected
from conformance.fleet.work import job
from tests.conformance.fleet.clusters import alive, cluster, free_port
from tests.waiting import HANG, until, within


@pytest.fixture(scope="module")
def two() -> Iterator[LocalCluster]:
    with cluster() as made:
        yield made


@pytest.mark.parametrize("text, wanted", [
    ("dask://10.0.0.1:8786", "tcp://10.0.0.1:8786"), ("dask://fleet.example.org:1", "tcp://fleet.example.org:1"),
    ("dask://[::1]:65535", "tcp://[::1]:65535"),
])  # fmt: skip
def test_addresses(text: str, wanted: str) -> None:
    assert address(text) == wanted


@pytest.mark.parametrize("text", [
    "", "dask://", "dask://host", "dask://:8786", "dask://host:", "dask://host:0", "dask://host:65536", "dask://host:x",
    "tcp://host:8786", "host:8786", "dask://ho st:1", "dask://host/x:1", "dask://me@host:1", "dask://::1:8786", "dask://host:²",
])  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="isn't the address of a Dask scheduler"):
        address(text)


def test_each_result_comes_once(two: LocalCluster) -> None:
    taken = []

    def jobs() -> Iterator[bytes]:
        for number in range(9):
            taken.append(number)
            yield job(pow, number, 2)

    with connected(two.scheduler_address) as found:
        assert found.threads == 2
        results = found.results(jobs())
        first = next(results)
        assert len(taken) == 4  # no more are taken than there is room for
        assert sorted([first, *results]) == [(number, number * number) for number in range(9)]
        assert list(found.results([])) == []


def test_an_error_of_the_harness_is_told_as_it_is(two: LocalCluster) -> None:
    with connected(two.scheduler_address) as found:
        from conformance.suite import find_suites

        with pytest.raises(HarnessError, match="there is no suite and no folder nowhere"):
            list(found.results([job(find_suites, ["nowhere"])]))


def test_a_job_that_kills_whoever_does_it_is_given_up(two: LocalCluster) -> None:
    with connected(two.scheduler_address) as found:
        with pytest.raises(HarnessError, match=r"4 workers of dask://.* have ended while .*: the process ended with 3, and no"):
            list(found.results([job(os._exit, 3)]))
        with pytest.raises(HarnessError, match="the runtime was ended by SIGKILL"):
            list(found.results([job(signal.raise_signal, signal.SIGKILL)]))


def test_what_dies_with_its_worker_is_done_again(two: LocalCluster, tmp_path: Path) -> None:
    program = f"""
import os, signal
with open({str(tmp_path / "runs")!r}, "a") as file:
    file.write("x")
if os.path.getsize({str(tmp_path / "runs")!r}) == 1:
    os.kill(os.getppid(), signal.SIGKILL)
    signal.pause()
"""
    with connected(two.scheduler_address) as found:
        jobs = [job(exec, program, {}), *(job(pow, number, 2) for number in range(6))]
        results = list(found.results(jobs))
    assert sorted(number for number, _ in results) == list(range(7))
    assert (tmp_path / "runs").read_text() == "xx"


def test_another_version_is_not_asked(two: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "__version__", "99")
    with connected(two.scheduler_address) as found, pytest.raises(HarnessError, match=r"has agave-wasi 0\..*, and this is 99"):
        list(found.results([job(pow, 1, 1)]))


def test_what_nobody_wants_any_more_ends(two: LocalCluster, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    program = f"import os, signal; open({str(pid)!r}, 'w').write(f'{{os.getpid()}}\\n'); signal.pause()"
    with connected(two.scheduler_address) as found:
        results = found.results([job(pow, 1, 1), job(exec, program, {})])
        next(results)
        until(lambda: pid.exists() and pid.read_text().endswith("\n"))
        results.close()  # type: ignore[attr-defined]
    until(lambda: not alive(int(pid.read_text())))


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "CONNECTING", 0.3)
    port = free_port()
    answers = pytest.raises(HarnessError, match=f"no Dask scheduler answers at dask://127.0.0.1:{port}; start one")
    with answers, connected(f"tcp://127.0.0.1:{port}"):
        pass


def test_nobody_works(monkeypatch: pytest.MonkeyPatch) -> None:
    with cluster(0) as made:

        def told(seconds: float) -> str:
            monkeypatch.setattr(fleet, "CONNECTING", seconds)
            with pytest.raises(HarnessError) as error, connected(made.scheduler_address):
                pass
            return str(error.value)

        missing = "has no workers; start some: dask worker tcp://127.0.0.1:"
        assert missing in within(told, enough=lambda text: "no Dask scheduler answers" not in text)
    monkeypatch.setattr(fleet, "CONNECTING", HANG)
    monkeypatch.setattr(fleet, "ALONE", 0.5)
    with cluster(1) as made, connected(made.scheduler_address) as found:
        results = found.results(job(time.sleep, number) for number in (0, 3600))
        assert next(results) == (0, None)
        made.scale(0)
        with pytest.raises(HarnessError, match="has had no workers for"):
            next(results)


def test_a_scheduler_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    with cluster(1) as made, connected(made.scheduler_address) as found:
        results = found.results(job(time.sleep, number) for number in (0, 3600))
        assert next(results) == (0, None)
        made.close()
        with pytest.raises(HarnessError, match=r"the Dask scheduler at dask://.* is gone"):
            next(results)


def test_a_goodbye_that_is_not_heard_in_time(two: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "GOODBYE", 1e-6)
    with connected(two.scheduler_address) as found:
        assert list(found.results([job(pow, 2, 3)])) == [(0, 8)]


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    missing = pytest.raises(HarnessError, match=r"--scheduler needs dask.distributed .*pip install 'agave-wasi\[dask\]'")
    with missing, connected("tcp://127.0.0.1:1"):
        pass
