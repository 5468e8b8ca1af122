"""The instruction set as a table: every row is well formed and every feature explained."""

from __future__ import annotations

from agave_wasi.binary.opcodes import COUNTED, FEATURES, IMMEDIATES, TABLE


def test_every_feature_is_explained_and_every_row_is_well_formed() -> None:
    named = {feature for row in TABLE for feature in row[2].split()}
    named |= {feature for row in COUNTED for feature in row[4].split()}
    assert named <= FEATURES.keys()
    assert all(letter in IMMEDIATES for _, letters, _ in TABLE for letter in letters)
