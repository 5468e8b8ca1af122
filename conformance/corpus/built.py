"""Programs of the corpus that are components, which are built here by other projects' tools, and kept.

A component is built into a folder whose name has the digest of its sources and its tools' releases, so it is built once.
Where a tool isn't there, its jobs are skipped and it is said how to get it. Nothing that is built here is part of this project.

    <corpus folder>/components/<name>-<digest>/<name>.wasm
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from agave_wasi.witparse import wasi
from conformance.adapters.base import Missing
from conformance.adapters.node import found_package, package_folder

from .packages import PATIENCE, FetchFailed, Package, corpus_folder

RECIPES = Path(__file__).parent / "recipes"
WORLD = "package agave:corpus;\n\nworld command {\n  include wasi:cli/command@0.2.12;\n}\n"


class ToolMissing(Exception):
    """A tool isn't here; the text says which one, and how to get it."""


@dataclass(frozen=True)
class Built(Package):
    """A component and its recipe. `tools` are what it takes, `pip:` or `npm:` in front of each name."""

    tools: tuple[str, ...] = ()
    recipe: Callable[[Path, Path], None] = lambda sources, out: None
    """Builds the sources in one folder into the file `out`."""

    @property
    def sources(self) -> Path:
        """The folder of its sources."""
        return RECIPES / self.requirement


def component(name: str, sources: str, tools: tuple[str, ...], recipe: Callable[[Path, Path], None]) -> Built:
    """A component called `name`, from a folder of recipes/."""
    return Built(name, "build", sources, f"{name}.wasm", "", None, tools, recipe)


def obtain(package: Built) -> Path:
    """The folder with the component, built if it isn't there yet; errors: ToolMissing, FetchFailed."""
    releases = [release(tool) for tool in package.tools]
    digest = hashlib.sha256("\n".join(releases).encode())
    for path in [*sorted(package.sources.rglob("*.*")), Path(__file__), *sorted(wasi.folder().glob("*/*.wit"))]:
        digest.update(path.name.encode() + path.read_bytes())
    folder = corpus_folder() / "components" / f"{package.name}-{digest.hexdigest()[:16]}"
    if not (folder / package.program).is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".building-") as unfinished:
            into = Path(unfinished, "package")
            into.mkdir()
            package.recipe(package.sources, into / package.program)
            into.rename(folder)
    return folder


def release(tool: str) -> str:
    """A tool with its release; errors: ToolMissing."""
    manager, _, name = tool.partition(":")
    if manager == "npm":
        found = found_package(name)
        if isinstance(found, Missing):
            raise ToolMissing(f"{name}: {found.cure}")
        return f"{name} {found.version}"
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        path = shutil.which(name)
        if path is None:
            raise ToolMissing(f"{name}: pip install {name}") from None
        return run([path, "--version"], Path.cwd()).strip()


def run(command: Sequence[str], folder: Path) -> str:
    """What a tool prints; errors: FetchFailed with its last words."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchFailed(f"{command[0]}: {error}") from None
    if done.returncode:
        said = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise FetchFailed(f"{Path(command[0]).name} failed: {' / '.join(said[-5:])}")
    return done.stdout


def node(script: str, package: str, *arguments: str, folder: Path) -> None:
    """Run one of our scripts on an npm package, whose folder is its first argument."""
    found = package_folder(package)
    assert found is not None
    run([shutil.which("node") or "node", "--no-warnings", str(RECIPES / script), str(found), *arguments], folder)


def from_c(sources: Path, out: Path) -> None:
    """C with its library, as a Preview 1 module behind jco's adapter."""
    with tempfile.TemporaryDirectory() as folder:
        core = Path(folder, "core.wasm")
        options = ["-target", "wasm32-wasi", "-O2", "-s", "-o", str(core)]
        run([sys.executable, "-m", "ziglang", "cc", *options, *sorted(path.name for path in sources.glob("*.c"))], sources)
        node("adapt.mjs", "@bytecodealliance/jco", str(core), str(out), folder=Path(folder))


def from_python(sources: Path, out: Path) -> None:
    """CPython and an app.py."""
    with tempfile.TemporaryDirectory() as folder:
        wit = Path(folder, "wit")
        shutil.copytree(wasi.folder(), wit / "deps", ignore=shutil.ignore_patterns("*.md", "*.py"))
        (wit / "world.wit").write_text(WORLD, encoding="utf-8")
        tool = shutil.which("componentize-py") or str(Path(sys.executable).with_name("componentize-py"))
        run([tool, "-d", str(wit), "-w", "command", "componentize", "-p", str(sources), "app", "-o", str(out)], Path(folder))


def from_javascript(sources: Path, out: Path) -> None:
    """SpiderMonkey and an app.js; the tool is given all of WIT as one text."""
    texts = [WORLD]
    for path in sorted(wasi.folder().glob("*/*.wit")):
        texts.append(re.sub(r"(?m)^(package [^;]+);", r"\1 {", path.read_text(encoding="utf-8"), count=1) + "}\n")
    with tempfile.TemporaryDirectory() as folder:
        wit = Path(folder, "world.wit")
        wit.write_text("".join(texts), encoding="utf-8")
        tool = "@bytecodealliance/componentize-js"
        node("componentize.mjs", tool, str(sources / "app.js"), str(wit), "command", str(out), folder=Path(folder))


PYTHON = component("componentize-py", "python", ("pip:componentize-py",), from_python)
JAVASCRIPT = component("componentize-js", "javascript", ("npm:@bytecodealliance/componentize-js",), from_javascript)
ADAPTED = component("c-component", "c", ("pip:ziglang", "npm:@bytecodealliance/jco"), from_c)
COMPONENTS = (ADAPTED, PYTHON, JAVASCRIPT)
