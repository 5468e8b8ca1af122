"""Run the Preview 1 suites on agave-wasi, and print what fails.

    python -m conformance.suites.run_agave [CASE...]

Each case runs in a world of its own, in memory.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from conformance.suites.cases import Case, cases
from conformance.suites.worlds import open_world


def faults(case: Case) -> list[str]:
    """Run a case; what differs from its manifest, a line each."""
    with tempfile.TemporaryDirectory() as folder, open_world(case, Path(folder)) as world:
        result = world.run_case()
    found = case.faults(result.exit_code, result.stdout.decode(), result.stderr.decode())
    return found + ([result.message] if result.message else [])


def main(names: list[str]) -> int:
    """Run the named cases, or all; 0 when every one passed."""
    chosen = cases(*names)
    failed = 0
    for case in chosen:
        lines = faults(case)
        if lines:
            failed += 1
            print(f"FAIL {case.name}", *lines, sep="\n    ")
    print(f"{len(chosen) - failed} of {len(chosen)} cases pass on agave-wasi")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
