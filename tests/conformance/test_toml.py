"""Reading TOML: what can't be read, or is something else, is told in a line that names the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.errors import HarnessError
from conformance.toml import read_toml


def test_what_a_file_says(tmp_path: Path) -> None:
    path = tmp_path / "f.toml"
    path.write_text('a = 1\n[[b]]\nc = "é"\n', encoding="utf-8")
    assert read_toml(path) == {"a": 1, "b": [{"c": "é"}]}


@pytest.mark.parametrize(
    "content, reason",
    [(b"a = ", "is no TOML: "), (b"a = '\xff'", "is no TOML: "), (b"a = " + b"[" * 5000, "is no TOML: ")],
)
def test_what_is_no_toml(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "f.toml"
    path.write_bytes(content)
    with pytest.raises(HarnessError, match=f"f.toml {reason}"):
        read_toml(path)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="can't be read: Is a directory"):
        read_toml(tmp_path)
    with pytest.raises(HarnessError, match=r"gone can't be read: No such file or directory"):
        read_toml(tmp_path / "gone")
