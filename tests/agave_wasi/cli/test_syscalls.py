"""`agave-wasi syscalls`: the table as text, as JSON, as a page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agave_wasi.cli.options import UsageError
from agave_wasi.cli.syscalls import as_json, main, markdown, right_names, signature
from kernel_sim.openfile import Rights
from kernel_sim.syscalls.table import table
from tests.agave_wasi.guests import ROOT


def test_syscalls(agave: Any) -> None:
    assert all(record.name in agave("syscalls").stdout.decode() for record in table()[:3])
    rows = json.loads(agave("syscalls", "--json").stdout)
    assert [row["number"] for row in rows] == [record.number for record in table()]
    assert agave("syscalls", "--markdown").stdout.decode() == markdown()


def test_the_page_in_docs_is_what_would_be_written() -> None:
    assert (ROOT / "docs" / "SYSCALLS.md").read_text(encoding="utf-8") == markdown(), "run `nox -s generate`"


def test_signatures_and_rights_by_name() -> None:
    rows = {record.name: record for record in table()}
    assert signature(rows["tell"]) == "tell(fd: int) -> int"
    assert signature(rows["close"]) == "close(fd: int)"
    assert right_names(Rights.FD_READ | Rights.SOCK_ACCEPT) == ["fd_read", "sock_accept"]
    assert right_names(0) == [] and len(right_names(Rights.ALL)) == 30
    assert as_json(rows["readv"])["rights"] == ["fd_read"]


def test_arguments_are_none_of_its_own() -> None:
    with pytest.raises(UsageError, match="agave-wasi explain openat may know it"):
        main(["openat"])


@pytest.mark.parametrize("form", [[], ["--json"], ["--markdown"]])
def test_every_form_succeeds(form: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(form) == 0
    assert "openat" in capsys.readouterr().out
