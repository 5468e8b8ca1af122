"""What may go to a terminal: colours or not, and text that can't steer it."""

from __future__ import annotations

import os


def colours(fd: int) -> bool:
    """May output to a descriptor have colours? Only a terminal's may, and NO_COLOR forbids them."""
    return os.isatty(fd) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def printable(text: str) -> str:
    """Text without what would steer a terminal: names in messages come from guests and files."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" else _escaped(char) for char in text)


def one_line(text: str) -> str:
    """The same without line breaks and tabs: for a name, which must not look like a line of ours."""
    return text if text.isprintable() else "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "replace").decode("ascii", "replace")
