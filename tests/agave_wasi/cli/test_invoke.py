"""--invoke: numbers from the command line, results as text."""

from __future__ import annotations

import re
from struct import pack, unpack
from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.cli.failures import Failure
from agave_wasi.cli.invoke import invocation, shown
from agave_wasi.cli.options import UsageError
from tests.agave_wasi.guests import wat


def test_invoke(agave: Any) -> None:
    result = agave("run", "--invoke", "all", "numbers.wat", "-1", "0x7fffffffffffffff", "0.1", "1e21")
    assert result.stdout == b"-1\n9223372036854775807\n0.1\n1000000000000000000000\n"
    assert agave("run", "--invoke", "all", "numbers.wat", "4294967295", "-5", "inf", "nan").stdout == b"-1\n-5\ninf\nNaN\n"
    assert agave("run", "--invoke", "none", "numbers.wat").stdout == b""
    for arguments in ([], ["1", "2", "3"], ["x", "1", "1", "1"], ["4294967296", "1", "1", "1"]):
        wrong = agave("run", "--invoke", "all", "numbers.wat", *arguments)
        assert wrong.returncode == 2 and wrong.stdout == b"" and wrong.stderr.count(b"\n") == 1
    assert b"did you mean none?" in agave("run", "--invoke", "non", "numbers.wat").stderr


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (5, "i32", "5"), (-1, "i64", "-1"), (0.1, "f64", "0.1"), (1e21, "f64", "1000000000000000000000"), (100.0, "f64", "100"),
        (0.1, "f32", "0.1"), (16777216.0, "f32", "16777216"),
        (3.4028234663852886e38, "f32", "34028235" + "0" * 31),
        (1e-7, "f64", "0.0000001"), (-0.0, "f64", "-0"), (float("nan"), "f32", "NaN"), (float("inf"), "f64", "inf"),
        (float("-inf"), "f32", "-inf"),
    ],
)  # fmt: skip
def test_results_as_text(value: float, kind: str, text: str) -> None:
    if kind == "f32" and value == value:
        (value,) = unpack("<f", pack("<f", value))
    assert shown([value], [kind]) == [text]


PROGRAM = World().load(wat("""(module (func (export "f") (param i32 i64 f32) (result f64) (f64.const 0))
    (func (export "v") (param v128)) (memory (export "m") 1))"""), "x.wasm")


def test_arguments_take_the_functions_types() -> None:
    found = invocation(PROGRAM, "f", ["-1", "0xff", "1.5"])
    assert (found.name, found.arguments, found.results) == ("f", (-1, 255, 1.5), ("f64",))
    assert invocation(PROGRAM, "f", [str((1 << 32) - 1), str(-(1 << 63)), "inf"]).arguments[0] == (1 << 32) - 1


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["1"], "f takes 3 arguments, and 1 are given"), (["1.5", "1", "1"], "'1.5' is no i32"), (["1", "1", "x"], "no f32"),
        ([str(1 << 32), "1", "1"], "doesn't fit an i32"), ([str(-(1 << 31) - 1), "1", "1"], "doesn't fit an i32"),
        (["1", str(1 << 64), "1"], "doesn't fit an i64"),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit(arguments: list[str], why: str) -> None:
    with pytest.raises(UsageError, match=re.escape(why)):
        invocation(PROGRAM, "f", arguments)


def test_what_can_not_be_called() -> None:
    with pytest.raises(UsageError, match="an argument of type v128 can't be given"):
        invocation(PROGRAM, "v", ["1"])
    with pytest.raises(Failure, match="exports no function m; it exports f, v"):
        invocation(PROGRAM, "m", [])
