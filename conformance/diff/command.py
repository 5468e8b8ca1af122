"""`agave-wasi diff`: run a program on agave-wasi and on the reference in equal worlds, and tell the first difference."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from agave_wasi.binary.reader import kind_of
from agave_wasi.cli.building import environment
from agave_wasi.cli.completed import Node
from agave_wasi.cli.failures import Failure
from agave_wasi.cli.help import Manual, show_manual
from agave_wasi.cli.options import HELP, JSON, LIMITS, RUN_OPTIONS, WATCHING, Option, UsageError, parse
from agave_wasi.cli.run import program_of
from agave_wasi.cli.values import positive
from agave_wasi.images import ImageError
from agave_wasi.loader import to_binary
from agave_wasi.preview1.interface import INTERFACES
from conformance import outputs
from conformance.calls import ours, process
from conformance.calls.compare import Pair, compare, file_differences
from conformance.calls.equal import Equal, Tree, Unequal
from conformance.calls.known import known
from conformance.calls.process import ReferenceFailed
from conformance.calls.recorder import MOST_CALLS, Recording
from conformance.calls.sections import unusable_memory
from conformance.diff import component
from conformance.diff.data import data
from conformance.diff.text import text
from conformance.diff.verdict import Row, Verdict, judge
from conformance.errors import HarnessError

EXIT_DIFFERS = 1
TIMEOUT = 60.0
OWN_OPTIONS = (
    Option("strict", "", None, "Stop at divergences that are known as well.", "--strict", None, WATCHING),
    Option("html", "OUT.html", str, "Write a page with both traces side by side.", "--html diff.html", None, WATCHING),
    Option("calls", "N", positive, f"So many host calls may be recorded; {MOST_CALLS:,} unless it is said.",
           "--calls 5000000", None, LIMITS),
    JSON,
)  # fmt: skip
REFUSED = {
    "realtime": "both sides are told the same time, which is agave-wasi's",
    "tty": "standard streams are files, on both sides",
    "listen": "wasmtime's C interface, by which the reference runs, can't give a program a listening socket",
    "rights": "the reference has none to enforce: it lets a program do what its folders allow",
    "fs-quota": "the reference's folders are the host's, and have no limit",
    "max-fds": "the reference has a limit of its own",
    "max-output": "the reference has no such limit",
    "max-memory": "a limit of memory is kept differently there",
    "max-stack": "the reference runs with its usual stack, and so does agave-wasi",
    "fuel": "the shim between program and reference would be counted",
    "save-fs": "files are compared, and not kept",
    "commit": "folders of the host are copied for each side, and stay as they are",
    "trace": "--json has the calls that differ, --html all of them",
    "coredump": "agave-wasi run --coredump writes one",
    "link": "wasmtime-py links no component to another one's imports; compose them into one component",
}
"""Options of `run` that the two sides can't have alike, and why."""
SHARED = tuple(option for option in RUN_OPTIONS if option.name not in REFUSED and option is not HELP)
MANUAL = Manual(
    "diff [OPTIONS] PROG.wasm|PROG.wat [OPTIONS] [--] [ARGS...]",
    (
        "Run a program or a component on agave-wasi and on wasmtime's own WASI, with the same files, arguments and variables, "
        "the same time and the same chance, and compare every host call: arguments, result, the memory that it wrote; at "
        "the end how it ended, what it printed, and its files. The first difference is told with the rule that decides.",
        "Divergences that are known are named, and the comparison goes on behind them. Folders of the host are copied for "
        "each side, and stay as they are. Standard input is empty unless --stdin names a file. The reference runs in a "
        "process of its own; --timeout is for each side, 60 s unless it is said.",
        "Options may also stand behind the program; the guest's own arguments begin with the first that is no option, or "
        "behind --.",
    ),
    (
        "agave-wasi diff prog.wasm",
        "agave-wasi diff --dir .::/work --env LANG=C prog.wasm -- in.txt",
        "agave-wasi diff --html diff.html --json prog.wasm | jq .first",
        "NO_COLOR=1 agave-wasi diff --strict prog.wasm",
    ),
    (*OWN_OPTIONS[:2], *SHARED, OWN_OPTIONS[2], JSON, HELP),
)
EXIT_CODES = (
    ("0", "identical, but for what is known"),
    ("1", "something differs"),
    ("2", "wrong usage"),
    ("125", "an error of ours: the file can't be run, or not on both sides"),
    ("130", "Ctrl-C"),
)


def main(arguments: Sequence[str]) -> int:
    """Compare; the exit code."""
    settings, program, args = parsed(list(arguments))
    if settings.pop("help", False):
        return show_manual(MANUAL, EXIT_CODES)
    own = {option.name: settings.pop(option.name, None) for option in OWN_OPTIONS}
    if "config" in settings:
        from agave_wasi.cli.config import with_file

        settings = with_file(settings)
    refuse(settings)
    if own["html"]:
        write_page(own["html"])
    wasm = load(program)
    libraries = tuple(settings.get("preload", ()))
    made = component.prepare(program, wasm, settings) if kind_of(wasm) == "component" else None
    invoke = None
    if made is None:
        together(program, wasm, libraries)
        if "invoke" in settings:
            invoke = invoked(program, wasm, settings["invoke"], args)
    equal = replace(described(settings, program, args, own["calls"] or MOST_CALLS), libraries=libraries, invoke=invoke)
    strict = bool(own["strict"])
    try:
        verdict = run(equal, wasm, strict) if made is None else component.run(equal, made, strict)
    except (Unequal, ReferenceFailed, HarnessError) as error:
        raise Failure(str(error)) from None
    except ImageError as error:
        raise Failure(f"--fs {error}") from None
    except OSError as error:
        raise Failure(f"{error.filename or 'a folder'} can't be copied: {error.strerror or error}") from None
    if own["json"]:
        print(json.dumps(data(verdict), indent=2))
    else:
        print("\n".join(text(verdict)))
    if own["html"]:
        from conformance.diff.html import page

        write_page(own["html"], page(verdict))
    return 0 if verdict.same else EXIT_DIFFERS


def write_page(place: str, page: str | None = None) -> None:
    """Write the page; or, without one, look whether it can be written. Failure."""
    try:
        if page is None:
            outputs.check("--html", place)
        else:
            outputs.write("--html", place, page)
    except HarnessError as error:
        raise Failure(str(error)) from None


def completions() -> Node:
    """What shells complete behind `agave-wasi diff`."""
    return Node("compare a program here and on the reference, call by call", MANUAL.options, guest=True)


def parsed(arguments: list[str]) -> tuple[dict[str, Any], str, list[str]]:
    """(options, the program, the guest's arguments): options may stand on both sides of the program."""
    options = (*OWN_OPTIONS, *RUN_OPTIONS)
    before = len(arguments)
    settings, rest = parse("diff", arguments, options)
    if settings.get("help"):
        return settings, "", []
    program = program_of("diff", rest)
    flags = arguments[: before - len(rest)]
    if flags[-1:] == ["--"]:  # whoever ends the options there has no more of them
        return settings, program, rest[1:]
    try:
        parse("diff", rest[1:], options)
    except UsageError as error:
        raise UsageError(f"{error}; arguments of the program come behind --: agave-wasi diff {program} -- ...") from None
    behind = len(rest) - 1 - len(parse("diff", rest[1:], options)[1])
    moved = [word for word in rest[1 : 1 + behind] if word != "--"]
    settings, left = parse("diff", [*flags, *moved, "--", *rest[1 + behind :]], options)
    return settings, program, left


def refuse(settings: dict[str, Any]) -> None:
    """UsageError for an option that the two sides can't have alike."""
    for name, reason in REFUSED.items():
        if settings.get(name) not in (None, False) and not (name == "rights" and settings[name] == "lenient"):
            raise UsageError(f"diff: --{name} can't be compared: {reason}; leave it out")


def load(program: str) -> bytes:
    """The program's binary; Failure and BadProgram say why it can't be compared."""
    from agave_wasi.binary.outline import outline
    from agave_wasi.binary.reader import MalformedModule
    from agave_wasi.loader import BadProgram

    try:
        with open(program, "rb") as file:
            wasm = to_binary(file.read(), program)
        if kind_of(wasm) == "component":
            return wasm
    except OSError as error:
        raise Failure(f"{program} can't be read: {error.strerror}") from None
    try:
        outline(wasm)
        problem = unusable_memory(wasm)
    except MalformedModule as error:
        raise BadProgram(f"{program}: {error}") from None
    if problem:
        raise Failure(f"{program} {problem}, which can't be recorded on the reference")
    return wasm


def together(program: str, wasm: bytes, libraries: Sequence[tuple[str, str]]) -> None:
    """Failure for a program with libraries that can't be recorded on the reference together."""
    from agave_wasi.binary.outline import outline

    used = {program: interfaces_of(wasm)}
    for name, path in libraries:
        library = load(path)
        if kind_of(library) == "component":
            raise Failure(f"--preload {name}={path} is a component; it takes core modules")
        used[path] = interfaces_of(library)
        handed = [each.name for each in outline(library).exports if each.origin and each.origin.module in INTERFACES]
        if handed:
            raise Failure(
                f"--preload {name}={path} hands {handed[0]} of WASI on to who imports it, which can't be recorded on the "
                "reference: let the program import it itself"
            )
    if len(set().union(*used.values())) > 1:
        told = ", ".join(f"{name} {' and '.join(sorted(each))}" for name, each in used.items() if each)
        raise Failure(f"interfaces of different layouts can't be recorded together ({told}): build all for one of them")


def interfaces_of(wasm: bytes) -> set[str]:
    """The WASI interfaces that a module imports from."""
    from agave_wasi.binary.outline import outline

    return {item.module for item in outline(wasm).imports if item.module in INTERFACES}


def invoked(program: str, wasm: bytes, name: str, args: list[str]) -> tuple[str, tuple[int | float, ...]]:
    """The export that is to be called, and its arguments; Failure and UsageError if there is none, or they don't fit."""
    from agave_wasi.cli.invoke import BITS, FLOATS, invocation

    module: Any = SimpleNamespace(name=program, wasm=wasm)
    try:
        found = invocation(module, name, args)
    except UsageError as error:
        raise UsageError(str(error).replace("run: ", "diff: ", 1)) from None
    strange = [kind for kind in found.results if kind not in (*BITS, *FLOATS)]
    if strange:
        raise Failure(f"{program}: {name} returns {strange[0]}, which can't be compared; call one that returns numbers")
    return found.name, found.arguments


def described(settings: dict[str, Any], program: str, args: list[str], most_calls: int) -> Equal:
    """The world that the options describe; Failure for what the reference can't have."""
    stdin = b""
    if "stdin" in settings:
        try:
            with open(settings["stdin"], "rb") as file:
                stdin = file.read()
        except OSError as error:
            raise Failure(f"--stdin {settings['stdin']}: {error.strerror}") from None
    trees = [folder(guest, host, mode) for guest, host, mode in settings.get("dir", ())]
    trees += [Tree(guest) for guest in settings.get("mem", ())]
    if all(tree.source is None and tree.guest != "/" for tree in trees):
        trees.append(Tree("/", image=settings.get("fs"), folders=("tmp",)))
    elif "fs" in settings:
        raise UsageError("diff: --fs fills /, and with a --dir there is no / of the world's own: leave one of them out")
    names = [tree.guest for tree in trees]
    if len(set(names)) < len(names):
        raise UsageError("diff: two folders have the same name for the guest; give each a name of its own")
    variables = environment(settings)
    clock = {name.replace("-", "_"): settings[name] for name in ("clock-start", "clock-step") if name in settings}
    arg0 = settings.get("arg0")
    for what, each in [("--arg0", arg0 or ""), *(("an argument", each) for each in args), *variables.items()]:
        try:
            each.encode()
        except UnicodeEncodeError:
            raise Failure(f"{what} isn't UTF-8, and the reference takes nothing else: {each!a}") from None
    return Equal(
        os.path.abspath(program), tuple(args), arg0 if arg0 is not None else os.path.basename(program), variables, stdin,
        tuple(trees), settings.get("cwd"), settings.get("seed") or 0,
        timeout=settings.get("timeout") or TIMEOUT, most_calls=most_calls, **clock,
    )  # fmt: skip


def folder(guest: str, host: str, mode: str) -> Tree:
    """The tree of a --dir; Failure if the folder can't be had."""
    try:
        with os.scandir(host):
            pass
        host.encode()
    except OSError as error:
        raise Failure(f"--dir {host}: {error.strerror}") from None
    except UnicodeEncodeError:
        raise Failure(f"--dir {host!a}: its name isn't UTF-8, and the reference takes nothing else") from None
    return Tree(guest, host, mode != "ro", host=True, overlay=mode == "overlay")


def run(equal: Equal, wasm: bytes, strict: bool) -> Verdict:
    """Both runs, and what they come to."""
    here = ours.record(equal)
    if here.ended_by in ("full", "timeout"):
        raise Unequal(f"{equal.program} doesn't come to its end on agave-wasi: {here.message}")
    there = process.record(equal, wasm, here.calls)
    verdict = judge(os.path.basename(equal.program), compare(here, there, known()), strict)
    first = verdict.first
    if first is not None and first.ours is not None and first.theirs is not None:
        verdict.moment = files_behind(equal, wasm, here, first)
    return verdict


def files_behind(equal: Equal, wasm: bytes, told: Recording, pair: Pair) -> list[Row]:
    """What the files differ in right behind a pair of calls: both sides run once more, as far as there."""
    here = ours.record(equal, pair.our_number)
    there = process.record(equal, wasm, told.calls, pair.their_number)
    return file_differences(here, there)
