"""Why a call trapped, in words that both sides' messages come down to."""

from __future__ import annotations

REASONS = {
    "char": ("no Unicode scalar value", "`char`"),
    "case": ("is no case", "discriminant"),
    "text": ("a string isn't", "utf-8", "utf-16", "utf8", "utf16", "surrogate"),
    "region": ("aligned", "out of bounds", "out-of-bounds", "bytes are more than"),
}
"""Words of messages by reason. Where a region begins and where it ends are one reason: which is looked at first differs."""


class Refused(Exception):
    """A component can't be compiled or linked."""


class Trapped(Exception):
    """A call trapped."""

    @property
    def reason(self) -> str:
        """Why: one of REASONS, or the whole message."""
        message = str(self).rpartition("Caused by:")[2].strip()
        return next((name for name, words in REASONS.items() if any(each in message for each in words)), message)
