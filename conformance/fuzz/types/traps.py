"""Why a call trapped, in words that both sides' messages come down to."""

from __future__ import annotations

REASONS = {
    "char": ("no Unicode scalar value", "`char`", "char bit pattern", "invalid char"),
    "case": ("is no case of", "discriminant"),
    "text": ("a string isn't", "utf-8", "utf-16", "utf8", "utf16", "unpaired surrogate", "string transcode"),
    "align": ("aligned",),
    "bounds": ("out of bounds", "beyond"),
    "size": ("too large", "longer than", "overflow", "exceeds"),
    "enter": ("cannot enter",),
    "leave": ("cannot leave",),
    "unreachable": ("unreachable",),
}


class Refused(Exception):
    """A component can't be compiled or linked."""


class Trapped(Exception):
    """A call trapped."""

    @property
    def reason(self) -> str:
        """Why: one of REASONS, or the whole message."""
        message = str(self)
        return next((name for name, words in REASONS.items() if any(each in message for each in words)), message)
