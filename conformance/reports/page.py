"""The HTML report: one file that needs no network, with the document in it and a script that shows it."""

from __future__ import annotations

import json
from pathlib import Path

from conformance.outcome import MEANINGS
from conformance.reports.document import Document

HERE = Path(__file__).parent


def page(told: Document) -> str:
    """The report as a page."""
    data = json.dumps({**told, "meanings": {str(verdict): text for verdict, text in MEANINGS.items()}})
    for char, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        data = data.replace(char, escaped)  # nothing in it can end the script that it is in
    parts = {"/*STYLE*/": read("page.css"), "/*SCRIPT*/": read("page.js"), '"DATA"': data}
    text = read("page.html")
    for mark, part in parts.items():
        before, _, behind = text.partition(mark)
        text = before + part + behind
    return text


def read(name: str) -> str:
    """A part of the page, which lies beside this module."""
    return (HERE / name).read_text(encoding="utf-8")
