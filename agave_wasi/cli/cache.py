"""`agave-wasi cache`: what compiled code is kept, and where."""

from __future__ import annotations

from datetime import datetime

from agave_wasi.cache import CodeCache
from agave_wasi.cli.options import HELP, UsageError, parse
from agave_wasi.cli.page import Rows, show
from agave_wasi.nearest import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

ACTIONS = ("list", "clear", "path")
SHOWN_KEY = 16
"""Digits of a key that tell entries apart."""


def main(arguments: Sequence[str]) -> int:
    """List the entries, remove them, or print the folder."""
    settings, rest = parse("cache", arguments, (HELP,))
    if settings.get("help"):
        from agave_wasi.cli.help import command_help

        return command_help("cache")
    if len(rest) != 1 or rest[0] not in ACTIONS:
        if not rest:
            raise UsageError(f"cache: say what to do: {', '.join(ACTIONS)}")
        wrong = rest[0] if rest[0] not in ACTIONS else rest[1]
        raise UsageError(unknown("cache: there is no action", wrong, ACTIONS, f"there are {', '.join(ACTIONS)}"))
    cache = CodeCache()
    if not cache.folder:
        print("nothing is kept: AGAVE_WASI_CACHE is off")
    elif rest[0] == "path":
        print(cache.folder)
    elif rest[0] == "clear":
        count, size = cache.clear()
        print(f"removed {count} {'entry' if count == 1 else 'entries'}, {_size(size)}, from {cache.folder}")
    else:
        _list(cache)
    return 0


def _list(cache: CodeCache) -> None:
    entries = list(cache.entries())
    if entries:
        rows = [
            (each.key[:SHOWN_KEY], _size(each.size), f"{datetime.fromtimestamp(each.used):%Y-%m-%d %H:%M}", each.engine)
            for each in sorted(entries, key=lambda each: -each.used)
        ]
        show([Rows(rows, ("SHA-256 of the module", "code", "last used", "compiled by"), right=(1,))])
    print(f"{len(entries)} in {cache.folder}, {_size(sum(each.size for each in entries))}")


def _size(size: int) -> str:
    amount = float(size)
    for unit in ("bytes", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"
