"""Programs survive their files, and what is no program says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.fuzz.steps import BadProgramFile, Step, load, save
from tests.conformance.fuzz.sides import opening, writing

PROGRAM = [
    opening(4, "\udcff\0é"), writing(5, 4, [3, 0]),
    Step(6, "fd_seek", {"fd": {"of": 4}, "offset": (1 << 64) - 1, "whence": 1}, {3: 7}),
    Step(7, "fd_readdir", {"fd": {"of": 3}, "buf": 512, "cookie": {"entry": 2}}, walk=True),
]  # fmt: skip


def test_a_program_comes_back_from_its_file(tmp_path: Path) -> None:
    save(tmp_path / "p.json", PROGRAM, {"seed": 1})
    assert load(tmp_path / "p.json") == PROGRAM


@pytest.mark.parametrize(
    "content, reason",
    [
        ("{", "is no JSON"),
        ("[]", "is no program of agave-wasi fuzz"),
        ('{"format": "agave-wasi fuzz 1", "steps": [{"call": "fd_close"}]}', "a step isn't as agave-wasi fuzz writes them"),
        ('{"format": "agave-wasi fuzz 1", "steps": 3}', "a step isn't as agave-wasi fuzz writes them"),
    ],
)
def test_what_is_no_program_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(content)
    with pytest.raises(BadProgramFile, match=reason):
        load(path)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(BadProgramFile, match=r"nowhere\.json can't be read: No such file"):
        load(Path("nowhere.json"))
