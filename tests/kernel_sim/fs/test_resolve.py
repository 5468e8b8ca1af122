"""The path walk against an independent model: nested dicts, walked by a function that calls itself."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_sim.errors import KernelError
from kernel_sim.fs.inode import FileType, Inode
from kernel_sim.fs.memfs import MemDirectory, MemFile, MemSymlink
from kernel_sim.fs.resolve import existing, find, resolve
from tests.kernel_sim.scripts import errno, world

Tree = dict[bytes, Any]
"""A directory: values are a Tree, a link's target, or a number that stands for a file."""

NAMES = st.sampled_from([b"a", b"b", b"c"])
STEPS = st.one_of(NAMES, st.sampled_from([b".", b"..", b""]))
TARGETS = st.one_of(
    st.lists(STEPS, min_size=1, max_size=4).map(b"/".join).filter(bool), st.sampled_from([b"/a", b"a/", b"../a", b"b/.."])
)
TREES: st.SearchStrategy[Tree] = st.recursive(
    st.dictionaries(NAMES, st.one_of(st.integers(0, 9), TARGETS)),
    lambda inner: st.dictionaries(NAMES, st.one_of(st.integers(0, 9), TARGETS, inner)),
    max_leaves=12,
)
PATHS = st.lists(STEPS, max_size=6).map(b"/".join)


def build(directory: MemDirectory, tree: Tree) -> None:
    for name, value in tree.items():
        if isinstance(value, dict):
            build(directory.make_directory(name), value)
        elif isinstance(value, bytes):
            directory.attach(name, MemSymlink(directory.fs, directory.fs.new_number(), 0, value))
        else:
            directory.create(name).write_at(0, [memoryview(bytes([value]))])


class Model:
    """One walk. `walk` answers (the directories gone through, last name, what is there), or raises LookupError(errno)."""

    def __init__(self) -> None:
        self.links = 0

    def walk(self, way: list[Tree], path: bytes, follow: bool) -> tuple[list[Tree], bytes, Any]:
        if not path:
            raise LookupError("NOENT")
        if path.startswith(b"/"):
            raise LookupError("PERM")
        steps = [step for step in path.split(b"/") if step]
        only_directory = path.endswith(b"/") or steps[-1:] in ([b"."], [b".."])
        return self.steps(way, steps, follow, only_directory)

    def steps(self, way: list[Tree], steps: list[bytes], follow: bool, only_directory: bool) -> tuple[list[Tree], bytes, Any]:
        step, rest = steps[0], steps[1:]
        if step == b"..":
            if len(way) == 1:
                raise LookupError("PERM")
            way = way[:-1]
        elif step != b".":
            found = way[-1].get(step)
            if isinstance(found, bytes) and (rest or follow or only_directory):
                self.links += 1
                if self.links > 40:
                    raise LookupError("LOOP")
                if not rest:
                    inner = self.walk(way, found, True)
                    if found.endswith(b"/") or found.split(b"/")[-1] in (b".", b"..") or only_directory:
                        self.require_directory(inner[2])
                    return inner
                way, name, led = self.walk(way, found, True)
                if not isinstance(led, dict):
                    raise LookupError("NOENT" if led is None else "NOTDIR")
                return self.steps([*way, led] if name else way, rest, follow, only_directory)
            if not rest:
                if only_directory:
                    self.require_directory(found)
                return way, step, found
            if not isinstance(found, dict):
                raise LookupError("NOENT" if found is None else "NOTDIR")
            way = [*way, found]
        if not rest:
            return way, b"", way[-1]
        return self.steps(way, rest, follow, only_directory)

    def require_directory(self, found: Any) -> None:
        if found is not None and not isinstance(found, dict):
            raise LookupError("NOTDIR")


def model_of(tree: Tree, path: bytes, follow: bool) -> Any:
    try:
        found = Model().walk([tree], path, follow)[2]
    except LookupError as error:
        return str(error)
    except RecursionError:  # a link that leads to itself more often than Python calls a function
        return "LOOP"
    return "NOENT" if found is None else found


@settings(max_examples=1000, deadline=None)
@given(TREES, PATHS, st.booleans())
def test_against_the_model(tree: Tree, path: bytes, follow: bool) -> None:
    root = world().kernel.root
    build(root, tree)
    expected = model_of(tree, path, follow)
    try:
        found = find(root, path, follow)
    except KernelError as error:
        assert error.errno == expected
        return
    if isinstance(found, MemFile):
        assert found.content.tobytes() == bytes([expected])
    elif isinstance(found, MemSymlink):
        assert found.target == expected
    else:
        assert isinstance(found, MemDirectory)
        assert list(found.names) == list(expected)
        assert all(
            isinstance(child, MemDirectory) == isinstance(expected[name], dict) for name, (_, child) in found.names.items()
        )


@settings(max_examples=300, deadline=None)
@given(TREES, PATHS, st.booleans())
def test_the_short_way_and_the_walk_agree(tree: Tree, path: bytes, follow: bool) -> None:
    root = world().kernel.root
    build(root, tree)

    def walked() -> Inode:
        _, _, inode, slash = resolve(root, path, follow)
        return existing(inode, slash)

    short = errno(find, root, path, follow)
    assert short == errno(walked)
    if not short:
        assert find(root, path, follow) is walked()


def test_where_a_new_entry_would_be() -> None:
    k = world()
    k.mkdir("d")
    k.symlink("d/new/", "l")
    assert resolve(k.kernel.root, b"l", True) == (k.kernel.root.lookup(b"d"), b"new", None, True)
    assert resolve(k.kernel.root, b"d//new//", False) == (k.kernel.root.lookup(b"d"), b"new", None, True)
    assert resolve(k.kernel.root, b"d/..", False) == (k.kernel.root, b"", k.kernel.root, True)
    assert errno(existing, None, True) == "NOENT"


def test_what_is_no_directory_leads_nowhere() -> None:
    k = world()
    k.put("f")
    file = k.kernel.root.lookup(b"f")
    assert errno(resolve, file, b"x", True) == "NOTDIR"
    empty = MemSymlink(k.kernel.root.fs, 99, 0, b"")  # a host may have one
    k.plant("empty", empty)
    assert errno(find, k.kernel.root, b"empty", True) == "NOENT"
    assert find(k.kernel.root, b"empty", False).type == FileType.SYMBOLIC_LINK


def test_a_directory_moved_in_the_middle_of_things_opens_no_way_out() -> None:
    k = world()
    k.mkdir("jail", "jail/deep", "other")
    jail, deep = k.open("jail", "dir"), k.open("jail/deep", "dir")
    k.rename("jail/deep", "other/deep")
    assert errno(k.sys.fstatat, deep, b"..", True) == "PERM"
    assert errno(k.sys.fstatat, jail, b"deep", True) == "NOENT"
    k.symlink("../other", "jail/out")
    assert errno(k.sys.fstatat, jail, b"out", True) == "PERM"
