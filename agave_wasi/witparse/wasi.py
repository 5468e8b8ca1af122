"""The interfaces of WASI 0.2: resolved ahead of time, and as the WIT that they were resolved from."""

from __future__ import annotations

from agave_wasi.witparse import table
from agave_wasi.witparse.compiled import INTERFACES, WORLDS
from agave_wasi.witparse.versions import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from agave_wasi.witparse import tree
    from agave_wasi.witparse.model import Interface, World

VERSION = "0.2.12"
PACKAGES = tuple(f"wasi:{name}@{VERSION}" for name in ("io", "clocks", "random", "filesystem", "sockets", "cli", "http"))
"""The packages, each behind those that it uses."""

_ids: dict[str, str] = {canonical(id): id for id in (*INTERFACES, *WORLDS)}
_interfaces: dict[str, Interface] = {}
_worlds: dict[str, World] = {}


def interface(name: str) -> Interface | None:
    """An interface of WASI by its name in any version that fits, `wasi:io/streams@0.2.0` for example; None if there is none."""
    id = _ids.get(canonical(name), "")
    if id not in INTERFACES:
        return None
    if id not in _interfaces:
        _interfaces[id] = table.interface(id, INTERFACES[id], _known)
    return _interfaces[id]


def world(name: str) -> World | None:
    """A world of WASI by its name in any version that fits, `wasi:cli/command@0.2.0` for example; None if there is none."""
    id = _ids.get(canonical(name), "")
    if id not in WORLDS:
        return None
    if id not in _worlds:
        _worlds[id] = table.world(id, WORLDS[id], _known)
    return _worlds[id]


def _known(id: str) -> Interface:
    found = interface(id)
    assert found is not None
    return found


def folder() -> Path:
    """Where the WIT texts are: beside the package in a checkout, within it once it is installed."""
    from pathlib import Path

    package = Path(__file__).resolve().parents[1]
    return next((each for each in (package / "wit", package.parent / "wit") if each.is_dir()), package / "wit")


def files(package: str) -> list[tree.File] | None:
    """The files of a package of WASI by its id, `wasi:io@0.2.12`; None if it is none of them."""
    if package not in PACKAGES:
        return None
    from agave_wasi.witparse.layout import read

    name = package.partition("@")[0].replace(":", "-")
    return [read(path) for path in sorted((folder() / name).glob("*.wit"))]
