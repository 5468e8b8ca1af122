"""The document says what the expectations say."""

from __future__ import annotations

import pytest

from conformance.calls.documented import DOCUMENT, with_tables
from conformance.calls.known import known
from conformance.calls.rules import RULES


def test_the_committed_document_is_what_would_be_generated() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert with_tables(text) == text


def test_every_entry_and_every_rule_is_in_it() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert len(known()) > 20 and len(RULES) > 10
    for name in [*(each.id for each in known()), *(each.id for each in RULES.values())]:
        assert text.count(f"| `{name}` |") == 1


def test_a_document_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="has no place for the table of divergences"):
        with_tables("# Divergences\n")
