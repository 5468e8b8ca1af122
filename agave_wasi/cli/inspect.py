"""`agave-wasi inspect`: what a module imports, exports and needs, and which of it can't be had here.

What can't be had is what the linker says that would link it, and what the engine isn't configured for.
"""

from __future__ import annotations

from agave_wasi.binary.description import ModuleDescription
from agave_wasi.binary.module import describe
from agave_wasi.binary.outline import outline
from agave_wasi.binary.reader import MalformedModule, kind_of
from agave_wasi.binary.report import render
from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import HELP, JSON, UsageError, parse
from agave_wasi.cli.page import Heading, Paragraph, Rows, Sample, show
from agave_wasi.cli.run import program_of
from agave_wasi.engines.capi import to_wasm
from agave_wasi.host.stdio import BufferStream
from agave_wasi.preview1.interface import INTERFACES
from agave_wasi.world import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

REFUSED_FEATURES = {
    "exceptions-legacy": "build it with -mllvm -wasm-use-legacy-eh=false, for exceptions as they were standardised",
    "stack-switching": "no engine has it yet",
    "custom-page-sizes": "build it with pages of 64 KiB",
    "compact-imports": "build it with imports written out",
}
"""Features that the engine refuses to compile, and what to do."""
WITHOUT_MEMORY = {"proc_exit", "proc_raise", "sched_yield", "fd_close", "fd_sync", "fd_datasync", "fd_advise"}
"""Host functions that need no memory of the guest's."""


def main(arguments: Sequence[str]) -> int:
    """Describe a file."""
    settings, rest = parse("inspect", arguments, (JSON, HELP))
    if settings.get("help"):
        from agave_wasi.cli.help import command_help

        return command_help("inspect")
    path = program_of("inspect", rest)
    if len(rest) > 1:
        raise UsageError(f"inspect: one file at a time, please: agave-wasi inspect {path}")
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise Failure(f"{path} can't be read: {error.strerror}") from None
    try:
        wasm = to_wasm(data) if kind_of(data) == "text" else data
        if kind_of(wasm) == "component":
            return _component(path, wasm, bool(settings.get(JSON.name)))
        description = describe(wasm, features=True)
        problems = unsatisfied(wasm, description)
    except (MalformedModule, ValueError) as error:
        raise Failure(f"{path}: {error}") from None
    if settings.get(JSON.name):
        import json

        print(json.dumps({"file": path, **description.to_json(), "unsatisfied": problems}, indent=2))
    else:
        _show(path, description, problems)
    return 0


def _component(path: str, wasm: bytes, as_json: bool) -> int:
    """Describe a component."""
    from agave_wasi.cli.inspect_component import described, page
    from agave_wasi.cli.inspect_component import unsatisfied as unsatisfied_component

    facts = described(wasm)
    problems = unsatisfied_component(facts)
    if as_json:
        import json

        print(json.dumps({"file": path, **facts, "unsatisfied": problems}, indent=2))
    else:
        show(page(path, facts, problems))
    return 0


def unsatisfied(wasm: bytes, description: ModuleDescription) -> list[str]:
    """Why the module couldn't run in the default world, a line each; empty if it could."""
    if description.kind != "module":
        return ["it isn't a WebAssembly module"]
    found = [
        f"the feature {feature} is off: {cure}" for feature, cure in REFUSED_FEATURES.items() if feature in description.features
    ]
    found += _memory_problems(description)
    with World(cache=False) as world:
        guest = world.start([""], BufferStream(), BufferStream(), BufferStream())
        try:
            return found + guest.unsatisfied(outline(wasm))
        finally:
            guest.close()


def _memory_problems(description: ModuleDescription) -> list[str]:
    """What is wrong with the memory that host functions are to use, if the module calls some that use one."""
    called = {item.name for item in description.imports if item.module in INTERFACES} - WITHOUT_MEMORY
    if not called:
        return []
    exported = next((item for item in description.exports if (item.name, item.kind) == ("memory", "memory")), None)
    if exported is None:
        return ["it exports no memory named memory, in which host functions find their arguments; link it with --export-memory"]
    if description.memories[exported.index].memory64:
        return ["its memory has 64-bit addresses, which Preview 1 can't use; build it for wasm32"]
    return []


def _show(path: str, description: ModuleDescription, problems: Sequence[str]) -> None:
    blocks: list[Heading | Paragraph | Rows | Sample] = [Heading(path)]
    for block in render(description):
        blocks += [Heading(block.title), Rows(block.rows)]
    blocks.append(Heading("what can't be had here"))
    if problems:
        blocks += map(Paragraph, problems)
    else:
        blocks.append(Paragraph("nothing: everything that it imports is there"))
    show(blocks)
