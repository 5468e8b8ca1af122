"""Build tour.wasm from tour.c: `python demo/apps/tour/build.py`; with `--check`, compare a fresh build with it.

The compiler is PyPI's ziglang, pinned, so that the same source gives the same bytes on any machine. The module keeps
function names and the source lines of tour.c, which a backtrace shows, but nothing of libc's DWARF, which is twenty
times the size of the rest: zig strips everything or nothing, so the last step is its linker's command once more
without `-s`.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

ZIGLANG = "0.17.0"
HERE = Path(__file__).resolve().parent
SOURCE = "tour.c"
MODULE = HERE / "tour.wasm"
COMPILE = ["-std=gnu17", "-Os", "-Wall", "-Wextra", "-Werror", "-gline-tables-only", "-fdebug-compilation-dir=."]
LINK = ["-Os", "-s", "-Wl,-z,stack-size=131072", "-v"]


def zig(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one zig command beside the source; errors: SystemExit with the compiler's own words."""
    done = subprocess.run(
        [sys.executable, "-m", "ziglang", *arguments], cwd=HERE, text=True, capture_output=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"zig {arguments[0]} failed:\n{done.stderr}")
    return done


def toolchain() -> Path:
    """The folder of the pinned ziglang; errors: SystemExit when it is missing or another version."""
    try:
        found = version("ziglang")
    except PackageNotFoundError:
        raise SystemExit(f"needs ziglang {ZIGLANG}: pip install ziglang=={ZIGLANG}") from None
    spec = find_spec("ziglang")
    if found != ZIGLANG or spec is None or spec.origin is None:
        raise SystemExit(f"needs ziglang {ZIGLANG}, found {found}: pip install ziglang=={ZIGLANG}")
    return Path(spec.origin).parent


def build(module: Path) -> None:
    """Compile and link tour.c into `module`."""
    headers = toolchain()
    target = ["cc", "-target", "wasm32-wasi"]
    with tempfile.TemporaryDirectory() as folder:
        unit = str(Path(folder, "tour.o"))
        zig(*target, *COMPILE, f"-ffile-prefix-map={headers}=ziglang", "-c", SOURCE, "-o", unit)
        shown = zig(*target, *LINK, unit, "-o", str(Path(folder, "stripped.wasm"))).stderr
        command = next(line for line in shown.splitlines() if line.startswith("wasm-ld "))
        words = [word for word in shlex.split(command) if word != "-s"]
        words[words.index("-o") + 1] = str(module)
        zig(*words)
    module.chmod(0o644)


def main() -> int:
    """The command line; returns the exit code: 1 when `--check` finds another build."""
    parser = ArgumentParser(description="build tour.wasm")
    parser.add_argument("--check", action="store_true", help="build elsewhere and compare; change nothing")
    if not parser.parse_args().check:
        build(MODULE)
        print(f"{MODULE.name}: {MODULE.stat().st_size} bytes")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder, MODULE.name)
        build(fresh)
        same = MODULE.exists() and fresh.read_bytes() == MODULE.read_bytes()
    print(f"{MODULE.name}: {'up to date' if same else 'differs from what its source builds to'}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
