"""What names mean, for people: errors, functions, imports and who provides them."""

from __future__ import annotations


def missing_import(module: str, name: str, kind: str) -> str:
    """One line about an import that nothing here satisfies: what it is, and the cure."""
    return f"{module}.{name} ({kind}): nothing provides it; give a module that does with --preload {module}=FILE.wasm"
