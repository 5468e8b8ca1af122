"""The `os` of a runtime in Python that takes a guest's paths as they are: a path that leads out of its folders ends the run.

pywasm looks at the text of a path alone. So through a link, or by an absolute path where the guest's folder is `/`, it would
read, change and remove the host's own files. No case may pass because of this guard, so it never answers a guest: the runtime
has broken.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from conformance.adapters.job import GuestLedOut

PATHS = {
    "open": ((0, "dir_fd"),), "mkdir": ((0, "dir_fd"),), "rmdir": ((0, "dir_fd"),), "unlink": ((0, "dir_fd"),),
    "stat": ((0, "dir_fd"),), "utime": ((0, "dir_fd"),), "readlink": ((0, "dir_fd"),), "symlink": ((1, "dir_fd"),),
    "link": ((0, "src_dir_fd"), (1, "dst_dir_fd")), "rename": ((0, "src_dir_fd"), (1, "dst_dir_fd")),
}  # fmt: skip
"""Functions that take paths: where each stands, and the option that says what it is relative to."""


class Inside:
    """`os`, but that the functions of PATHS stay in some folders. GuestLedOut."""

    def __init__(self, folders: Iterable[str]) -> None:
        self._folders = [os.path.realpath(each) for each in folders]
        self._here = os.open(".", os.O_RDONLY)

    def __getattr__(self, name: str) -> Any:
        function = getattr(os, name)
        if name not in PATHS:
            return function

        def checked(*arguments: Any, **options: Any) -> Any:
            for place, folder in PATHS[name]:
                if name != "stat" or folder in options:  # else it looks by itself at what is open, or listed as ".."
                    self._check(arguments[place], options.get(folder), _follows(name, arguments, options))
            return function(*arguments, **options)

        return checked

    def _check(self, path: str | int, folder: int | None, follows: bool) -> None:
        if isinstance(path, int) or "\0" in path:
            return  # a descriptor, which was opened inside, or what no function takes for a path
        above, name = os.path.split(path)  # in a folder that is removed nothing is found, here as by whoever asks
        os.fchdir(self._here if folder is None else folder)
        try:
            real = os.path.realpath(path if follows or name in (".", "..") else above or ".")
        finally:
            os.fchdir(self._here)
        if not any(real == each or real.startswith(each.rstrip("/") + "/") for each in self._folders):
            raise GuestLedOut(f"the guest was led out of its folders by the path {path!r}")


def _follows(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> bool:
    """Does a function follow a link at the end of a path?"""
    if name == "open":
        return not arguments[1] & (os.O_NOFOLLOW | os.O_EXCL)
    return bool(options.get("follow_symlinks", name in ("stat", "utime")))
