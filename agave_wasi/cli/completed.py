"""What shells complete, as a tree: commands, what stands behind them, their options. Of other packages' commands, too.

Another package's command tells it by a function `completions` in the module that its entry point names, which returns a
`Node`; one without such a function, or that can't be imported, is completed by its name alone.
"""

from __future__ import annotations

from importlib import import_module

from agave_wasi.cli.help import OF_GUESTS, manual
from agave_wasi.cli.main import COMMANDS
from agave_wasi.cli.others import announced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.metadata import EntryPoint

    from agave_wasi.cli.options import Option

WORDS = {"cache": ("list", "clear", "path"), "completion": ("bash", "zsh", "fish")}
"""Commands of ours whose argument is one of a few words."""


class Node:
    """A command: a line about it, its options, words that may stand behind it, the commands below it.

    `guest`: everything behind the first word is a guest's.
    """

    __slots__ = ("summary", "options", "words", "below", "guest")

    def __init__(
        self,
        summary: str,
        options: Sequence[Option] = (),
        words: Sequence[str] = (),
        below: Mapping[str, Node] | None = None,
        guest: bool = False,
    ) -> None:
        self.summary = summary
        self.options = options
        self.words = words
        self.below = below or {}
        self.guest = guest


def commands() -> dict[str, Node]:
    """Every command by its name: ours, then those of other packages."""
    found = {
        name: Node(summary, manual(name).options, _words(name), _below(name), guest=name in OF_GUESTS)
        for name, summary in COMMANDS.items()
    }
    return found | {name: _announced(entry) for name, entry in announced().items() if name not in found}


def every(tree: Mapping[str, Node], before: str = "") -> dict[str, Node]:
    """All nodes by the words that lead to them, each before those below it."""
    found: dict[str, Node] = {}
    for name, node in tree.items():
        path = f"{before}{name}"
        found |= {path: node, **every(node.below, f"{path} ")}
    return found


def _words(command: str) -> tuple[str, ...]:
    if command == "explain":
        from agave_wasi.explain import names

        return tuple(names())
    return WORDS.get(command, ())


def _below(command: str) -> Mapping[str, Node]:
    if command == "wit":
        from agave_wasi.cli.wit import below

        return below()
    return {}


def _announced(entry: EntryPoint) -> Node:
    plain = Node(f"of {entry.module.partition('.')[0]}")
    try:
        found = import_module(entry.module).completions()
    except Exception:  # another package's code, which may raise anything: shells complete what there is
        return plain
    return found if isinstance(found, Node) else plain
