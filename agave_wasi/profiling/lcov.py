"""Coverage as a tracefile for lcov and what reads it (geninfo(1), "Tracefile format").

Where a module has DWARF, files and lines are those of its source; else the file is the module, and a line is the offset of an
instruction in it, in bytes. Of machine code it is the instruction's address.
"""

from __future__ import annotations

from agave_wasi.terminal import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agave_wasi.profiling.coverage import ModuleCoverage
    from agave_wasi.profiling.symbols import SymbolCoverage


class File:
    """What is told of one file: `functions` by their names as (line, calls), `lines` as counts."""

    __slots__ = ("functions", "lines")

    def __init__(self) -> None:
        self.functions: dict[str, tuple[int, int]] = {}
        self.lines: dict[int, int] = {}

    def add(self, line: int, count: int) -> None:
        """A line ran so often; of several instructions the most frequent one says it."""
        self.lines[line] = max(self.lines.get(line, 0), count)


def tracefile(modules: Sequence[tuple[str, ModuleCoverage | SymbolCoverage]]) -> str:
    """The file's text, of modules with their names."""
    files: dict[str, File] = {}
    for name, module in modules:
        lines = module.lines()
        for function in module.functions():
            first = True
            for offset, count in sorted(module.offsets(function.index).items()):
                path, line = lines.at(offset) or (name, offset)
                file = files.setdefault(path, File())
                file.add(line, count)
                if first:
                    known = function.name if function.name not in file.functions else f"{function.name} ({function.index})"
                    file.functions[known] = line, function.calls
                    first = False
    return "".join(f"{line}\n" for path, file in files.items() for line in _record(path, file))


def _record(path: str, file: File) -> Iterator[str]:
    yield "TN:"
    yield f"SF:{one_line(path)}"
    for name, (line, _) in file.functions.items():
        yield f"FN:{line},{one_line(name)}"
    for name, (_, calls) in file.functions.items():
        yield f"FNDA:{calls},{one_line(name)}"
    yield f"FNF:{len(file.functions)}"
    yield f"FNH:{sum(1 for _, calls in file.functions.values() if calls)}"
    for line, count in sorted(file.lines.items()):
        yield f"DA:{line},{count}"
    yield f"LF:{len(file.lines)}"
    yield f"LH:{sum(1 for count in file.lines.values() if count)}"
    yield "end_of_record"
