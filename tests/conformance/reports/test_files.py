"""Reports in files: whole or not at all, and nothing takes the place of a pipe, a device or a link."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from conformance.errors import HarnessError
from conformance.reports import files


@pytest.fixture(autouse=True)
def short_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(files.WRITERS, "html", lambda told: "whole")


def test_a_file_is_replaced_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("before")
    (tmp_path / "link").symlink_to("old")
    for name in ("old", "link", "new"):
        files.write("html", str(tmp_path / name), {})
        assert (tmp_path / name).read_text() == "whole"
    assert (tmp_path / "link").is_symlink() and sorted(os.listdir(tmp_path)) == ["link", "new", "old"]


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    files.write("html", str(pipe), {})
    reader.join(10)
    assert read == ["whole"] and stat.S_ISFIFO(pipe.stat().st_mode)


def test_what_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(HarnessError, match=r"^--html .* can't be written: No space left on device$"):
        files.write("html", str(tmp_path / "r"), {})
    assert os.listdir(tmp_path) == []
