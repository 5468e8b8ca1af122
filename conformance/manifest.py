"""Reading manifests: whatever a file says becomes one checked form, or an error that names the file, the key and the cure.

There are two kinds. The plain one says how a guest is run and what it shows:

    args, env, root | dirs      root is a folder beside the manifest that becomes `/`; each of dirs keeps its name, and an
                                empty list says that there are none
    exit_code, stdout, stderr   what is expected; 0 and nothing unless it is said
    trap                        true: the guest traps, which it must
    stdin                       what can be read
    after, after_exact          what lies where when the guest has ended, and whether that is all (`observation.Entry`)
    world, needs                what only some runtimes have (`conformance.features`), exactly and in words; a text as world
                                is the name of a component's world
    proposals                   "sockets", "http"

The other kind has a list of "operations" instead (`conformance.operations`), some of which need their order: "steps". What no
runtime can be given (the servers that a client of HTTP asks, the proposals of later previews) is kept in "unsupported".
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformance.errors import HarnessError
from conformance.features import check_world
from conformance.observation import Entry
from conformance.operations import from_operations

Manifest = dict[str, Any]

LARGEST = 16 << 20
"""Bytes of a manifest: a larger one is no manifest."""
PLAIN: Manifest = {"args": [], "root": None, "env": {}, "exit_code": 0, "stdout": "", "stderr": ""}
KNOWN = {
    "args", "root", "env", "exit_code", "stdout", "stderr", "stdin", "dirs", "after", "after_exact", "world", "needs",
    "proposals", "operations", "trap", "servers", "debug", "wasi_functions",
}  # fmt: skip


def load_json(path: Path) -> Any:
    """What a JSON file says; HarnessError."""
    try:
        if path.stat().st_size > LARGEST:
            raise HarnessError(f"{path}: larger than {LARGEST >> 20} MiB; that is no manifest")
        return json.loads(path.read_bytes())
    except OSError as error:
        raise HarnessError(f"{path} can't be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise HarnessError(f"{path} is no JSON: {error}") from None


def read_manifest(path: Path, empty_root: bool = False) -> Manifest:
    """The manifest in a file, in its plain form; HarnessError. Without a root the guest gets an empty one, or none at all."""
    return checked(load_json(path) if path.exists() else {}, str(path), empty_root)


def checked(found: Any, where: str, empty_root: bool = False) -> Manifest:
    """A manifest in its plain form, with every key that it may have checked; HarnessError."""
    check = Check(where)
    if not isinstance(found, dict):
        raise check.wrong("", 'an object, as in {"args": []}')
    unknown = sorted(found.keys() - KNOWN)
    if unknown:
        from agave_wasi.nearest import nearest

        close = nearest(unknown[0], KNOWN)
        cure = f"did you mean {close}?" if close else f"known are {', '.join(sorted(KNOWN))}"
        raise HarnessError(f"{where}: there is no key {unknown[0]!r}; {cure}")
    proposals = check.strings(found.get("proposals"), "proposals")
    unsupported = [f"the proposal {name}" for name in proposals if name != "sockets"]  # which is a feature of some runtimes
    if found.get("servers") or found.get("world") == "wasi:http/service":
        unsupported.append("http")
    found = {key: value for key, value in found.items() if key != "world" or not isinstance(value, str)}
    if "operations" in found:
        found = {**from_operations(found, check), "proposals": proposals}
    manifest = {**PLAIN, **{key: value for key, value in found.items() if value is not None or key == "exit_code"}}
    manifest["unstated"] = [key for key in ("stdout", "stderr") if key not in found]
    check.strings(manifest["args"], "args")
    check.environment(manifest["env"])
    unstated = manifest["exit_code"] is None and "steps" in manifest  # of a guest that is killed
    if not unstated and (not isinstance(manifest["exit_code"], int) or isinstance(manifest["exit_code"], bool)):
        raise check.wrong("exit_code", "a number, as in 0")
    if not isinstance(manifest.get("trap", False), bool):
        raise check.wrong("trap", "true or false")
    for key in ("stdout", "stderr", "stdin", "needs"):
        if not isinstance(manifest.get(key, ""), str):
            raise check.wrong(key, 'a text, as in "hello\\n"')
    for name in [manifest["root"], *check.strings(manifest.get("dirs"), "dirs")]:
        check.folder(name)
    check.after(manifest.get("after", {}))
    check_world(manifest.get("world", {}), check)
    if unsupported:
        manifest["unsupported"] = "needs " + ", ".join(dict.fromkeys(unsupported))
    if manifest["root"] is None and not manifest.get("dirs") and (not empty_root or manifest.get("dirs") == []):
        manifest["bare"] = True
    return manifest


class Check:
    """What is wrong with a manifest, said so that it can be found and mended."""

    def __init__(self, where: str) -> None:
        self.where = where

    def wrong(self, key: str, wanted: str) -> HarnessError:
        """The error for a value that isn't what it should be."""
        return HarnessError(f"{self.where}: {key or 'the manifest'} must be {wanted}")

    def strings(self, value: Any, key: str) -> list[str]:
        """A list of texts, or none at all."""
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, str) and "\0" not in each for each in value):
            raise self.wrong(key, 'a list of texts, as in ["one", "two"]')
        return value

    def environment(self, value: Any) -> None:
        """Variables by name."""
        fine = isinstance(value, dict) and all(isinstance(each, str) and "\0" not in each for each in value.values())
        if not fine or any(not name or "=" in name or "\0" in name for name in value):
            raise self.wrong("env", 'an object of texts, as in {"LANG": "C"}')

    def folder(self, name: Any) -> None:
        """A folder beside the manifest, or of a suite beside its own, and not somewhere else."""
        if name is None:
            return
        parts = Path(name).parts if isinstance(name, str) and "\0" not in name else ("..",)
        below = parts[1:] if parts and parts[0] == ".." else parts
        if not below or ".." in below or Path(name).is_absolute():
            raise self.wrong("root", f'the name of a folder beside the manifest, as in "tree", not {name!r}')

    def after(self, value: Any) -> None:
        """Entries by path."""
        if not isinstance(value, dict):
            raise self.wrong("after", 'an object, as in {"/out.txt": "text"}')
        for path, entry in value.items():
            if not path.startswith("/"):
                raise self.wrong("after", f"an object whose keys are paths from / on, not {path!r}")
            try:
                Entry.wanted(entry)
            except ValueError as error:
                raise self.wrong(f"after {path}", str(error)) from None
