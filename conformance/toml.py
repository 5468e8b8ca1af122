"""Reading files of TOML that users write."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from conformance.errors import HarnessError


def read_toml(path: Path) -> dict[str, Any]:
    """What a file says; HarnessError if it can't be read or is something else."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise HarnessError(f"{path} can't be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HarnessError(f"{path} is no TOML: {error}") from None
