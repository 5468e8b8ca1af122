"""`agave-wasi disasm`: a program's machine code for the CPU model, beside the offsets of what it was compiled from.

Of a component it is the code of its core modules, one of which is compiled only if something of it is wanted.
"""

from __future__ import annotations

import json
import os
import sys

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import HELP, JSON, MORE, Option, UsageError, parse
from agave_wasi.cli.run import compiling, program_of
from agave_wasi.demangle import demangle
from agave_wasi.nearest import unknown
from agave_wasi.terminal import colours, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from agave_wasi.components import ComponentProgram
    from agave_wasi.core_modules import InnerModule
    from agave_wasi.listing import Listing
    from agave_wasi.loader import Loader, Program

    Listed = tuple[InnerModule | None, Listing]
    """A listing, and the module of a component that it is of."""

SOURCES = ("wasm",)
COLUMN = 44
"""Where notes begin."""
MOST_NAMED = 20
"""Of more functions or modules only these are told."""
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
    """Show a program's code, or one function's."""
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
    try:
        import capstone  # noqa: F401  # so that it is told at once if it isn't there
    except ModuleNotFoundError:
        raise Failure("disasm decodes machine code, and what does isn't installed: pip install 'agave-wasi[metal]'") from None
    from agave_wasi.cli.metal import is_machine_code
    from agave_wasi.world import World

    if is_machine_code(path):
        raise Failure(f"{path}: disasm is for WebAssembly, and this is machine code already: objdump -d {path} shows it")
    with World(engine="x86", progress=compiling) as world:
        listings = _chosen(world.load(path), world.loader, path, "".join(wanted))
        if settings.get(JSON.name):
            print(json.dumps({"file": path, "functions": [_plain(*each) for each in listings]}, indent=2))
        else:
            _write(_shown(listings, settings, colours(1)))
    return 0


def _chosen(program: Program, loader: Loader, path: str, wanted: str) -> Iterator[Listed]:
    from agave_wasi.listing import Listing, find

    if program.is_component:
        from agave_wasi.components import ComponentProgram

        assert isinstance(program, ComponentProgram)
        return _within(program, loader, path, wanted)
    module = program.module
    indices = sorted(module.image.functions)
    if wanted:
        indices = find(module, wanted)
        if not indices:
            names = [name for name in map(module.names.function, sorted(module.image.functions)) if name]
            cure = f"agave-wasi disasm {path} lists all code"
            raise Failure(unknown(f"{path} has no code of a function", wanted, names, cure))
    return ((None, Listing(module, index)) for index in indices)


def _within(program: ComponentProgram, loader: Loader, path: str, wanted: str) -> Iterator[Listed]:
    """What is meant of a component: all, a module, a function of one; Failure with a list if it is in several."""
    from agave_wasi.core_modules import chosen, inner_modules
    from agave_wasi.listing import Listing

    modules = inner_modules(program)
    meant: list[tuple[InnerModule, list[int] | None]] = [(each, None) for each in modules]
    if wanted:
        meant = chosen(modules, wanted)
        if not meant:
            raise Failure(_no_function(modules, path, wanted))
        functions = [(each, index) for each, indices in meant for index in indices or ()]
        if len(meant) > 1:
            listed = "".join(f"\n  {_where(*each)}" for each in functions[:MOST_NAMED]) or "".join(
                f"\n  {each.number}/  {one_line(each.own)}" for each, _ in meant
            )
            more = f"\n  and {len(functions) - MOST_NAMED} more" if len(functions) > MOST_NAMED else ""
            raise Failure(f"{path} has {one_line(wanted)} in {len(meant)} modules; name one of these:{listed}{more}")

    def listings() -> Iterator[Listed]:
        for each, indices in meant:
            module = program.compile(loader, each.wasm, each.offset)
            for index in sorted(module.image.functions) if indices is None else indices:
                yield each, Listing(module, index)

    return listings()


def _where(module: InnerModule, index: int) -> str:
    """A function of a component, as this command takes it, and its names."""
    known = module.names.function(index)
    names = [each for each in (module.own, demangle(known) if known else "") if each]
    return one_line(f"{module.number}/{index}  {': '.join(names)}".rstrip())


def _no_function(modules: list[InnerModule], path: str, wanted: str) -> str:
    """What to say about a function that isn't there."""
    if not modules:
        return f"{path} is a component without core modules, so it has no code"
    names = [name for each in modules for index in each.functions if (name := each.names.function(index))]
    listed = "".join(f"\n  {each.number}/  {one_line(each.own)}".rstrip() for each in modules[:MOST_NAMED])
    more = f"\n  and {len(modules) - MOST_NAMED} more" if len(modules) > MOST_NAMED else ""
    cure = "name it as MODULE/FUNCTION, or a whole module as MODULE/"
    if wanted.isdecimal():  # which is in every module, and perhaps a name too
        problem = f"{path} is a component, in which a number alone means no function; {cure}"
    else:
        problem = unknown(f"{path} has no code of a function", one_line(wanted), names, cure)
    return f"{problem}; its modules:{listed}{more}"


def _shown(listings: Iterable[Listed], settings: dict[str, Any], coloured: bool) -> Iterator[str]:
    """The lines of a listing."""

    def paint(text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if coloured and text else text

    for number, (inner, listing) in enumerate(listings):
        if number:
            yield ""
        yield paint(one_line(listing.title if inner is None else f"{inner.title}: {listing.title}"), BOLD)
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


def _plain(inner: InnerModule | None, listing: Listing) -> dict[str, Any]:
    return ({} if inner is None else {"module": inner.number, "module_name": inner.own or None}) | {
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
