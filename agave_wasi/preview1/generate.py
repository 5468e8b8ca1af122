"""Writes the files that are derived from the code: `python -m agave_wasi.preview1.generate` (or `nox -s generate`)."""

from __future__ import annotations

from pathlib import Path

from agave_wasi.preview1 import interface


def derived() -> dict[Path, str]:
    """Each derived file below the project's root, and what it should hold."""
    root = Path(__file__).resolve().parents[2]
    return {root / "agave_wasi/preview1/compiled.py": interface.source(interface.Preview1, traced=False)}


def main() -> None:
    """Write every derived file."""
    for path, text in derived().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        print(path)


if __name__ == "__main__":
    main()
