"""The HTML report: one file that needs no network, with the document in it and a script that shows it."""

from __future__ import annotations

import json
from pathlib import Path

from conformance.diff import table
from conformance.outcome import MEANINGS
from conformance.reports.document import Document

HERE = Path(__file__).parent


def page(told: Document) -> str:
    """The report as a page."""
    plain = [{key: value for key, value in case.items() if key != "traces"} for case in told["cases"]]
    data = json.dumps({**told, "cases": plain, "meanings": {str(verdict): text for verdict, text in MEANINGS.items()}})
    for char, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        data = data.replace(char, escaped)  # nothing in it can end the script that it is in
    parts = {
        "/*STYLE*/": read("page.css") + table.STYLE, "/*SCRIPT*/": read("page.js"), '"DATA"': data,
        "<!--TRACES-->": templates(told),
    }  # fmt: skip
    text = read("page.html")
    for mark, part in parts.items():
        before, _, behind = text.partition(mark)
        text = before + part + behind
    return text


def templates(told: Document) -> str:
    """The traces of cases, each under its case's number: the script shows them with their cases."""
    return "\n".join(
        f'<template id="traces-{number}">{table.part(case["traces"])}</template>'
        for number, case in enumerate(told["cases"])
        if "traces" in case
    )


def read(name: str) -> str:
    """A part of the page, which lies beside this module."""
    return (HERE / name).read_text(encoding="utf-8")
