"""One description of a world, for both sides: what a run is given, and where it leaves what it made.

Each side gets trees of its own, filled alike: a folder of the host is copied for each, so that neither sees what the other
does and the folder stays as it is; one that is only read is used in place. Folders in memory are temporary ones on the
reference. `/` has a /tmp in it, but no /dev: the reference couldn't have one.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agave_wasi import Mount, World
from conformance.calls.trees import fill
from conformance.case import Case
from kernel_sim.clock import DEFAULT_START, DEFAULT_STEP
from kernel_sim.fs.memfs import MemDirectory


@dataclass(frozen=True)
class Tree:
    """A preopened folder: the guest's name, and what is in it: a copy of `source`, `image` (a tar archive), or nothing."""

    guest: str
    source: str | None = None
    writable: bool = True
    image: str | None = None
    folders: tuple[str, ...] = ()
    host: bool = False
    """On agave-wasi too a folder of the host, and not of memory."""
    overlay: bool = False


@dataclass(frozen=True)
class Equal:
    """A world that both sides can have. `cwd` is a folder in the tree of `/` that is preopened as "." too."""

    program: str
    args: tuple[str, ...] = ()
    arg0: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    stdin: bytes = b""
    trees: tuple[Tree, ...] = (Tree("/", folders=("tmp",)),)
    cwd: str | None = None
    seed: int = 0
    clock_start: int = DEFAULT_START
    clock_step: int = DEFAULT_STEP
    timeout: float = 60.0
    most_calls: int = 1_000_000
    libraries: tuple[tuple[str, str], ...] = ()
    """Modules whose exports satisfy imports from a name: (the name, the module's file)."""
    invoke: tuple[str, tuple[int | float, ...]] | None = None
    """An export to call instead of _start, with its arguments."""

    @property
    def argv(self) -> list[str]:
        """The arguments, the program's name first."""
        return [self.arg0 if self.arg0 is not None else Path(self.program).name, *self.args]


def of_case(case: Case) -> Equal:
    """The world of a suite's case, whose `/` is its folder; it may ask for read-only mounts and a stdin, no more."""
    trees = tuple(
        Tree(each.guest, None if each.source is None else str(each.source), each.mode != "ro") for each in case.folders
    )
    return Equal(str(case.program), tuple(case.args), env=dict(case.env), stdin=case.stdin.encode(), trees=trees)


@dataclass
class Order:
    """What the reference's process is told, as data that JSON can hold; paths are the host's."""

    program: str
    argv: list[str]
    env: list[tuple[str, str]]
    stdin: str
    stdout: str
    stderr: str
    calls: str
    preopens: list[tuple[str, str, bool]]
    answers: str | None
    timeout: float
    most_calls: int
    stop_after: int | None = None
    cache: str | None = None
    libraries: list[tuple[str, str]] = field(default_factory=list)
    invoke: tuple[str, list[int | float]] | None = None

    def plain(self) -> dict[str, Any]:
        """As data that JSON can hold."""
        return asdict(self)


class Unequal(Exception):
    """The reference can't have a world like that; the text says what, and what to do."""


def reference_folders(equal: Equal, folder: Path) -> list[tuple[str, str, bool]]:
    """Make the reference's trees below `folder`: (host folder, guest's name, may it be written)."""
    made = []
    for number, tree in enumerate(equal.trees):
        path = folder / f"tree{number}"
        if tree.source is not None and not tree.writable:
            path = Path(tree.source)
        elif tree.source is not None:
            copy(Path(tree.source), path)
        elif tree.image is not None:
            path.mkdir()
            fill(image_tree(tree.image, World(cache=False)), path)
        else:
            path.mkdir()
        for name in tree.folders:
            (path / name).mkdir(exist_ok=True)
        made.append((str(path), tree.guest, tree.writable))
    if equal.cwd is not None:
        made.append((str(_cwd(made, equal.cwd)), ".", True))
    return made


def _cwd(made: list[tuple[str, str, bool]], cwd: str) -> Path:
    """The folder of `/` that is "." too, made if it isn't there."""
    top = next((Path(host) for host, guest, _ in made if guest == "/"), None)
    if top is None:
        raise Unequal("--cwd names a folder of the guest's /, and nothing is preopened as /: add --dir HOST::/")
    path = top.joinpath(*[part for part in cwd.split("/") if part not in ("", ".")])
    if ".." in Path(cwd).parts or not path.resolve().is_relative_to(top.resolve()):
        raise Unequal(f"--cwd {cwd} leaves the guest's /")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unequal(f"--cwd {cwd}: {error.strerror}") from None
    return path


def copy(source: Path, folder: Path) -> None:
    """`folder`, made as a copy of `source` with its links, modes and times; sockets and the like are left out."""

    def special(directory: str, names: list[str]) -> list[str]:
        below = ((name, Path(directory, name)) for name in names)
        return [name for name, path in below if not (path.is_symlink() or path.is_file() or path.is_dir())]

    try:
        shutil.copytree(source, folder, symlinks=True, ignore=special)
    except RecursionError:
        raise Unequal(f"{source} is nested too deeply to be copied for both sides") from None
    except shutil.Error as error:
        path, _, reason = error.args[0][0]
        raise Unequal(f"{path} can't be copied: {reason}") from None


def image_tree(path: str, world: World) -> MemDirectory:
    """The tree of a tar archive, in memory; ImageError says why it can't be had."""
    from agave_wasi.images import load_image

    top = world.kernel.new_memory_tree()
    load_image(top, path)
    return top


def our_mounts(equal: Equal, folder: Path) -> list[Mount]:
    """agave-wasi's trees: those of the host are copied below `folder`."""
    mounts = []
    for number, tree in enumerate(equal.trees):
        if tree.source is None:
            mounts.append(Mount(tree.guest, mode="memory"))
        elif not tree.writable:
            mounts.append(Mount(tree.guest, tree.source, "ro"))
        elif tree.overlay or tree.host:
            path = folder / f"ours{number}"
            copy(Path(tree.source), path)
            mounts.append(Mount(tree.guest, str(path), "overlay" if tree.overlay else "rw"))
        else:
            mounts.append(Mount(tree.guest, mode="memory"))
    return mounts
