"""Hooks that Unicorn's Python binding knows not, or is slow with: native ones, and those of single instructions."""

from __future__ import annotations

import ctypes

from unicorn import Uc, UcError
from unicorn.unicorn_py3.unicorn import uclib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def add(model: Uc, kind: int, callback: Any, data: Any = None, instruction: int | None = None) -> int:
    """Have the model call `callback`, a C function that the caller keeps, everywhere; a handle. UcError.

    `data` is given to it. `instruction` says which one, where the kind of hook is for one.
    """
    handle = ctypes.c_size_t()
    everywhere = ctypes.c_uint64(1), ctypes.c_uint64(0)
    further = () if instruction is None else (ctypes.c_int(instruction),)
    status = uclib.uc_hook_add(model._uch, ctypes.byref(handle), kind, callback, data, *everywhere, *further)
    if status:
        raise UcError(status)
    return handle.value
