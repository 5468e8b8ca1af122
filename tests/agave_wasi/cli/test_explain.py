"""`agave-wasi explain`: names of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.cli.explain import main
from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import UsageError


def test_explain(agave: Any) -> None:
    for name, text in (
        ("NOENT", "number 44"),
        ("44", "NOENT"),
        ("ENOENT", "path_open"),
        ("fd_read", "readv"),
        ("env.emscripten_notify_memory_growth", "wazero"),
        ("wasi:http/types@0.2.0", "wasmtime serve"),
    ):
        assert text in agave("explain", name).stdout.decode()
    everything = agave("explain").stdout.decode()
    assert "path_open" in everything and "NOTCAPABLE" in everything and "wbg" in everything


def test_one_name_at_a_time_and_the_nearest_if_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="one name at a time"):
        main(["NOENT", "PERM"])
    with pytest.raises(Failure, match="nothing is known of path_opn; did you mean path_open"):
        main(["path_opn"])
    assert main([]) == 0 and "path_open" in capsys.readouterr().out
    assert main(["PERM"]) == 0
    assert capsys.readouterr().out.startswith("PERM: an error\n")
