"""JUnit XML, as CI services read it: a suite for each of ours on each runtime."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as Tree

from agave_wasi.terminal import printable
from conformance.reports.document import Document

BAD = {"FAIL": "failure", "XPASS": "failure", "FLAKY": "failure", "ERROR": "error"}
AS_EXPECTED = {"SKIP": "", "XFAIL": "expected failure: "}
"""Verdicts that CI shows as skipped."""


def junit(told: Document) -> str:
    """The report as XML."""
    top = Tree.Element("testsuites", name="agave-wasi conformance")
    for runtime in told["runtimes"]:
        for suite in dict.fromkeys(case["suite"] for case in told["cases"]):
            rows = [
                (case, outcome)
                for case in told["cases"]
                for outcome in case["outcomes"]
                if case["suite"] == suite and outcome["runtime"] == runtime["name"]
            ]
            top.append(suite_element(suite, runtime, rows))
    for key in ("tests", "failures", "errors", "skipped"):
        top.set(key, str(sum(int(each.get(key, "0")) for each in top)))
    Tree.indent(top)
    return Tree.tostring(top, encoding="unicode", xml_declaration=True) + "\n"


def suite_element(suite: str, runtime: Document, rows: list[tuple[Document, Document]]) -> Tree.Element:
    """A suite on a runtime. The reference isn't judged: what it does differently is told, and no failure."""
    name = f"{suite} on {runtime['name']}"
    element = Tree.Element("testsuite", name=printable(name))
    counts = {"tests": len(rows), "failure": 0, "error": 0, "skipped": 0}
    for case, outcome in rows:
        own = Tree.SubElement(element, "testcase", {
            "classname": printable(f"{suite}.{runtime['name']}"),
            "name": printable(case["name"]),
            "time": f"{outcome['seconds']:.4f}",
        })  # fmt: skip
        kind = kind_of(outcome, runtime)
        if kind:
            counts[kind] += 1
            reasons = [printable(each) for each in outcome["reasons"]]
            first = AS_EXPECTED.get(outcome["verdict"], f"{outcome['verdict']}: ") + (reasons[0] if reasons else "")
            Tree.SubElement(own, kind, message=flat(first)).text = "\n".join(reasons) if kind != "skipped" else None
    element.set("time", f"{sum(outcome['seconds'] for _, outcome in rows):.4f}")
    for key, count in (("tests", "tests"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(key, str(counts[count]))
    return element


def kind_of(outcome: Document, runtime: Document) -> str:
    """What CI is to take an outcome for; empty for a pass."""
    verdict: Any = outcome["verdict"]
    if verdict in BAD:
        return "skipped" if runtime["reference"] else BAD[verdict]
    return "skipped" if verdict in AS_EXPECTED else ""


def flat(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())
