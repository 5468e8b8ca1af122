"""A case: a guest, and a manifest that says how it is run and what it shows (`conformance.manifest`)."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from conformance.errors import HarnessError
from conformance.features import needed
from conformance.manifest import Manifest, read_manifest
from conformance.observation import Entry, Observation, shown
from conformance.operations import NETWORK

COMPONENT = b"\0asm\x0d\0\x01\0"
TRAPPED = 134
"""The exit code by which a command tells that its guest has trapped, as a shell does for abort()."""
CORE = b"\0asm\x01\0\0\0"


@dataclass(frozen=True)
class Folder:
    """A folder that a guest finds preopened: `source` is copied into it, and `mode` is "rw" or one of a world's mounts.

    One that is `of` another is the same folder of the host once more. `quota` are the bytes that it may hold.
    """

    guest: str
    source: Path | None
    mode: str = "rw"
    of: str = ""
    quota: int | None = None


@dataclass(frozen=True)
class Case:
    """A guest and its manifest; `path` is where the manifest is, or would be."""

    path: Path
    manifest: Manifest
    suite: str = field(default="", compare=False)

    @classmethod
    def read(cls, path: Path, suite: str = "", empty_root: bool = True) -> Case:
        """The case whose manifest is `path`; HarnessError."""
        return cls(path, read_manifest(path, empty_root), suite)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What the case is called in its suite."""
        return self.path.stem

    @property
    def full_name(self) -> str:
        """What the case is called among all suites."""
        return f"{self.suite}/{self.name}"

    @property
    def program(self) -> Path:
        """The guest."""
        return self.path.with_suffix(".wasm")

    @property
    def args(self) -> list[str]:
        """The guest's arguments, without its own name."""
        return list(self.manifest["args"])

    @property
    def env(self) -> dict[str, str]:
        """The guest's environment."""
        return dict(self.manifest["env"])

    @property
    def world(self) -> dict[str, Any]:
        """What the case asks for beyond files; empty for most."""
        wanted: dict[str, Any] = self.manifest.get("world", {})
        return wanted

    @property
    def stdin(self) -> str:
        """What the guest can read."""
        text: str = self.manifest.get("stdin") or self.world.get("stdin", {}).get("data", "")
        return text

    @property
    def steps(self) -> list[dict[str, Any]]:
        """What is said and done while the guest runs, in order; empty for a case that needs no conversation."""
        return list(self.manifest.get("steps", ()))

    @property
    def root(self) -> Path | None:
        """The folder that a copy of is the guest's `/`."""
        return self.folder(self.manifest["root"])

    @property
    def folders(self) -> list[Folder]:
        """What the guest finds preopened, in order."""
        found = [Folder(name, self.folder(name)) for name in self.manifest.get("dirs", ())]
        if self.manifest["root"] is not None or not (found or self.manifest.get("bare")):
            found.insert(0, Folder("/", self.root))
        return found + [
            Folder(each["guest"], self.folder(each.get("root")), each["mode"], each.get("of", ""), each.get("quota"))
            for each in self.world.get("mounts", ())
        ]

    def folder(self, name: str | None) -> Path | None:
        """A folder that the manifest names."""
        return None if name is None else self.path.parent / name

    @cached_property
    def features(self) -> frozenset[str]:
        """What a runtime must offer (`conformance.features`); HarnessError if the guest can't be read."""
        found = needed(self.world)
        if self.manifest["exit_code"] not in (0, 1, None):
            found.add("exit code")
        if self.steps:
            found.add("conversation")
        if "sockets" in self.manifest.get("proposals", ()) or any(each["type"] in NETWORK for each in self.steps):
            found.add("listening socket")
        if self.manifest.get("stdin"):
            found.add("stdin")
        if self.manifest.get("dirs"):
            found.add("relative folders")
        if self.manifest.get("bare"):
            found.add("no folder")
        data = self.bytes()
        if data.startswith(COMPONENT):
            found.add("component")
        elif b"wasi_unstable" in data:
            found.add("unstable")
        return frozenset(found)

    def bytes(self) -> bytes:
        """The guest's module; HarnessError."""
        try:
            data = self.program.read_bytes()
        except OSError as error:
            raise HarnessError(f"{self.program} can't be read: {error.strerror}") from None
        if not data.startswith((COMPONENT, CORE)):
            raise HarnessError(
                f"{self.program} is no WebAssembly: it begins with {shown(data[:8])}; build it again, or name it in "
                "not_cases of the folder's manifest.json"
            )
        return data

    @property
    def traps(self) -> bool:
        """Must the guest trap?"""
        return bool(self.manifest.get("trap"))

    @property
    def after(self) -> dict[str, Entry | None]:
        """What must lie where when the guest has ended; None where nothing may be."""
        return {path: Entry.wanted(each) for path, each in self.manifest.get("after", {}).items()}

    @property
    def looks_at_files(self) -> bool:
        """Does the manifest say anything of the files afterwards?"""
        return "after" in self.manifest or bool(self.manifest.get("after_exact"))

    def faults(self, exit_code: int | None, stdout: str, stderr: str) -> list[str]:
        """What differs from the manifest in how the guest ended and in what it printed, a line each."""
        got = {"exit_code": exit_code, "stdout": stdout, "stderr": stderr}
        return [f"{key} {each!r}, expected {self.manifest[key]!r}" for key, each in got.items() if each != self.manifest[key]]

    def differences(self, seen: Observation, lenient: bool = False) -> list[str]:
        """What differs from the manifest in what a run showed, a line each; none when the case has passed.

        Lenient: output that the manifest doesn't speak of isn't compared.
        """
        unstated = set(self.manifest.get("unstated", ()))
        if not lenient:
            unstated &= {"stderr"} if self.traps else set()  # where a command says what a trap was
        found = self._ending_differences(seen)
        for key, data in (("stdout", seen.stdout), ("stderr", seen.stderr)):
            expected = self.manifest[key].encode()
            if data != expected and key not in unstated:
                found.append(f"{key} {shown(data)}, expected {shown(expected)}")
        found += self._file_differences(seen.files)
        return found + [f"left open: {each}" for each in seen.leaked]

    def _ending_differences(self, seen: Observation) -> list[str]:
        if self.traps:
            trapped = seen.ended_by == "trap" or seen.exit_code == TRAPPED
            return [] if trapped else [f"{seen.ended_by}: {seen.message or f'exit code {seen.exit_code}'}, expected a trap"]
        found = [] if seen.ended_by == "exit" else [f"{seen.ended_by}: {seen.message}"]
        if seen.exit_code != self.manifest["exit_code"] and None not in (seen.exit_code, self.manifest["exit_code"]):
            found.append(f"exit_code {seen.exit_code}, expected {self.manifest['exit_code']}")
        return found

    def _file_differences(self, files: dict[str, Entry] | None) -> list[str]:
        if not self.looks_at_files:
            return []
        if files is None:
            return ["files: the runtime doesn't show them"]
        expected = self.after
        found = [
            f"{path}: {files.get(path, 'nothing')}, expected {wanted or 'nothing'}"
            for path, wanted in expected.items()
            if files.get(path) != wanted
        ]
        if self.manifest.get("after_exact"):
            found += [f"{path}: {files[path]}, expected nothing" for path in sorted(files.keys() - expected.keys())]
        return found


def copy_of(source: Path | None, folder: Path) -> Path:
    """`folder`, made with what is in `source`; HarnessError."""
    if source is None:
        folder.mkdir()
        return folder
    try:
        shutil.copytree(source, folder, symlinks=True, copy_function=_copy)
    except (OSError, shutil.Error, RecursionError) as error:
        raise HarnessError(f"the folder {source} can't be copied: {error}") from None
    return folder


def _copy(source: str, target: str) -> None:
    """A file's content and whether it is executable; special files are refused, for reading one may take for ever."""
    if not os.path.isfile(source):
        raise OSError(f"{source} is neither file, folder nor link")
    shutil.copyfile(source, target)
    shutil.copymode(source, target)
