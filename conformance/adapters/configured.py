"""Any command line as a runtime, described in a runtimes.toml.

[[runtime]]
name = "wazero"
command = "wazero run {dirs} {env} {listen} {wasm} {args}"   # a text, split as a shell would, or a list; no shell runs it
dir = "-mount={host}:{guest}"                       # how {dirs} names a folder
dir_ro = "-mount={host}:{guest}:ro"                 # and one that can only be read; without it, there are none
env = "-env={name}={value}"                         # how {env} names a variable
listen = "-listen={address}"                        # how {listen} says where to listen; without it, it can't
version = "wazero version"
provides = ["stdin", "unstable"]                    # features (agave-wasi conformance runtimes lists them)
install = "https://wazero.io"                       # what to do where it isn't there
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.adapters.base import Found, Missing, Runtime, Session, lay_out, played
from conformance.case import Case
from conformance.conversation import Address, free_address
from conformance.errors import HarnessError
from conformance.features import FEATURES
from conformance.observation import Observation
from conformance.processes import Groups
from conformance.toml import read_toml

TEXTS = ("name", "install", "about")
WORDS = ("command", "dir", "dir_ro", "env", "listen", "version")
LISTS = {"dirs", "env", "listen", "args"}


@dataclass(frozen=True)
class Template:
    """A row of the file, checked."""

    command: tuple[str, ...]
    dir: tuple[str, ...]
    dir_ro: tuple[str, ...]
    env: tuple[str, ...]
    listen: tuple[str, ...]
    version: tuple[str, ...]

    def argv(self, case: Case, folders: list[tuple[str, Path, str]], address: Address | None = None) -> list[str]:
        """The command line for a case; a word {dirs}, {env}, {listen} or {args} becomes as many words as it takes."""
        lists: dict[str, list[str]] = {"dirs": [], "env": [], "listen": [], "args": case.args}
        if address:
            lists["listen"] = [put(word, address=f"{address[0]}:{address[1]}") for word in self.listen]
        for guest, host, mode in folders:
            lists["dirs"] += [put(word, host=str(host), guest=guest) for word in (self.dir_ro if mode == "ro" else self.dir)]
        for name, value in case.env.items():
            lists["env"] += [put(word, name=name, value=value) for word in self.env]
        found: list[str] = []
        for word in self.command:
            found += lists[word[1:-1]] if word[1:-1] in LISTS else [put(word, wasm=str(case.program.resolve()))]
        return found


def put(word: str, **values: str) -> str:
    """A word with its names in braces replaced, all at once, so that a value can't bring names along."""
    found, rest = "", word
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, brace, behind = rest.partition("}")
        if brace and name in values:
            found, rest = found + before + values[name], behind
        else:
            found += before + "{"
    return found + rest


class Configured(Runtime):
    """A runtime of a runtimes.toml."""

    def __init__(self, name: str, about: str, provides: frozenset[str], template: Template, install: str) -> None:
        self.name = name
        self.about = about
        self.provides = provides
        self.template = template
        self.install = install

    def find(self) -> Found | Missing:
        program = shutil.which(self.template.command[0])
        if program is None:
            return Missing(self.install or f"{self.template.command[0]} is not in PATH")
        if not self.template.version:
            return Found("unknown", program)
        try:
            asked = subprocess.run(
                self.template.version, capture_output=True, text=True, timeout=30, check=True, errors="replace"
            )
        except (OSError, subprocess.SubprocessError) as error:
            return Missing(f"{shlex.join(self.template.version)} doesn't work: {error}")
        lines = (asked.stdout or asked.stderr).strip().splitlines()
        return Found(lines[0] if lines else "unknown", program)

    def session(self, groups: Groups) -> Session:
        return ConfiguredSession(self.template, groups)


class ConfiguredSession(Session):
    """The command, once for each case."""

    def __init__(self, template: Template, groups: Groups) -> None:
        self.template = template
        self.groups = groups

    def run(self, case: Case, folder: Path, timeout: float) -> Observation:
        folders = lay_out(case, folder)
        address = free_address() if "listening socket" in case.features else None
        try:
            argv = self.template.argv(case, folders, address)
            return played(argv, case, folder, folders, timeout, self.groups, None, address)
        except OSError as error:
            raise HarnessError(f"{self.template.command[0]} can't be started: {error.strerror}") from None


def read_runtimes(path: Path) -> list[Configured]:
    """The runtimes that a file describes; HarnessError names what is wrong."""
    document = read_toml(path)
    rows = document.get("runtime")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise HarnessError(
            f'{path}: it needs a [[runtime]] with name and command, as in command = "wasmtime {{dirs}} {{wasm}}"'
        )
    return [_runtime(row, path) for row in rows]


def _runtime(row: dict[str, Any], path: Path) -> Configured:
    name = row.get("name")
    if not isinstance(name, str) or not name:
        raise HarnessError(f"{path}: a [[runtime]] has no name")
    where = f"{path}: runtime {name}"
    unknown = sorted(row.keys() - {*TEXTS, *WORDS, "provides"})
    if unknown:
        raise HarnessError(f"{where}: there is no key {unknown[0]}; known are {', '.join([*TEXTS, *WORDS, 'provides'])}")
    if any(not isinstance(row.get(key, ""), str) for key in TEXTS):
        raise HarnessError(f"{where}: {', '.join(TEXTS)} are texts")
    words = {key: _words(row.get(key, []), key, where) for key in WORDS}
    if "{wasm}" not in " ".join(words["command"]):
        raise HarnessError(f"{where}: its command must have {{wasm}} in it, where the program goes")
    provides = row.get("provides", [])
    if not isinstance(provides, list) or not all(each in FEATURES for each in provides):
        raise HarnessError(f"{where}: provides is a list of features, which are {', '.join(FEATURES)}")
    provides = [*provides, "exit code"]
    if words["dir_ro"]:
        provides.append("read-only folder")
    if words["listen"]:
        provides.append("listening socket")
    return Configured(
        name, row.get("about", f"as {path.name} says"), frozenset(provides), Template(**words), row.get("install", "")
    )


def _words(value: Any, key: str, where: str) -> tuple[str, ...]:
    if isinstance(value, str):
        try:
            value = shlex.split(value)
        except ValueError as error:
            raise HarnessError(f"{where}: {key} can't be split into words: {error}") from None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise HarnessError(f"{where}: {key} is a text or a list of texts")
    return tuple(value)
