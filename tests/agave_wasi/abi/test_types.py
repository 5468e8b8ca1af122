"""ABI types and the code that is generated from them, on a small interface of its own."""

from __future__ import annotations

import pytest

from agave_wasi.abi import types as abi


def test_types_that_are_not_finished_say_so() -> None:
    with pytest.raises(NotImplementedError):
        abi.AbiType().slots("x")
    for method in (abi.Result().check, abi.Result().lower):
        with pytest.raises(NotImplementedError):
            method()
