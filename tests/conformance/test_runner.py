"""The runner: any order and any number of jobs give the same, nothing leaks from case to case, nothing is left running."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path

import pytest

from conformance.adapters.agave import Command, InProcess
from conformance.adapters.base import Found, Missing, Runtime, Session
from conformance.case import Case
from conformance.errors import HarnessError
from conformance.expectations import Expectation, Expectations
from conformance.observation import Observation
from conformance.outcome import Outcome, Verdict
from conformance.processes import Groups, run_group
from conformance.runner import Options, run_cases
from conformance.suite import read_suite
from tests.conformance.made import add, one, suite
from tests.waiting import HANG, until


class Told(Runtime):
    """A runtime that shows what it is told to, in turn."""

    name = "told"
    about = "for tests"

    def __init__(self, *shows: Observation | BaseException) -> None:
        self.shows = list(shows)
        self.folders: list[Path] = []

    def find(self) -> Found | Missing:
        return Found("1", "here")

    def session(self, groups: Groups) -> Session:
        return ToldSession(self)


class ToldSession(Session):
    def __init__(self, runtime: Told) -> None:
        self.runtime = runtime

    def run(self, case: Case, folder: Path, timeout: float) -> Observation:
        assert list(folder.iterdir()) == []
        self.runtime.folders.append(folder)
        (folder / "link").symlink_to("/nowhere")
        shows = self.runtime.shows.pop(0)
        if isinstance(shows, BaseException):
            raise shows
        return shows


def verdicts(outcomes: list[Outcome]) -> list[tuple[str, str, str]]:
    return [(outcome.case.name, outcome.runtime, outcome.verdict) for outcome in outcomes]


def many(folder: Path) -> list[Case]:
    """Cases that see what others leave behind: each makes the same link and the same file, and fails if it is there."""
    suite(folder)
    (folder / "tree").mkdir()
    (folder / "tree" / "file").write_text("text")
    for number in range(6):
        add(folder, f"link{number}", "link", dirs=["tree"], root="tree", exit_code=0, after={"/file": "text"})
        add(folder, f"keep{number}", "keep", after={"/out.txt": "words"}, after_exact=True)
    add(folder, "fails", stdout="other")
    return list(read_suite(folder).cases)


@pytest.mark.parametrize("runtime", [InProcess(), Command()], ids=lambda each: each.name)
def test_order_and_jobs_do_not_matter(runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = many(tmp_path / "s")
    (tmp_path / "folders").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "folders"))
    plain = run_cases(cases, [runtime], Options(jobs=1))
    assert [each.verdict for each in plain] == [Verdict.FAIL] + [Verdict.PASS] * 12, [each.reasons for each in plain]
    orders: list[list[str]] = []
    for options in (Options(jobs=4), Options(jobs=1, shuffle=1), Options(jobs=3, shuffle=2), Options(repeat=2, shuffle=3)):
        order: list[str] = []
        outcomes = run_cases(cases, [runtime], options, lambda outcome, order=order: order.append(outcome.case.name))  # type: ignore[misc]
        assert verdicts(outcomes) == verdicts(plain)
        orders.append(order)
    assert orders[1] != [case.name for case in cases] and sorted(orders[1]) == sorted(case.name for case in cases)
    assert os.listdir(tmp_path / "folders") == []
    assert os.listdir(tmp_path / "s" / "tree") == ["file"]


def test_each_repetition_has_a_new_folder_and_flaky_is_found(tmp_path: Path) -> None:
    runtime = Told(Observation(stdout=b"x"), Observation(stdout=b"x"), Observation())
    (outcome,) = run_cases([one(tmp_path, stdout="x")], [runtime], Options(repeat=3))
    assert outcome.verdict is Verdict.FLAKY
    assert len(set(runtime.folders)) == 3 and not any(folder.exists() for folder in runtime.folders)


def test_messages_do_not_name_the_folder(tmp_path: Path) -> None:
    class Naming(ToldSession):
        def run(self, case: Case, folder: Path, timeout: float) -> Observation:
            return Observation("crash", None, message=f"no {folder}/f")

    runtime = Told()
    runtime.session = lambda groups: Naming(runtime)  # type: ignore[method-assign]
    (outcome,) = run_cases([one(tmp_path)], [runtime], Options())
    assert outcome.reasons[0] == "crash: no (the case's folder)/f"


def test_every_case_on_every_runtime_in_order(tmp_path: Path) -> None:
    first, second = Told(Observation(), Observation()), Told(Observation(), Observation(exit_code=1))
    second.name = "other"
    suite(tmp_path)
    for name in ("a", "b"):
        add(tmp_path, name)
    outcomes = run_cases(read_suite(tmp_path).cases, [first, second], Options(reference="other"))
    assert [(case, runtime) for case, runtime, _ in verdicts(outcomes)] == [
        ("a", "told"), ("a", "other"), ("b", "told"), ("b", "other"),
    ]  # fmt: skip
    assert [outcome.reference for outcome in outcomes] == [False, True, False, True]
    assert not any(outcome.unexpected for outcome in outcomes)


def test_what_is_expected_counts(tmp_path: Path) -> None:
    fails = Expectation("made", "case", "told", True, False, "known", "", "k.toml")
    options = Options(expectations=Expectations([fails]))
    (outcome,) = run_cases([one(tmp_path)], [Told(Observation(exit_code=1))], options)
    assert outcome.verdict is Verdict.XFAIL
    (outcome,) = run_cases([one(tmp_path)], [Told(Observation())], options)
    assert outcome.verdict is Verdict.XPASS and outcome.unexpected


def test_what_is_skipped_is_not_run(tmp_path: Path) -> None:
    skips = Expectations([Expectation("made", "case", None, False, True, "it hangs", "", "k.toml")])
    (outcome,) = run_cases([one(tmp_path)], [Told()], Options(expectations=skips))
    assert (outcome.verdict, outcome.reasons) == (Verdict.SKIP, ("it hangs",))
    case = one(tmp_path, stdin="text")
    (outcome,) = run_cases([case], [Told()], Options())
    assert (outcome.verdict, outcome.reasons) == (Verdict.SKIP, ("needs a stdin with data in it",))
    case = one(tmp_path, servers=[{"name": "a"}])
    (outcome,) = run_cases([case], [Told()], Options())
    assert (outcome.verdict, outcome.reasons) == (Verdict.SKIP, ("needs http",))


def test_an_error_ends_the_run(tmp_path: Path) -> None:
    suite(tmp_path)
    for name in ("a", "b", "c"):
        add(tmp_path, name)
    runtime = Told(Observation(), HarnessError("no such tree"), Observation())
    with pytest.raises(HarnessError, match="no such tree"):
        run_cases(read_suite(tmp_path).cases, [runtime], Options(jobs=1))
    assert len(runtime.shows) == 1  # the third was not run


def test_ctrl_c_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pids, folders = tmp_path / "pids", tmp_path / "folders"
    pids.mkdir()
    folders.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folders))

    class Sleeping(Told):
        def session(self, groups: Groups) -> Session:
            class Own(Session):
                def run(self, case: Case, folder: Path, timeout: float) -> Observation:
                    run_group(["sh", "-c", f"echo $$ > {pids}/$$; sleep 3600"], folder, timeout, groups=groups)
                    time.sleep(0.5)  # a thread that nobody waits for would be found out
                    return Observation()

            return Own()

    case = one(tmp_path / "s")
    main = threading.main_thread().ident
    assert main is not None

    def interrupt() -> None:
        until(lambda: len(list(pids.iterdir())) == 2)
        os.kill(os.getpid(), 2)

    thread = threading.Thread(target=interrupt)
    thread.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_cases([case, case, case], [Sleeping()], Options(jobs=2, timeout=3000))
    thread.join()
    assert time.monotonic() - start < HANG
    assert list(folders.iterdir()) == []
    for path in pids.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.name), 0)
