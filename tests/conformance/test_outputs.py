"""Files that commands write: whole or not at all, and nothing takes the place of a pipe, a device or a link."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from conformance.errors import HarnessError
from conformance.outputs import check, write
from tests.waiting import HANG


def test_a_file_is_replaced_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("before")
    (tmp_path / "link").symlink_to("old")
    for name in ("old", "link", "new"):
        check("--html", str(tmp_path / name))
        write("--html", str(tmp_path / name), "whole \udcff")
        assert (tmp_path / name).read_text() == "whole \\udcff"
    assert (tmp_path / "link").is_symlink() and sorted(os.listdir(tmp_path)) == ["link", "new", "old"]


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    check("--html", str(pipe))
    write("--html", str(pipe), "whole")
    reader.join(HANG)
    assert read == ["whole"] and stat.S_ISFIFO(pipe.stat().st_mode)


def test_what_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(HarnessError, match=r"^--html .* can't be written: No space left on device$"):
        write("--html", str(tmp_path / "r"), "whole")
    assert os.listdir(tmp_path) == []


def test_places_that_cannot_be_written_are_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HarnessError, match=r"^--junit \. is a folder; name a file in it$"):
        check("--junit", ".")
    with pytest.raises(HarnessError, match=r"^--html no/r\.html can't be written: there is no folder no; make it first$"):
        check("--html", "no/r.html")
    (tmp_path / "file").touch()
    with pytest.raises(HarnessError, match="there is no folder file; make it first"):
        check("--html", "file/r.html")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(HarnessError, match=r"r\.html can't be written: it isn't permitted there"):
        check("--html", "r.html")
    assert os.listdir(tmp_path) == ["file"]
