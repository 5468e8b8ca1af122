"""Writes compiled.py from the WIT of WASI: `python -m agave_wasi.witparse.generate` (or `nox -s generate`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from agave_wasi.witparse import table
from agave_wasi.witparse.layout import groups
from agave_wasi.witparse.resolve import resolve

ROOT = Path(__file__).resolve().parents[2]


def source(folder: Path) -> str:
    """The text of compiled.py for the packages in a folder."""
    roots, _ = groups(folder)
    packages = resolve(roots).values()
    interfaces = {each.id: table.row(each) for package in packages for each in package.interfaces.values()}
    worlds = {each.id: table.world_row(each) for package in packages for each in package.worlds.values()}
    head = '"""Generated from wit/ by agave_wasi.witparse.generate: WASI as rows, which table.py reads. Don\'t edit."""\n'
    return f"{head}{_literal('INTERFACES', interfaces)}{_literal('WORLDS', worlds)}"


def _literal(name: str, rows: Mapping[str, Sequence[object]]) -> str:
    lines = [f"{name} = {{"]
    for id, parts in rows.items():
        lines.append(f"    {id!r}: (")
        for part in parts:
            assert isinstance(part, tuple)
            lines += ["        (", *(f"            {each!r}," for each in part), "        ),"]
        lines.append("    ),")
    return "\n".join([*lines, "}", ""])


def derived() -> dict[Path, str]:
    """The derived file, and what it should hold."""
    return {ROOT / "agave_wasi/witparse/compiled.py": source(ROOT / "wit")}


def main() -> None:
    """Write it."""
    for path, text in derived().items():
        path.write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
