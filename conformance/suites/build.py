"""Build the guest programs of a suite: C by zig, WAT by wasmtime, the same bytes each time.

    python -m conformance.suites.build [--check] [CASE...]

A suite keeps each program's source and its .wasm side by side, so that running it needs no compiler. This builds the
.wasm again from the source; with --check it writes nothing and reports every program whose bytes differ. A CASE is a
file's name without its ending; without any, all are built.

A C program is freestanding: it calls the WASI imports and links no library. One that is named libc_*.c is
linked with zig's wasi-libc. Both are reduced to the first edition of WebAssembly, which every runtime can load.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

ZIG = "0.17.0"  # another compiler gives other bytes
SUITES = [Path(__file__).parent / name for name in ("preview1", "preview1_worlds")]
TARGET = ["-target", "wasm32-wasi", "-mcpu=mvp", "-Os", "-s", "-std=gnu11", "-Wall", "-Wextra", "-Werror"]
FREESTANDING = ["-nostdlib", "-ffreestanding", "-Wno-unused-function"]


class BuildError(Exception):
    """A compiler refused a source, or isn't the one that the suite is built with."""


def sources() -> list[Path]:
    """Every program's source, suite by suite in the order of names."""
    return [path for suite in SUITES for path in sorted([*suite.glob("*.c"), *suite.glob("*.wat")])]


def build(source: Path) -> bytes:
    """Compile one source file to the bytes of a WebAssembly module."""
    return assemble(source) if source.suffix == ".wat" else compile_c(source)


def assemble(source: Path) -> bytes:
    """Translate a text-format module."""
    import wasmtime

    try:
        return bytes(wasmtime.wat2wasm(source.read_text(encoding="utf-8")))
    except wasmtime.WasmtimeError as error:
        raise BuildError(f"{source.name}: {error}") from error


def compile_c(source: Path) -> bytes:
    """Compile a C program with the pinned zig."""
    if version("ziglang") != ZIG:
        raise BuildError(f"ziglang {version('ziglang')} is installed; the suite is built with ziglang=={ZIG}")
    mode = [] if source.name.startswith("libc_") else FREESTANDING
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out.wasm")
        # Run beside the source with its bare name, so that no path of this machine reaches the module.
        command = [sys.executable, "-m", "ziglang", "cc", *TARGET, *mode, source.name, "-o", str(out)]
        done = subprocess.run(command, cwd=source.parent, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError(f"{source.name}:\n{done.stderr}")
        return out.read_bytes()


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

    with ThreadPoolExecutor(2) as pool:
        problems = [problem for problem in pool.map(attempt, chosen) if problem]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(chosen) - len(problems)} of {len(chosen)} {'match' if options.check else 'built'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
