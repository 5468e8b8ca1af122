"""agave-wasi for the official wasi-testsuite's runner: give it this file as the adapter (`-r official.py`).

The runner loads the file by its path, in whatever Python it runs in, so it needs nothing beside the standard library. The
command is agave-wasi in PATH, or what the variable AGAVE_WASI says.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

TIMEOUT = 60


def command() -> list[str]:
    """agave-wasi's command, in words."""
    return shlex.split(os.environ.get("AGAVE_WASI", "")) or ["agave-wasi"]


def get_name() -> str:
    """The runtime's name."""
    return "agave-wasi"


def get_version() -> str:
    """The runtime's version; FileNotFoundError or CalledProcessError if it isn't there."""
    asked = subprocess.run([*command(), "--version"], capture_output=True, encoding="utf-8", check=True)
    return asked.stdout.split()[1]


def get_wasi_versions() -> list[str]:
    """The versions of WASI that it has."""
    return ["wasm32-wasip1"]


def get_wasi_worlds() -> list[str]:
    """The worlds that it has."""
    return ["wasi:cli/command"]


def get_timeout_seconds() -> int:
    """How long a test may take."""
    return TIMEOUT


def compute_argv(test_path: str, given: Sequence[Any], proposals: Sequence[str], *wasi: str, **named: str) -> list[str]:
    """The command line for a test.

    `given` is (args, env, folders): folders is a root, nothing, or pairs of a host's folder and a guest's. World and version
    of WASI come behind, by place or by name; there is only one of each.
    """
    args, env, folders = given
    argv = [*command(), "run", "--realtime"]
    for host, guest in pairs(folders):
        argv += ["--dir", f"{host}::{guest}"]
    for name, value in variables(env):
        argv += ["--env", f"{name}={value}"]
    return [*argv, str(test_path), *args]


def pairs(folders: Any) -> list[tuple[str, str]]:
    """Folders of the host with what the guest calls them."""
    if not folders:
        return []
    if isinstance(folders, str | os.PathLike):
        return [(os.fspath(folders), "/")]
    return [(os.fspath(host), guest) for host, guest in folders]


def variables(env: Mapping[str, str] | None) -> list[tuple[str, str]]:
    """The guest's environment."""
    return list((env or {}).items())
