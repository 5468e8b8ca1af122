"""`agave-wasi explain`: what an error, a host function, a right, a system call or an import is."""

from __future__ import annotations

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import HELP, UsageError, parse
from agave_wasi.cli.page import Heading, Paragraph, Rows, Sample, show
from agave_wasi.explain import explain, functions, names, rights, syscalls
from agave_wasi.knowledge.errnos import ERRNOS
from agave_wasi.knowledge.imports import IMPORTS
from agave_wasi.nearest import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Explain a name, or list what there is."""
    settings, rest = parse("explain", arguments, (HELP,))
    if settings.get("help"):
        from agave_wasi.cli.help import command_help

        return command_help("explain")
    if not rest:
        _list()
        return 0
    if len(rest) > 1:
        raise UsageError(f"explain: one name at a time, please: agave-wasi explain {rest[0]}")
    found = explain(rest[0])
    if found is None:
        raise Failure(unknown("nothing is known of", rest[0], names(), "agave-wasi explain lists what is"))
    blocks: list[Heading | Paragraph | Rows | Sample] = [Heading(found.title), *map(Paragraph, found.text)]
    if found.facts:
        blocks += [Heading(found.heading), Rows(found.facts, prose=True)]
    show(blocks)
    return 0


def _list() -> None:
    show(
        [
            Heading("Functions of wasi_snapshot_preview1"),
            Rows(((each.name, each.summary) for each in functions().values()), prose=True),
            Heading("Errors"),
            Rows(ERRNOS.items(), prose=True),
            Heading("Rights"),
            Paragraph(", ".join(rights())),
            Heading("System calls of the kernel"),
            Paragraph(", ".join(syscalls())),
            Heading("Imports that others provide"),
            Rows(((", ".join(known.patterns[:3]), known.title) for known in IMPORTS), prose=True),
        ]
    )
