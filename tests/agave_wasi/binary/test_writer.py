"""The encoder writes what the reader reads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agave_wasi.binary import writer
from agave_wasi.binary.reader import MODULE_PREAMBLE, Reader, sections


@given(st.lists(st.text(max_size=20), max_size=8))
def test_vector_of_names(names: list[str]) -> None:
    reader = Reader(writer.vector([writer.name(name) for name in names]))
    assert [reader.name() for _ in range(reader.count())] == names
    assert not reader


@given(st.text(max_size=20), st.binary(max_size=300))
def test_custom_section(name: str, payload: bytes) -> None:
    data = MODULE_PREAMBLE + b"".join(writer.custom(name, payload))
    (found,) = sections(data)
    assert found.name == name
    assert data[found.start : found.end] == payload


def test_numbers_are_as_short_as_possible() -> None:
    assert writer.unsigned(127) == b"\x7f"
    assert writer.unsigned(128) == b"\x80\x01"
    assert writer.signed(-64) == b"\x40"
    assert writer.signed(64) == b"\xc0\x00"
