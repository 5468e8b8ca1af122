"""What a campaign has found, as lines, as data, and as files that can be assembled again."""

from __future__ import annotations

from pathlib import Path

from agave_wasi.component import types as t
from agave_wasi.engines.capi import to_wasm
from conformance.fuzz.types.batch import Batch, Echo
from conformance.fuzz.types.campaign import Campaign, Finding
from conformance.fuzz.types.report import data, lines, save

SMALL = Batch(("utf8",), [Echo("t3", t.FuncType((("a", t.U8),), t.U8), [(1,)])])


def done() -> Campaign:
    found = Campaign(9, types=1000, batches=20, values=2000, raws=300)
    found.traps.update({"case": 5, "region": 7})
    found.keep(Finding(4, "t3", "t: the results differ", "func(a: u8) -> u8", ("utf8",), "(1,)", "2", "1", SMALL))
    found.keep(Finding(4, "t4", "t: another", "func()", ("utf8",), "()", "2", "1"))
    return found


def test_lines() -> None:
    text = "\n".join(lines(done(), ["found/1.wat", "found/2.wat"], False))
    assert "1. not explained: t: the results differ (batch 4, 1 times)" in text and "found/2.wat" in text
    assert "t3: func(a: u8) -> u8 through utf8" in text and "agave-wasi: 2" in text and "wasmtime-py: 1" in text
    assert "seed 9: 1,000 types, 0 different; 2,300 calls" in text
    assert "of 300 raw ones, 12 trapped on both sides (region 7, case 5)" in text and "not explained: 2" in text


def test_data() -> None:
    found = data(done(), [])
    assert (found["types"], found["values"], found["raw"], found["traps"]) == (1000, 2000, 300, {"region": 7, "case": 5})
    assert [each["function"] for each in found["found"]] == ["t3", "t4"] and found["found"][0]["file"] is None


def test_files(tmp_path: Path) -> None:
    first, second = map(Path, save(tmp_path, done()))
    assert first.read_text().startswith(";; seed 9, batch 4: t3\n;; what: t: the results differ\n;; type: func(a: u8) -> u8\n")
    assert to_wasm(first.read_bytes()).startswith(b"\0asm")
    assert second.read_text().endswith(";; it differs only beside the others of its batch\n")
