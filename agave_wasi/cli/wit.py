"""`agave-wasi wit`: check, print and compare WIT."""

from __future__ import annotations

from agave_wasi.cli.completed import Node
from agave_wasi.cli.failures import EXIT_OURS, Failure, complain
from agave_wasi.cli.help import Manual, show_manual
from agave_wasi.cli.options import HELP, JSON, LINKING, Option, UsageError, parse
from agave_wasi.nearest import unknown
from agave_wasi.terminal import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence, Sized
    from pathlib import Path

    from agave_wasi.cli.options import Settings
    from agave_wasi.witparse.model import Package
    from agave_wasi.witparse.source import WitError

EXIT_NO = 1


def _features(text: str) -> tuple[str, ...]:
    return () if text == "none" else tuple(filter(None, text.split(",")))


FEATURES = Option("features", "A,B|none", _features, "Enable these unstable features and no others; all unless it is said.",
                  "--features clocks-timezone", None, LINKING)  # fmt: skip
SUMMARIES = {
    "check": "say whether WIT is sound",
    "print": "print WIT in one layout",
    "diff": "say whether WIT is a compatible successor of other WIT",
}
_PLACES = (
    "A path is a file, a folder that holds the files of one package and what it needs in deps/, or a folder of such folders. "
    "WASI's own packages need not be in deps/; wasi:io, for example, stands for one of them.",
)
MANUALS = {
    "check": Manual(
        "wit check [--features A,B] [--json] PATH",
        ("Parse WIT, look every name up, and say what is wrong, with line and column.", *_PLACES),
        ("agave-wasi wit check wit", "agave-wasi wit check --json wit/world.wit | jq .error"),
        (FEATURES, JSON, HELP),
    ),
    "print": Manual(
        "wit print PATH",
        (
            "Print WIT in one layout, a package's files as one. Documentation stays, other comments go. No name is looked up.",
            *_PLACES,
        ),
        ("agave-wasi wit print wit/world.wit", "agave-wasi wit print wasi:io"),
        (HELP,),
    ),
    "diff": Manual(
        "wit diff [--features A,B] [--json] EARLIER LATER",
        (
            "Compare WIT with its successor and list what has changed, each change compatible or breaking: does everything "
            "that was built for the earlier one work with the later one? What is @unstable may change.",
            *_PLACES,
        ),
        ("agave-wasi wit diff old/wit new/wit", "agave-wasi wit diff --json old.wit new.wit | jq .compatible"),
        (FEATURES, JSON, HELP),
    ),
}
EXIT_CODES = {
    "check": (("0", "the WIT is sound"), ("1", "it isn't"), ("125", "it can't be read"), ("2", "wrong usage")),
    "print": (("0", "it is printed"), ("125", "it can't be read, or is no WIT"), ("2", "wrong usage")),
    "diff": (
        ("0", "LATER is a compatible successor of EARLIER"), ("1", "a change is breaking"),
        ("125", "one of them can't be read, or isn't sound"), ("2", "wrong usage"),
    ),
}  # fmt: skip
MANUAL = Manual(
    "wit check | print | diff [OPTIONS] PATH...",
    ("Check, print or compare WIT, the language in which the interfaces of components are written.", *_PLACES),
    tuple(each.examples[0] for each in MANUALS.values()),
)


def below() -> dict[str, Node]:
    """What shells complete behind `wit`."""
    return {name: Node(summary, MANUALS[name].options) for name, summary in SUMMARIES.items()}


def main(arguments: Sequence[str]) -> int:
    """`agave-wasi wit ...`; the exit code."""
    settings, rest = parse("wit", arguments, (HELP,))
    if settings.get("help"):
        return show_manual(MANUAL)
    if not rest:
        raise UsageError(f"wit: say what to do: {', '.join(MANUALS)}")
    action = rest[0]
    if action not in MANUALS:
        raise UsageError(unknown("wit: there is no action", action, MANUALS, f"there are {', '.join(MANUALS)}"))
    settings, paths = parse(f"wit {action}", rest[1:], MANUALS[action].options)
    if settings.get("help"):
        return show_manual(MANUALS[action], EXIT_CODES[action])
    wanted = 2 if action == "diff" else 1
    if len(paths) != wanted:
        needs = "two paths, the earlier and the later" if wanted == 2 else "one path"
        raise UsageError(f"wit {action}: it takes {needs}: agave-wasi {MANUALS[action].usage}")
    from agave_wasi.witparse.source import WitError

    try:
        if action == "check":
            return check(paths[0], settings)
        return print_wit(paths[0]) if action == "print" else diff(paths[0], paths[1], settings)
    except WitError as error:
        raise Failure(_told(error)) from None


def check(path: str, settings: Settings) -> int:
    """Say whether WIT is sound."""
    from agave_wasi.witparse.source import WitError

    error = None
    packages: dict[str, Package] = {}
    try:
        packages = _load(path, settings)
    except WitError as found:
        if not found.line and not settings.get(JSON.name):
            raise
        error = found
    if settings.get(JSON.name):
        _print_json({"packages": [_outline(each) for each in packages.values()], "error": error and _error(error)})
    elif error is not None:
        complain(_told(error))
    else:
        for each in packages.values():
            print(f"{each.id}: {_count(each.interfaces, 'interface')}, {_count(each.worlds, 'world')}")
    return 0 if error is None else EXIT_NO if error.line else EXIT_OURS


def print_wit(path: str) -> int:
    """Print WIT in one layout."""
    from agave_wasi.witparse.layout import groups
    from agave_wasi.witparse.printer import merged, printed

    own, _ = groups(_place(path))
    file = own[0][0] if len(own) == 1 and len(own[0]) == 1 else merged(own)
    print(printed(file), end="")
    return 0


def diff(earlier: str, later: str, settings: Settings) -> int:
    """List the changes from one WIT to another."""
    from agave_wasi.witparse.diff import differences

    changes = differences(_load(earlier, settings), _load(later, settings))
    breaking = [each for each in changes if each.breaking]
    if settings.get(JSON.name):
        rows = [{"where": each.where, "what": each.what, "breaking": each.breaking} for each in changes]
        _print_json({"compatible": not breaking, "changes": rows})
    else:
        for each in changes:
            print(printable(f"{'breaking  ' if each.breaking else 'compatible'}  {each.where}: {each.what}"))
        verdict = f"no: {_count(breaking, 'breaking change')}" if breaking else f"yes: {_count(changes, 'compatible change')}"
        print(f"is {printable(later)} a compatible successor of {printable(earlier)}? {verdict}")
    return EXIT_NO if breaking else 0


def _load(path: str, settings: Settings) -> dict[str, Package]:
    from agave_wasi.witparse.layout import load

    return load(_place(path), settings.get(FEATURES.name))


def _place(path: str) -> Path:
    from pathlib import Path

    from agave_wasi.witparse import wasi

    place = Path(path)
    names = {each.partition("@")[0] for each in wasi.PACKAGES}
    if path in (*names, *wasi.PACKAGES) and not place.exists():
        return wasi.folder() / path.partition("@")[0].replace(":", "-")
    return place


def _told(error: WitError) -> str:
    return f"{error}\n{error.excerpt}" if error.excerpt else str(error)


def _outline(package: Package) -> dict[str, object]:
    return {"package": package.id, "interfaces": list(package.interfaces), "worlds": list(package.worlds)}


def _error(error: WitError) -> dict[str, object]:
    return {"file": error.file, "line": error.line, "column": error.column, "reason": error.reason}


def _print_json(data: object) -> None:
    import json

    print(json.dumps(data, indent=2))


def _count(things: Sized, what: str) -> str:
    number = len(things)
    return f"{number} {what}{'' if number == 1 else 's'}"
