"""Names of functions as the source has them: the common forms of C++ (Itanium) and Rust mangling, without parameters.

What isn't understood whole stays as it is: a wrong name would be worse than a mangled one.
"""

from __future__ import annotations

_RUST_ESCAPES = {
    "SP": "@", "BP": "*", "RF": "&", "LT": "<", "GT": ">", "LP": "(", "RP": ")", "C": ",",
}  # fmt: skip
_HASH_DIGITS = 16


def demangle(name: str) -> str:
    """The readable form of a mangled name, or the name itself."""
    if name.startswith("_ZN"):
        parts, rest = _parts(name[3:].removeprefix("K"))
        if parts and rest.startswith("E"):
            last = parts[-1]
            if len(last) == _HASH_DIGITS + 1 and last[0] == "h" and not set(last[1:]) - set("0123456789abcdef"):
                return "::".join(map(_rust_part, parts[:-1])) if len(rest) == 1 or rest[1] == "." else name
            return "::".join(parts)
    elif name.startswith("_Z"):
        parts, rest = _parts(name[2:])
        if len(parts) >= 1 and not rest.startswith("I"):
            return parts[0]
    elif name.startswith("_R"):
        return _rust_path(name[2:]) or name
    return name


def _parts(text: str) -> tuple[list[str], str]:
    """Names with their lengths in front of them, and what follows."""
    parts = []
    while text[:1].isdigit():
        digits = len(text) - len(text.lstrip("0123456789"))
        length = int(text[: min(digits, 6)])
        part = text[digits : digits + length]
        if len(part) < length or not length:
            return [], text
        parts.append(part)
        text = text[digits + length :]
    return parts, text


def _rust_part(part: str) -> str:
    """A component of an older Rust name, its escapes undone."""
    part = part.removeprefix("_") if part.startswith("_$") else part
    pieces = part.replace("..", "::").split("$")
    for at in range(1, len(pieces), 2):
        code = pieces[at]
        if code in _RUST_ESCAPES:
            pieces[at] = _RUST_ESCAPES[code]
        elif code.startswith("u") and not set(code[1:]) - set("0123456789abcdef") and 1 < len(code) < 7:
            pieces[at] = chr(int(code[1:], 16))
        else:
            return part
    return "".join(pieces)


def _rust_path(text: str) -> str | None:
    """A newer Rust name that is a plain path of crate, modules and function; None if it is anything else."""
    depth = 0
    while text.startswith("N") and text[1:2].isalpha():
        depth += 1
        text = text[2:]
    if not text.startswith("C"):
        return None
    text = text[1:]
    found: list[str] = []
    while len(found) <= depth:
        if text.startswith("s"):  # a number that tells equal names apart
            end = text.find("_")
            if end < 0:
                return None
            text = text[end + 1 :]
        digits = len(text) - len(text.lstrip("0123456789"))
        if not digits:
            return None
        length = int(text[: min(digits, 6)])
        text = text[digits:].removeprefix("_") if length else text[digits:]
        if len(text) < length:
            return None
        found.append(text[:length] or "{closure}")
        text = text[length:]
    return "::".join(found) if not text or text.startswith(".") else None
