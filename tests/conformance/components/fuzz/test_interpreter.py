"""The guest is a valid component whose only export is `run`; programs are served record by record."""

from __future__ import annotations

from agave_wasi import World
from agave_wasi.component.binary import decode
from agave_wasi.component.validate import validate
from conformance.components.fuzz.functions import callees
from conformance.components.fuzz.interpreter import kinds, text, wasm
from conformance.components.fuzz.values import program, told
from tests.conformance.components.fuzz.programs import call


def test_it_is_valid() -> None:
    validate(decode(wasm()))
    assert text().count("$thunk") >= 3 * len(callees())


def test_kinds() -> None:
    found = [kinds(type) for type in callees()["descriptor.write"].params.values()]
    assert found == [["handle"], ["bytes", "number"], ["number"]]
    assert kinds(callees()["poll.poll"].params["in"]) == ["handles", "number"]


def test_many_calls_at_once() -> None:
    with World() as world, world.instantiate(wasm()) as live:
        steps = [call(4 + number, "random.get-random-bytes", len=1000) for number in range(200)]
        found = [each.value("random.get-random-bytes") for each in told(str(live.exports["run"](program(steps))))]
        assert len(set(found)) == 200 and {len(each) for each in found} == {1000}
        assert live.exports["run"]("") == ""
