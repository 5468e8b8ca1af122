"""What loading and saving images share: the error, and how names and times stand in an archive."""

from __future__ import annotations

from kernel_sim.fs.resolve import PATH_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    import tarfile

MAX_NAME = PATH_MAX - 1
"""The longest path in an image, in bytes: what a guest, or tar, can open at one go."""
MAX_TIME = (1 << 64) - 1


class ImageError(Exception):
    """An image can't be loaded or saved; the message names the member and says what to do."""


def to_bytes(name: str) -> bytes:
    """A name as `tarfile` has it, as the bytes that it was."""
    return name.encode("utf-8", "surrogateescape")


def to_text(name: bytes) -> str:
    """A name as `tarfile` wants it."""
    return name.decode("utf-8", "surrogateescape")


def printable(name: str | bytes) -> str:
    """A name as a message shows it: no control characters, not too long."""
    raw = to_bytes(name) if isinstance(name, str) else name
    text = raw.decode("utf-8", "backslashreplace")
    text = text if len(text) <= 200 else text[:100] + "..." + text[-90:]
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text) or "(no name)"


def nanoseconds(info: tarfile.TarInfo) -> int:
    """A member's modification time, exactly as it is written in its extended header; within what guests can see."""
    whole, _, fraction = info.pax_headers.get("mtime", "").partition(".")
    digits = whole + fraction
    if whole and digits.isascii() and digits.isdigit() and len(whole) < 32:
        time = int(whole) * 10**9 + int((fraction + "0" * 9)[:9])
    else:
        try:
            time = int(info.mtime) * 10**9
        except (ValueError, OverflowError):  # infinite, or no number
            time = 0
    return min(max(time, 0), MAX_TIME)
