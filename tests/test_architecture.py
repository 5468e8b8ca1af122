"""The plan's contracts about who may know whom, checked on the source itself: imports, docstrings, lengths of files.

Imports under `if TYPE_CHECKING:` are for checkers and don't count. What import-linter also checks by its own graph
(pyproject.toml) is checked here by plain reading, so the two can't be wrong in the same way.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import HANG

PROJECT = Path(__file__).parents[1]
ROOMS = ("kernel_sim", "agave_wasi", "conformance", "demo", "benchmarks", "tests")
LONGEST = 400

KERNEL_MAY = {"__future__", "bisect", "heapq", "struct", "weakref", "zlib"}
"""Modules of the standard library that compute and know nothing of the host."""
CPU = "kernel_sim/cpu/"
CPU_MAY = KERNEL_MAY | {"unicorn", "capstone", "ctypes", "mmap", "sysconfig"}
"""The CPU model is a library beside Python, whose memory is the host's, and has hooks of machine code for the host."""
TYPES_ONLY = "kernel_sim/devices.py"
"""Protocols, which are imported for checking only; they may use what types are made of."""
FORBIDDEN_TO_KERNEL = (
    "asyncio", "collections.abc", "ctypes", "datetime", "enum", "functools", "inspect", "io", "logging", "mmap", "os",
    "pathlib", "pickle", "random", "re", "secrets", "select", "shutil", "signal", "socket", "subprocess", "tempfile",
    "threading", "time", "typing", "dataclasses",
)  # fmt: skip
HOST_MODULES = {"os", "socket", "subprocess", "time", "random", "threading"}
DOORS = (
    "agave_wasi/host/", "agave_wasi/engines/", "agave_wasi/cli/", "agave_wasi/cache.py", "agave_wasi/loader.py", "conformance/",
    "benchmarks/", "tests/", "demo/apps/tour/build.py", "demo/metal/build.py",
)  # fmt: skip
EXCEPTIONS = {
    "agave_wasi/world.py": {"os"},  # names of files as the caller's system writes them
    "agave_wasi/images.py": {"os"},  # reads and writes images among the caller's files
    "agave_wasi/snapshots/snapshot.py": {"os"},  # reads and writes snapshots among the caller's files
    "agave_wasi/streams.py": {"os"},  # text of the caller's as the host encodes it
    "agave_wasi/terminal.py": {"os"},  # what the caller's terminal can show
    "agave_wasi/vdso/build.py": {"subprocess"},  # starts the compiler; nothing that runs imports it
    "agave_wasi/patience.py": {"time"},  # how long somebody has been waiting for us
}
"""Where else a module of the host may be used, and what for."""


def files(*rooms: str) -> list[Path]:
    """The Python files of the project's rooms, or of some of them."""
    return sorted(path for room in rooms or ROOMS for path in (PROJECT / room).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """The modules that a file imports when it runs, at its top or inside of functions, with absolute names."""
    package = name_of(path).split("/")[:-1]
    return set(_imports(ast.parse(path.read_text(encoding="utf-8")), package))


def _imports(node: ast.AST, package: list[str]) -> Iterator[str]:
    below: list[ast.AST] = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        below = list(node.orelse)
    elif isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package[: len(package) + 1 - node.level] if node.level else []
        module = ".".join([*above, *filter(None, [node.module])])
        yield module
        yield from (f"{module}.{alias.name}" for alias in node.names)
    for child in below:
        yield from _imports(child, package)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def knows(path: Path, package: str) -> bool:
    return any(within(module, package) for module in imports(path))


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def test_the_reader_of_imports_sees_them_all() -> None:
    source = "import a.b, c\nif TYPE_CHECKING:\n import d\nelse:\n import e\ndef f():\n from g import h\nfrom ..i import j\n"
    found = set(_imports(ast.parse(source), ["top", "room"]))
    assert found == {"a.b", "c", "e", "g", "g.h", "top.i", "top.i.j"}


def test_the_kernel_needs_no_more_than_a_few_modules_that_compute() -> None:
    for path in files("kernel_sim"):
        if name_of(path) == TYPES_ONLY:
            continue
        tops = {module.partition(".")[0] for module in imports(path)} - {"kernel_sim"}
        assert tops <= (CPU_MAY if name_of(path).startswith(CPU) else KERNEL_MAY), name_of(path)


def test_nothing_of_the_kernel_but_the_cpu_needs_a_cpu() -> None:
    for path in files("kernel_sim"):
        assert name_of(path).startswith(CPU) or not knows(path, "kernel_sim.cpu"), name_of(path)


def test_the_kernel_can_be_imported_where_there_is_no_host() -> None:
    paths = [path for path in files("kernel_sim") if not name_of(path).startswith(CPU)]
    modules = [name_of(path)[: -len(".py")].replace("/", ".").removesuffix(".__init__") for path in paths]
    modules.remove(TYPES_ONLY[: -len(".py")].replace("/", "."))
    program = f"""
import sys
sys.path.insert(0, {str(PROJECT)!r})
for name in {FORBIDDEN_TO_KERNEL!r}:
    sys.modules[name] = None
for name in {modules!r}:
    __import__(name)
assert "kernel_sim.devices" not in sys.modules
from kernel_sim.kernel import Kernel
from kernel_sim.snapshot import load, save
kernel = Kernel()
kernel.root.create(b"f").write_at(0, [memoryview(b"x")])
assert load(save(kernel)).kernel.root.lookup(b"f").size == 1
"""
    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True, timeout=HANG)


@pytest.mark.parametrize(
    "room, strangers",
    [
        ("kernel_sim", ("agave_wasi", "conformance", "demo", "benchmarks", "tests", "wasmtime", "lark")),
        ("agave_wasi/abi", ("agave_wasi.preview1", "agave_wasi.engines", "agave_wasi.host", "agave_wasi.hostcall")),
        (
            "agave_wasi/witparse",
            ("kernel_sim", "agave_wasi.abi", "agave_wasi.preview1", "agave_wasi.engines", "agave_wasi.host", "agave_wasi.cli"),
        ),
        ("agave_wasi/preview1", ("agave_wasi.preview2", "agave_wasi.engines", "agave_wasi.host", "agave_wasi.world")),
        (
            "agave_wasi/component",
            ("agave_wasi.preview1", "agave_wasi.preview2", "agave_wasi.host", "agave_wasi.world", "agave_wasi.engines.capi"),
        ),
        ("agave_wasi/preview2", ("agave_wasi.preview1", "agave_wasi.engines", "agave_wasi.host", "agave_wasi.world")),
        ("agave_wasi", ("conformance", "demo", "benchmarks", "tests")),
        ("conformance", ("demo", "tests")),
        ("demo", ("conformance", "tests", "kernel_sim")),
    ],
)
def test_nobody_knows_the_floors_below(room: str, strangers: tuple[str, ...]) -> None:
    for path in files(room):
        for stranger in strangers:
            assert not knows(path, stranger), f"{name_of(path)} imports {stranger}"


def test_only_the_engine_and_those_who_compare_know_wasmtime() -> None:
    for path in files("kernel_sim", "agave_wasi", "demo"):
        assert name_of(path).startswith("agave_wasi/engines/") or not knows(path, "wasmtime"), name_of(path)


def test_only_wit_and_wave_are_read_with_lark() -> None:
    users = {name_of(path) for path in files("kernel_sim", "agave_wasi") if knows(path, "lark")}
    assert users == {f"agave_wasi/witparse/{name}.py" for name in ("build", "lexer", "parse")} | {"agave_wasi/wave/parse.py"}


def test_the_host_is_reached_through_its_doors() -> None:
    for path in files():
        name = name_of(path)
        if not name.startswith(DOORS):
            used = {module.partition(".")[0] for module in imports(path)} & HOST_MODULES
            assert used == EXCEPTIONS.get(name, set()), f"{name} uses {sorted(used)}"


@pytest.mark.parametrize("path", files(), ids=name_of)
def test_every_file_says_what_it_is_and_stays_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text)) or ""
    assert text.startswith('"""') and docstring
    lines = text.count("\n")
    assert lines <= LONGEST or "Longer than" in docstring or "enerated" in docstring, f"{lines} lines, and no reason given"


def test_nothing_is_left_for_later() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X:")
    for path in files("kernel_sim", "agave_wasi", "conformance", "demo", "benchmarks"):
        text = path.read_text(encoding="utf-8")
        assert not [mark for mark in marks if mark in text], name_of(path)
