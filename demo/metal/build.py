"""Build the programs of this folder: `python demo/metal/build.py`; with `--check`, compare fresh builds with them.

The compiler is PyPI's ziglang, pinned, so that the same source gives the same bytes on any machine. The programs are static
x86-64 ELF files without a libc: start.c and agave.h are all that stands between them and the kernel.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ZIGLANG = "0.17.0"
HERE = Path(__file__).resolve().parent
PROGRAMS = ("hello", "copy", "clock")
COMPILE = [
    "-target", "x86_64-freestanding-none", "-mcpu=x86_64", "-std=gnu17", "-Os", "-gline-tables-only", "-Wall", "-Wextra",
    "-Werror", "-ffreestanding", "-fno-builtin", "-fno-stack-protector", "-mno-red-zone", "-fno-pie", "-static", "-nostdlib",
    "-Wl,--build-id=none", "-fdebug-compilation-dir=.",
]  # fmt: skip
"""-mno-red-zone because the gate is called. The instructions are those that every x86-64 has: AVX would be executed wrongly."""


def build(folder: Path) -> None:
    """Compile every program into `folder`; SystemExit with the compiler's own words."""
    try:
        found = version("ziglang")
    except PackageNotFoundError:
        found = "none"
    if found != ZIGLANG:
        raise SystemExit(f"needs ziglang {ZIGLANG}, found {found}: pip install ziglang=={ZIGLANG}")
    for name in PROGRAMS:
        program = folder / f"{name}.elf"
        command = [sys.executable, "-m", "ziglang", "cc", *COMPILE, "start.c", f"{name}.c", "-o", str(program)]
        done = subprocess.run(command, cwd=HERE, text=True, capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(f"{name}: zig cc failed:\n{done.stderr}")
        program.chmod(0o644)


def main() -> int:
    """The command line; returns the exit code: 1 when `--check` finds another build."""
    parser = ArgumentParser(description="build the programs for the bare machine")
    parser.add_argument("--check", action="store_true", help="build elsewhere and compare; change nothing")
    check = parser.parse_args().check
    differs = False
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) if check else HERE
        build(fresh)
        for name in PROGRAMS:
            program = HERE / f"{name}.elf"
            same = program.exists() and (fresh / program.name).read_bytes() == program.read_bytes()
            differs |= not same
            print(f"{program.name}: {program.stat().st_size if same else 'differs from what its source builds to'}")
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
