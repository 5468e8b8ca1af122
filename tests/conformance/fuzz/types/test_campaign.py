"""Campaigns find nothing while both sides do the same; what is broken on purpose is found, told once, and made small."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.abi.memory import Trap
from agave_wasi.component import strings
from agave_wasi.component import types as t
from conformance.fuzz.types import campaign as campaigns
from conformance.fuzz.types import ours
from conformance.fuzz.types.batch import Batch, Echo
from conformance.fuzz.types.campaign import COMPONENT, MOST_FINDINGS, Campaign, Engines, Finding, compare, run
from conformance.fuzz.types.traps import Refused


@pytest.fixture(scope="module")
def engines() -> Engines:
    return Engines()


def test_nothing_is_found() -> None:
    seen: list[int] = []
    done = run(11, 130, progress=lambda campaign: seen.append(campaign.types))
    assert done.found == [] and seen == [50, 100, 130] and done.batches == 3
    assert done.values == 260 and done.raws > 30 and sum(done.traps.values()) > 10
    assert 100 < done.different <= 130 and done.calls == done.values + done.raws
    assert {"case", "region"} <= done.traps.keys() <= {"case", "region", "char", "text"}
    assert done.spoiled.total() == done.raws


def test_time_and_first_batch() -> None:
    assert run(11, 130, minutes=-1).types == 0
    assert run(11, 20, first=1).batches == 1


def test_a_wrong_value_is_found_and_made_small(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = strings.CODECS["utf8"]
    monkeypatch.setitem(strings.CODECS, "utf8", (lambda *given: read(*given)[:3], write))
    done = run(12, 60)
    found = {each.what: each for each in done.found}
    wrong = found.get("t: the results differ") or found["t: the host has received something else"]
    assert wrong.times > 0 and wrong.small is not None and len(wrong.small.echoes) == 1
    assert wrong.name == wrong.small.echoes[0].name


def test_a_missing_trap_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from agave_wasi.component import lift

    monkeypatch.setattr(lift, "_bad_case", lambda type, tag: _Unseen())
    found = run(11, 130).found
    assert any(each.what.startswith(("r: ", "g: ")) for each in found)


class _Unseen(Trap):
    """A trap for another reason."""

    def __init__(self) -> None:
        super().__init__("for no reason")


def test_what_one_side_refuses(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = Batch(("utf8",), [Echo("t0", t.FuncType((("a", t.U8),), t.U8), [(1,)])])

    def refuse(component: Any) -> None:
        raise Refused("not\n this one")

    monkeypatch.setattr(ours, "validate", refuse)
    (found,) = compare(batch, engines, Campaign(0))
    assert (found.name, found.what) == (COMPONENT, "refused by agave-wasi: not this one")
    assert (found.ours, found.theirs) == ("not this one", "")


def test_our_own_exceptions_are_findings(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Any, type: t.FuncType, *values: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(ours.Ours, "answer", broken)
    batch = Batch(("utf8",), [Echo("t0", t.FuncType((("a", t.U8),), t.U8), [(1,), (2,)])])
    found = compare(batch, engines, Campaign(0))
    assert [each.what for each in found] == ["t: RuntimeError: broken"] * 2


def test_findings_are_counted_by_what_they_are() -> None:
    def finding(what: str) -> Finding:
        return Finding(0, "t0", what, "", (), "", "", "")

    done = Campaign(0)
    for what in ("a", "b", "a"):
        done.keep(finding(what))
    assert [(each.what, each.times) for each in done.found] == [("a", 2), ("b", 1)]


def test_it_ends_when_there_is_enough_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def many(*given: Any) -> list[Finding]:
        return [Finding(0, "t0", str(number), "", (), "", "", "") for number in range(MOST_FINDINGS)]

    monkeypatch.setattr(campaigns, "compare", many)
    monkeypatch.setattr(campaigns, "_small", lambda *given: None)
    assert run(1, 1000).batches == 1
