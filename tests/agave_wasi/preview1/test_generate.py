"""What is derived from the code is as the generator would write it."""

from __future__ import annotations

from agave_wasi.preview1 import generate


def test_generated_code_is_up_to_date() -> None:
    for path, text in generate.derived().items():
        assert path.read_text() == text, f"{path} is older than its source: run `nox -s generate`"
