"""Node.js: its own WASI, and those that are npm packages; a child process for each case."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from conformance.adapters.base import Found, Missing
from conformance.adapters.job import ChildRuntime

HERE = Path(__file__).parent
OLDEST = 20


class Node(ChildRuntime):
    """Node's WASI."""

    name = "node"
    about = "Node.js's own WASI (node:wasi)"
    provides = frozenset({"exit code", "unstable", "relative folders", "no folder", "stdin", "conversation"})

    def find(self) -> Found | Missing:
        node = shutil.which("node")
        if node is None:
            return Missing(f"install Node.js {OLDEST} or newer, so that node is in PATH")
        try:
            asked = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            return Missing(f"{node} doesn't work: {error}")
        return Found(asked.stdout.strip().removeprefix("v"), node)

    def command(self) -> list[str]:
        return [shutil.which("node") or "node", "--no-warnings", str(HERE / "node_child.mjs")]


class NodePackage(ChildRuntime):
    """A runtime that is an npm package; `script` runs a guest on it."""

    package: str
    script: str
    provides = frozenset({"exit code", "relative folders", "no folder", "stdin"})

    def find(self) -> Found | Missing:
        return found_package(self.package)

    def command(self) -> list[str]:
        folder = package_folder(self.package)
        return [shutil.which("node") or "node", "--no-warnings", str(HERE / self.script), str(folder)]


class BrowserShim(NodePackage):
    """The WASI of browsers, on Node: its files are in memory, and are copied in and out."""

    name = "browser_wasi_shim"
    about = "@bjorn3/browser_wasi_shim, which gives browsers a WASI; run by node"
    package = "@bjorn3/browser_wasi_shim"
    script = "shim_child.mjs"


class Jco(NodePackage):
    """Preview 2 in JavaScript: a module is made a component, whose exit code can only be 0 or 1."""

    name = "jco"
    about = "@bytecodealliance/jco: the guest as a Preview 2 component in JavaScript, on preview2-shim; run by node"
    package = "@bytecodealliance/jco"
    script = "jco_child.mjs"
    provides = NodePackage.provides - {"exit code"} | {"component"}


def found_package(name: str) -> Found | Missing:
    """Is there an npm package, and a node to run it?"""
    node = Node().find()
    if isinstance(node, Missing):
        return node
    folder = package_folder(name)
    if folder is None:
        return Missing(f"npm install {name} (in this folder, in one above it, or with -g)")
    try:
        told = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return Missing(f"{folder} is damaged: npm install {name} again")
    return Found(f"{told} (node {node.version})", str(folder))


def package_folder(name: str) -> Path | None:
    """Where an npm package is: in NODE_PATH, in a node_modules of this folder or one above it, or installed with -g."""
    places = [Path(each) for each in os.environ.get("NODE_PATH", "").split(os.pathsep) if each]
    here = Path.cwd()
    places += [folder / "node_modules" for folder in (here, *here.parents)]
    node = shutil.which("node")
    if node:
        places += [Path(node).resolve().parents[1] / "lib" / "node_modules", Path(node).parents[1] / "lib" / "node_modules"]
    return next((place / name for place in places if (place / name / "package.json").is_file()), None)
