"""Compiled code on disk: machine code by content hash, engine version and configuration, private to the user.

Loading compiled code means running it, so an entry counts only if it and its folder belong to this user and nobody else
may write there; anything else is ignored and compiled anew. Each entry has a note of its size, times and digest: while
the file's status is what the note says it is trusted as it is, otherwise its digest decides. Large programs have such notes
too, since hashing one takes longer than starting it. Files appear by rename, so several processes may use the folder at once.
There is a limit to it all: where a large entry would exceed it, others go, those first that were used longest ago.
"""

from __future__ import annotations

import os
import sys
from time import time_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = ".cwasm"
NOTE_SUFFIX = ".note"
UNFINISHED = ".tmp"
ABANDONED = 3600
"""After so many seconds nobody writes an unfinished file any more: its process was killed."""
FILES = "files"
"""The folder of notes about programs."""
STILL = 2 * 10**9
"""So long, in ns, must a program have been as it is before it gets a note: file systems' clocks are coarse."""
FOLDER_VARIABLE = "AGAVE_WASI_CACHE"
LARGE = 1 << 20
"""From this size on hashlib's faster SHA-256 is worth its import, and a note its file."""
LIMIT = 4 << 30
"""Bytes of all entries together."""
DIGITS = 64
"""Characters of a digest."""


def default_folder() -> str:
    """$AGAVE_WASI_CACHE, or agave-wasi in the user's cache folder; empty if the variable says "off"."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen is not None:
        return "" if chosen in ("", "0", "off", "no") else chosen
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "agave-wasi")


def digest(data: bytes | memoryview) -> str:
    """SHA-256 in hexadecimal."""
    if len(data) < LARGE:
        if sys.version_info >= (3, 12):
            from _sha2 import sha256
        else:
            from _sha256 import sha256
    else:
        from hashlib import sha256
    return str(sha256(data).hexdigest())


class Entry:
    """One cached module: its key (a content hash), the engine configuration's name, its size in bytes and age in s."""

    __slots__ = ("engine", "key", "size", "used")

    def __init__(self, engine: str, key: str, size: int, used: float) -> None:
        self.engine = engine
        self.key = key
        self.size = size
        self.used = used


class CodeCache:
    """A folder of compiled modules; an empty `folder` caches nothing. It never fails: it only may not help."""

    __slots__ = ("folder",)

    def __init__(self, folder: str | None = None) -> None:
        self.folder = default_folder() if folder is None else folder

    def find(self, engine: str, key: str) -> str | None:
        """The path of a sound entry, or None."""
        if not self.folder:
            return None
        path = os.path.join(self.folder, engine, key + SUFFIX)
        try:
            if not _is_private(os.path.dirname(path), directory=True):
                return None
            status = _private_status(path)
            if status is None:
                return None
            with open(path[: -len(SUFFIX)] + NOTE_SUFFIX, encoding="ascii") as file:
                noted, _, expected = file.read(256).rpartition(" ")
            if noted == _describe(status):
                return path
            with open(path, "rb") as code:
                if digest(code.read()) != expected:
                    return None
            self._write_note(path, expected)  # copied or touched, but the same bytes
        except (OSError, ValueError):
            return None
        return path

    def store(self, engine: str, key: str, code: bytes) -> str | None:
        """Keep an entry; its path, or None if that can't be done."""
        if not self.folder:
            return None
        folder = os.path.join(self.folder, engine)
        path = os.path.join(folder, key + SUFFIX)
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            if not _is_private(folder, directory=True):
                return None
            _remove_unfinished(folder, ABANDONED)
            _replace(path, code)
            self._write_note(path, digest(code))
            if len(code) >= LARGE:
                self._make_room(engine, key)
        except OSError:
            return None
        return path

    def _make_room(self, engine: str, key: str) -> None:
        """Remove what was used longest ago until the limit is kept, but not this entry."""
        entries = sorted(self.entries(), key=lambda each: each.used)
        excess = sum(each.size for each in entries) - LIMIT
        for each in entries:
            if excess <= 0:
                break
            if (each.engine, each.key) != (engine, key):
                self._remove(each)
                excess -= each.size

    def _remove(self, entry: Entry) -> None:
        base = os.path.join(self.folder, entry.engine, entry.key)
        for suffix in (NOTE_SUFFIX, SUFFIX):
            try:
                os.unlink(base + suffix)
            except FileNotFoundError:
                pass

    def digest_of(self, data: bytes, status: os.stat_result | None) -> str:
        """The digest of a file's bytes; of a large file whose status is what it was, the one that was noted."""
        if len(data) < LARGE or status is None or not self.folder:
            return digest(data)
        folder = os.path.join(self.folder, FILES)
        path = os.path.join(folder, f"{status.st_dev:x}-{status.st_ino:x}{NOTE_SUFFIX}")
        try:
            if _is_private(folder, directory=True) and _private_status(path) is not None:
                with open(path, encoding="ascii") as file:
                    noted, _, found = file.read(256).rpartition(" ")
                if noted == _describe(status) and len(found) == DIGITS:
                    return found
        except (OSError, ValueError):
            pass
        found = digest(data)
        if time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > STILL:
            try:
                os.makedirs(folder, mode=0o700, exist_ok=True)
                if _is_private(folder, directory=True):
                    _replace(path, f"{_describe(status)} {found}".encode())
            except OSError:
                pass
        return found

    def _write_note(self, path: str, code_digest: str) -> None:
        note = f"{_describe(os.stat(path))} {code_digest}"
        _replace(path[: -len(SUFFIX)] + NOTE_SUFFIX, note.encode())

    def entries(self) -> Iterator[Entry]:
        """Every entry, by engine and key."""
        for engine in sorted(_names(self.folder)):
            for name in sorted(_names(os.path.join(self.folder, engine))):
                if name.endswith(SUFFIX):
                    try:
                        status = os.stat(os.path.join(self.folder, engine, name))
                    except FileNotFoundError:  # another process has just removed it
                        continue
                    yield Entry(engine, name[: -len(SUFFIX)], status.st_size, status.st_atime)

    def clear(self) -> tuple[int, int]:
        """Remove every entry, and what was left unfinished; how many entries, and the bytes of all."""
        count = 0
        size = sum(_remove_unfinished(os.path.join(self.folder, engine), 0) for engine in _names(self.folder))
        for entry in list(self.entries()):
            self._remove(entry)
            count += 1
            size += entry.size
        for name in _names(os.path.join(self.folder, FILES)):
            try:
                os.unlink(os.path.join(self.folder, FILES, name))
            except FileNotFoundError:
                pass
        return count, size


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _remove_unfinished(folder: str, age: int) -> int:
    """Remove what nobody has written to for `age` seconds and never got its name; the bytes of it."""
    size = 0
    for name in _names(folder):
        if name.endswith(UNFINISHED):
            path = os.path.join(folder, name)
            try:
                status = os.lstat(path)
                if time_ns() - status.st_mtime_ns >= age * 10**9:
                    os.unlink(path)
                    size += status.st_size
            except FileNotFoundError:
                pass
    return size


def _private_status(path: str, directory: bool = False) -> os.stat_result | None:
    """The status of a file that is ours and that only we can write to, or None."""
    from stat import S_ISDIR, S_ISREG

    status = os.lstat(path)
    if not (S_ISDIR if directory else S_ISREG)(status.st_mode):
        return None
    if hasattr(os, "geteuid") and (status.st_uid != os.geteuid() or status.st_mode & 0o022):
        return None
    return status


def _is_private(path: str, directory: bool) -> bool:
    return _private_status(path, directory) is not None


def _describe(status: os.stat_result) -> str:
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


def _replace(path: str, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    temporary = f"{path}.{os.getpid()}.{os.urandom(4).hex()}{UNFINISHED}"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(fd, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
