"""Suites in pytest: `pytest --wasi-suite FOLDER` runs a suite's cases as tests, on agave-wasi or on --wasi-runtime NAME.

A case that must not be run, or that a runtime can't be given, is skipped with its reason; one that is expected to fail is an
xfail, and fails when it passes. This module is imported by every run of pytest, and imports the harness only when asked to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.adapters.base import Runtime, Session
    from conformance.case import Case
    from conformance.runner import Options


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("wasi", "WASI suites, by agave-wasi")
    group.addoption(
        "--wasi-suite", action="append", default=[], metavar="FOLDER", help="run the cases of this suite; repeatable"
    )
    group.addoption("--wasi-runtime", action="append", default=[], metavar="NAME", help="on this runtime; else on agave-wasi")
    group.addoption("--wasi-expectations", action="append", default=[], metavar="FILE", help="what is known to fail, and why")
    group.addoption("--wasi-timeout", type=float, default=None, metavar="S", help="seconds for each case; 30 unless it is said")


@pytest.hookimpl(tryfirst=True)  # before -k and -m choose
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the cases behind the other tests."""
    if config.getoption("wasi_suite"):
        from conformance.errors import HarnessError

        try:
            items += SuiteCollector.from_parent(session, name="wasi", nodeid="wasi").collect()
        except HarnessError as error:
            raise pytest.UsageError(str(error)) from None


class SuiteCollector(pytest.Collector):
    """All cases that were asked for, on all runtimes; it keeps what runs them until the last one is done."""

    def collect(self) -> Iterator[CaseItem]:
        """A test for each case on each runtime; HarnessError if there are none."""
        from conformance import expectations
        from conformance.adapters.registry import choose, runtimes
        from conformance.processes import Groups
        from conformance.runner import DEFAULT_TIMEOUT, Options
        from conformance.suite import find_suites, select

        asked = self.config.option
        cases = select(find_suites(asked.wasi_suite), [])
        known = expectations.load(Path(each) for each in asked.wasi_expectations)
        self.options: Options = Options(timeout=asked.wasi_timeout or DEFAULT_TIMEOUT, expectations=known)
        self.groups = Groups()
        self.stack = ExitStack()
        self.config.add_cleanup(self.stack.close)
        self.sessions: dict[str, Session] = {}
        for name, (runtime, _) in choose(asked.wasi_runtime or ["agave-wasi"], runtimes()).items():
            for case in cases:
                yield CaseItem.from_parent(self, name=f"{case.full_name}[{name}]", case=case, runtime=runtime)

    def session_of(self, runtime: Runtime) -> Session:
        """What runs cases on a runtime; started when the first one is run."""
        if runtime.name not in self.sessions:
            self.sessions[runtime.name] = self.stack.enter_context(runtime.session(self.groups))
        return self.sessions[runtime.name]


class NotAsExpected(Exception):
    """A case failed; its arguments are the verdict and the reasons."""


class CaseItem(pytest.Item):
    """A case on a runtime."""

    def __init__(self, *, case: Case, runtime: Runtime, **more: Any) -> None:
        super().__init__(**more)
        self.case = case
        self.runtime = runtime

    def runtest(self) -> None:
        """Run it; NotAsExpected."""
        from conformance.outcome import Verdict
        from conformance.runner import outcome_of

        collector = self.parent
        assert isinstance(collector, SuiteCollector)
        outcome = outcome_of(self.case, self.runtime, collector.session_of(self.runtime), collector.options)
        reason = "; ".join(outcome.reasons)
        if outcome.verdict is Verdict.SKIP:
            pytest.skip(reason)
        if outcome.verdict is Verdict.XFAIL:
            pytest.xfail(reason)
        if outcome.unexpected:
            raise NotAsExpected(outcome.verdict, *outcome.reasons)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The reasons alone; anything else is a bug and is shown whole."""
        if isinstance(excinfo.value, NotAsExpected):
            verdict, *reasons = map(str, excinfo.value.args)
            return "\n".join([f"{verdict} {self.case.full_name} on {self.runtime.name}", *(f"  {each}" for each in reasons)])
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where it is, for reports."""
        return self.case.path, None, self.name
