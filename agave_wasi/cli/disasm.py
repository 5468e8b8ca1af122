"""`agave-wasi disasm`: a module's machine code for the CPU model, beside the offsets of what it was compiled from."""

from __future__ import annotations

import json
import os
import sys

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import HELP, JSON, MORE, Option, UsageError, parse
from agave_wasi.cli.run import compiling, program_of
from agave_wasi.nearest import unknown
from agave_wasi.terminal import colours, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from agave_wasi.engines.x86.engine import Module
    from agave_wasi.listing import Listing

SOURCES = ("wasm",)
COLUMN = 44
"""Where notes begin."""
BLUE, GREEN, YELLOW, DIM, BOLD = "34", "32", "33", "2", "1"


def source(given: str) -> str:
    """What is shown between machine instructions."""
    if given not in SOURCES:
        raise ValueError(f"there is {' and '.join(SOURCES)}")
    return given


DISASM_OPTIONS = (
    Option("source", "wasm", source, "Show each instruction of WebAssembly above the machine code that was made of it.",
           "--source wasm", None, MORE, "", SOURCES),
    Option("bytes", "", None, "Show the bytes of the machine code, too.", "--bytes", None, MORE),
    JSON,
    HELP,
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Show a module's code, or one function's."""
    settings, rest = parse("disasm", arguments, DISASM_OPTIONS)
    if settings.get("help"):
        from agave_wasi.cli.help import command_help

        return command_help("disasm")
    path = program_of("disasm", rest)
    later, rest = parse("disasm", rest[1:], DISASM_OPTIONS)
    wanted = rest[:1]
    last, rest = parse("disasm", rest[1:], DISASM_OPTIONS)
    settings |= later | last
    if rest:
        raise UsageError(f"disasm: one function at a time, please: agave-wasi disasm {path} {wanted[0]}")
    module = _load(path)
    listings = _chosen(module, path, wanted)
    if settings.get(JSON.name):
        print(json.dumps({"file": path, "functions": [_plain(each) for each in listings]}, indent=2))
    else:
        _write(_shown(listings, settings, colours(1)))
    return 0


def _load(path: str) -> Module:
    from agave_wasi.loader import BadProgram
    from agave_wasi.world import World

    try:
        import capstone  # noqa: F401  # so that it is told at once if it isn't there
    except ModuleNotFoundError:
        raise Failure("disasm decodes machine code, and what does isn't installed: pip install 'agave-wasi[metal]'") from None
    with World(engine="x86", progress=compiling) as world:
        program = world.load(path)
    if program.is_component:
        raise BadProgram(f"{path} is a component; disasm is for core modules")
    module: Module = program.module
    return module


def _chosen(module: Module, path: str, wanted: Sequence[str]) -> Iterator[Listing]:
    from agave_wasi.listing import Listing, find

    indices = sorted(module.image.functions)
    if wanted:
        indices = find(module, wanted[0])
        if not indices:
            names = [name for name in map(module.names.function, sorted(module.image.functions)) if name]
            cure = f"agave-wasi disasm {path} lists all code"
            raise Failure(unknown(f"{path} has no code of a function", wanted[0], names, cure))
    return (Listing(module, index) for index in indices)


def _shown(listings: Iterable[Listing], settings: dict[str, Any], coloured: bool) -> Iterator[str]:
    """The lines of a listing."""

    def paint(text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if coloured and text else text

    for number, listing in enumerate(listings):
        if number:
            yield ""
        yield paint(one_line(listing.title), BOLD)
        for line in listing.lines():
            offset = "" if line.wasm is None else f"{line.wasm:#x}"
            if settings.get("source"):
                for each in line.source:
                    yield paint(f"{each.offset:>#10x}  {'  ' * each.depth}{one_line(each.text)}", GREEN)
                offset = "" if line.source else offset
            raw = f"{line.code.hex(' '):<30}  " if settings.get("bytes") else ""
            note = f"  ; {one_line(line.note)}" if line.note else ""
            text = f"{line.text:<{COLUMN}}" if note else line.text
            name, space, operands = text.partition(" ")
            yield (
                f"{paint(f'{offset:>10}', GREEN)}  {paint(f'{line.address:8x}', DIM)}  {paint(raw, DIM)}"
                f"{paint(name, BLUE)}{space}{operands}{paint(note, YELLOW)}"
            ).rstrip()


def _plain(listing: Listing) -> dict[str, Any]:
    return {
        "index": listing.index,
        "name": listing.name,
        "start": listing.start,
        "end": listing.end,
        "wasm": list(listing.body),
        "code": [
            {"address": line.address, "bytes": line.code.hex(), "text": line.text}
            | ({"note": line.note} if line.note else {})
            | ({"wasm": line.wasm, "source": [each.text for each in line.source]} if line.wasm is not None else {})
            for line in listing.lines()
        ],
    }


def _write(lines: Iterator[str]) -> None:
    """Print, through a pager on a terminal."""
    pager = os.environ.get("PAGER", "less") if sys.stdout is not None and sys.stdout.isatty() else ""
    if not pager.strip() or pager.strip() == "cat":
        for line in lines:
            print(line)
        return
    import shlex
    import subprocess

    try:
        words = shlex.split(pager)
        environment = os.environ if "LESS" in os.environ else os.environ | {"LESS": "FRX"}
        process = subprocess.Popen(words, stdin=subprocess.PIPE, env=environment)
    except (OSError, ValueError):
        for line in lines:
            print(line)
        return
    assert process.stdin is not None
    try:
        for line in lines:
            process.stdin.write(f"{line}\n".encode("utf-8", "backslashreplace"))
        process.stdin.close()
    except BrokenPipeError:  # the reader has seen enough
        pass
    while True:
        try:
            process.wait()
            return
        except KeyboardInterrupt:  # which is the pager's affair
            pass
