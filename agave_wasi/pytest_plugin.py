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
    config.addinivalue_line("markers", f"{MARKER}(**options): how the world of the fixture `wasi` is made; see agave_wasi.World")


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

    with ObservedWorld(**options_of(request.node)) as world:
        yield world


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what the test's world has seen."""
    report = yield
    world = getattr(item, "funcargs", {}).get("wasi")
    if report.when == "call" and report.failed and hasattr(world, "observations"):
        error = call.excinfo.value if call.excinfo is not None else None
        report.sections += world.observations(error)
    return report
