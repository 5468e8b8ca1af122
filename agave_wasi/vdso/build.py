"""Build vdso.wasm from vdso.c: `python -m agave_wasi.vdso.build [--check]`; --check writes nothing and compares."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from kernel_sim.vdso.layout import PAGE, header

ZIG = "0.17.0"  # another compiler gives other bytes
HERE = Path(__file__).parent
TARGET = ["-target", "wasm32-freestanding", "-mcpu=mvp+bulk_memory", "-O2", "-g0", "-std=gnu11", "-nostdlib", "-ffreestanding"]
"""-g0 keeps the functions' names, by which a backtrace tells them from the guest's."""
STRICT = ["-Wall", "-Wextra", "-Werror", "-Wno-int-to-pointer-cast", "-Wno-pointer-to-int-cast", "-fno-strict-aliasing"]
LINK = ["-Wl,--no-entry", "-Wl,--import-memory", "-Wl,-z,stack-size=16384"]
ROOM = f"-Wl,--initial-memory={2 * PAGE}"


def build() -> bytes:
    """The module's bytes; SystemExit with the compiler's words if it can't be built."""
    if version("ziglang") != ZIG:
        raise SystemExit(f"ziglang {version('ziglang')} is installed; vdso.wasm is built with ziglang=={ZIG}")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "vdso.wasm")
        command = [sys.executable, "-m", "ziglang", "cc", *TARGET, *STRICT, *LINK, ROOM, "vdso.c", "-o", str(out)]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        return out.read_bytes()


def main() -> int:
    """The command line: 0, or 1 if --check finds a difference."""
    if "--check" not in sys.argv[1:]:
        (HERE / "vdso.h").write_text(header(), encoding="utf-8")
        (HERE / "vdso.wasm").write_bytes(build())
        return 0
    same = (HERE / "vdso.h").read_text(encoding="utf-8") == header() and (HERE / "vdso.wasm").read_bytes() == build()
    print(f"vdso.wasm: {'up to date' if same else 'differs from what vdso.c and the layout give'}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
