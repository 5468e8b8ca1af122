"""The cases of the suites: each a guest, and a manifest that says how it is run and what it shows.

A manifest is the official suite's: args, root, env, exit_code, stdout, stderr. Cases of `preview1_worlds` have two keys
more, which other runners may skip: "needs" says in words what the runtime must offer, and "world" says it exactly:

    quota, inodes, file_size   limits of `/`: bytes, how many objects, bytes in one file
    machine     true: `/` is the whole machine, where mounts are found and /dev is, and not a tree of its own
    max_fds     how many descriptors there may be
    rights      "strict": rights are enforced
    mounts      further folders: {guest, root, mode}; `root` is copied into it, and mode is "memory", "ro" or "failing"
    peers       a listening socket at descriptor 3, and who has connected to it (`conformance.suites.worlds.Peer`)
    stdin       {data, then}: what can be read, and what comes after it: "end", "wait", or an errno
    stdout      {room, then}: how many bytes are taken, and what the next write meets: "wait", or an errno
    entropy     the errno that every wish for random bytes meets
    signals     true: proc_raise does what a signal does by default, as far as it can

A folder of mode "failing" is a disk whose files say by name how they fail: with "truncate.IO" everything can be done but
`truncate`, which is an operation of `kernel_sim.devices.DirectoryDevice`.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUITES = (Path(__file__).parent / "preview1", Path(__file__).parent / "preview1_worlds")


@dataclass(frozen=True)
class Case:
    """A guest and its manifest."""

    path: Path
    manifest: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Case:
        """The case whose manifest is `path`."""
        return cls(path, json.loads(path.read_text(encoding="utf-8")))

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What the case is called."""
        return self.path.stem

    @property
    def program(self) -> Path:
        """The guest."""
        return self.path.with_suffix(".wasm")

    @property
    def root(self) -> Path | None:
        """The folder that a copy of is the guest's `/`."""
        return self.folder(self.manifest["root"])

    @property
    def world(self) -> dict[str, Any]:
        """What the case asks for beyond files; empty for most."""
        wanted: dict[str, Any] = self.manifest.get("world", {})
        return wanted

    def folder(self, name: str | None) -> Path | None:
        """A folder that the manifest names."""
        return None if name is None else self.path.parent / name

    def faults(self, exit_code: int | None, stdout: str, stderr: str) -> list[str]:
        """What differs from the manifest, a line each; none when the case passed."""
        shown = {"exit_code": exit_code, "stdout": stdout, "stderr": stderr}
        return [f"{key} {got!r}, expected {self.manifest[key]!r}" for key, got in shown.items() if got != self.manifest[key]]


def cases(*names: str) -> list[Case]:
    """The cases of all suites in the order of names, or those that are named."""
    paths = [path for suite in SUITES for path in sorted(suite.glob("*.json")) if path.name != "manifest.json"]
    return [Case.read(path) for path in paths if not names or path.stem in names]


def copy_of(root: Path | None, folder: Path) -> Path:
    """`folder`, made with what is in `root`."""
    if root is None:
        folder.mkdir()
    else:
        shutil.copytree(root, folder, symlinks=True)
    return folder
