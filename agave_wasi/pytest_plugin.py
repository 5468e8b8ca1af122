"""A pytest fixture that ships with the package: `wasi`, a fresh world for each test.

    @pytest.mark.wasi(files={"/in.txt": "hello"}, seed=1)
    def test_upper(wasi):
        result = wasi.run("upper.wasm", ["/in.txt"])
        assert result.exit_code == 0
        assert wasi.files["/out.txt"] == b"HELLO"

The marker's arguments are those of `agave_wasi.World`; a marker on the test wins over one on its class or module. When such a
test fails, its report shows how the last runs ended, what they printed, their last host calls, and the backtrace of a trap.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from agave_wasi.observed import ObservedWorld

MARKER = "wasi"


def pytest_configure(config: pytest.Config) -> None:
    """Let the marker be known."""
    config.addinivalue_line("markers", f"{MARKER}(**options): the options of agave_wasi.World for the fixture")


def options_of(node: pytest.Item) -> dict[str, Any]:
    """The options that a test's markers ask for, the closest one last; UsageError for arguments without a name."""
    found: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers(MARKER))):
        if marker.args:
            raise pytest.UsageError(f"{node.nodeid}: the options of @pytest.mark.{MARKER} are given by name, as in seed=1")
        found |= marker.kwargs
    return found


@pytest.fixture
def wasi(request: pytest.FixtureRequest) -> Iterator[ObservedWorld]:
    """A fresh world, closed after the test. `@pytest.mark.wasi(...)` gives its options."""
    from agave_wasi.observed import ObservedWorld

    world = ObservedWorld(**options_of(request.node))
    with world:
        yield world


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what the test's world has seen."""
    report = yield
    tell = getattr(getattr(item, "funcargs", {}).get("wasi"), "observations", None)
    if report.when == "call" and report.failed and tell is not None:
        report.sections += tell(call.excinfo.value if call.excinfo is not None else None)
    return report
