"""Build the guest programs of a suite: the same bytes each time, by the compilers that `languages` names.

    python -m conformance.suites.build [--check] [CASE...]

A suite keeps each program's source and its .wasm side by side, so that running it needs no compiler. This builds the
.wasm again from the source; with --check it writes nothing and reports every program whose bytes differ. A CASE is a
file's name without its ending; without any, all are built. Programs whose compiler isn't here are skipped, and it is said
why; one that the project's dependencies bring along must be here.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conformance.suites.languages import LANGUAGES, BuildError, language

SUITES = [Path(__file__).parent / name for name in ("preview1", "preview1_worlds", "preview2")]


def sources() -> list[Path]:
    """Every program's source, suite by suite in the order of names."""
    return [path for suite in SUITES for path in sorted(suite.iterdir()) if path.suffix in LANGUAGES]


def build(source: Path) -> bytes:
    """Compile one source file to the bytes of a WebAssembly module or component."""
    return language(source).build(source)


def differs(source: Path) -> str | None:
    """Build one program and compare: None, or what is wrong with its .wasm."""
    target = source.with_suffix(".wasm")
    if not target.exists():
        return f"{target.name} is missing"
    fresh, kept = build(source), target.read_bytes()
    return None if fresh == kept else f"{target.name} ({len(kept)} bytes) isn't what {source.name} gives ({len(fresh)})"


def write(source: Path) -> str | None:
    """Build one program and keep it beside its source."""
    source.with_suffix(".wasm").write_bytes(build(source))
    return None


def main(argv: list[str] | None = None) -> int:
    """Build or check; 0 when all went well."""
    parser = argparse.ArgumentParser(prog="build.py", description="Build the suite's guest programs.")
    parser.add_argument("--check", action="store_true", help="write nothing; report programs whose bytes differ")
    parser.add_argument("case", nargs="*", help="names without ending; all when none is given")
    options = parser.parse_args(argv)
    chosen = [path for path in sources() if not options.case or path.stem in options.case]
    unknown = set(options.case) - {path.stem for path in chosen}
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    step = differs if options.check else write

    def attempt(source: Path) -> str | None:
        try:
            return step(source)
        except BuildError as error:
            return str(error)

    lacking = {path.suffix: language(path).missing() for path in sorted(chosen, key=lambda path: path.suffix)}
    able = [path for path in chosen if not lacking[path.suffix]]
    with ThreadPoolExecutor(2) as pool:
        problems = [problem for problem in pool.map(attempt, able) if problem]
    for problem in problems:
        print(problem, file=sys.stderr)
    for ending, count in Counter(path.suffix for path in chosen if lacking[path.suffix]).items():
        print(f"skipped {count} *{ending}: {lacking[ending]}", file=sys.stderr)
    skipped = f", {len(chosen) - len(able)} skipped" if len(able) < len(chosen) else ""
    print(f"{len(able) - len(problems)} of {len(able)} {'match' if options.check else 'built'}{skipped}")
    needed = [ending for ending, reason in lacking.items() if reason and LANGUAGES[ending].comes]
    return 1 if problems or needed else 0


if __name__ == "__main__":
    sys.exit(main())
