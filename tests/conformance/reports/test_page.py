"""The HTML report: one file that needs nothing else, and, where there is a Chromium, opened and clicked in it."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conformance.calls.compare import compare
from conformance.calls.equal import Equal
from conformance.calls.known import known
from conformance.diff.rows import Traces, alone, traces
from conformance.diff.verdict import judge
from conformance.outcome import Verdict
from conformance.reports.page import page, read
from tests.conformance.calls.running import both, module
from tests.conformance.calls.test_compare import FILES
from tests.conformance.diff.test_command import spoil
from tests.conformance.reports.told import told
from tests.waiting import HANG

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--virtual-time-budget=10000", "--dump-dom",
)  # fmt: skip
in_browser = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")


def test_it_is_one_file(tmp_path: Path) -> None:
    text = page(told(tmp_path))
    assert "/*STYLE*/" not in text and "/*SCRIPT*/" not in text and '"DATA"' not in text
    assert re.findall(r"(?:src|href)=\"([^\"]*)\"", text) == ["data:,"]
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|<iframe|<img", text)
    assert "default-src 'none'" in text  # so that the browser would refuse, too


def traced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Traces]:
    """A case with both traces, which differ, and one whose world the reference can't have; both say hostile things."""
    spoil(monkeypatch)
    folder.mkdir()
    name, length = '"</template><b>"', "(i32.const 32) (i32.const 14)"
    hostile = FILES.replace('"hello"', name).replace("(i32.const 32) (i32.const 5)", length)
    comparison = compare(*both(Equal(module(folder, hostile))), known())
    reason = "needs <i>a limit</i> of what the file system holds"
    one_side = alone("agave-wasi", "exit code 1", ["one(</td>) = 0", "two() = NOSPC"], reason)
    return {"made/fail": traces(judge("fail", comparison, False)), "made/error": one_side}


def test_traces_are_in_the_page_once_and_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = page(told(tmp_path / "s", traced(tmp_path / "t", monkeypatch)))
    assert "/*STYLE*/" not in text and "<!--TRACES-->" not in text and text.count("<template ") == 2
    assert text.count("</template>") == 2 and text.count("</script>") == 2 and "<b>" not in text and "<i>" not in text
    (data,) = re.findall(r'<script type="application/json" id="data">(.*)</script>', text)
    assert all("traces" not in case for case in json.loads(data)["cases"])
    assert text.count("two() = NOSPC") == 1 and text.count('<tr class="unknown">') == 1


def test_nothing_in_the_data_ends_its_script(tmp_path: Path) -> None:
    document = told(tmp_path)
    text = page(document)
    assert text.count("</script>") == 2
    (data,) = re.findall(r'<script type="application/json" id="data">(.*)</script>', text)
    assert json.loads(data)["cases"] == document["cases"]


def test_every_verdict_has_a_sign_and_colours_for_both_grounds() -> None:
    style, script = read("page.css"), read("page.js")
    signs = dict(re.findall(r"(\w+): '(.)'", script.partition("const SIGNS")[2].partition("}")[0]))
    assert signs.keys() == set(Verdict) and len(set(signs.values())) == len(signs)
    light, dark = style.partition("prefers-color-scheme: dark")[::2]
    for verdict in Verdict:
        for part in (light, dark):
            assert contrast(colour(part, verdict), colour(part, "ground")) >= 4.5, verdict
            if f"--{verdict}-ground" in part:
                assert contrast(colour(part, verdict), colour(part, f"{verdict}-ground")) >= 4.5, verdict


def colour(style: str, name: str) -> tuple[int, ...]:
    """A variable's value: red, green, blue."""
    found = re.search(rf"--{name}: #(\w{{6}})", style)
    assert found, name
    return tuple(bytes.fromhex(found[1]))


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """As WCAG defines it; 4.5 is what text needs."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(parts: tuple[int, ...]) -> float:
    """Of a colour, as WCAG defines it."""
    linear = [part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


STEPS = """
const seen = {title: document.title};
const lines = () => [...document.querySelectorAll('#matrix tbody tr')];
const rows = () => lines().map((row) => row.querySelector('th').textContent);
const look = () => document.getElementById('case').innerText;
seen.first = look();
seen.all = rows();
seen.cells = lines().map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText.trim()));
seen.count = document.getElementById('count').textContent;
for (const box of document.querySelectorAll('#verdicts input')) if (box.value !== 'FLAKY') box.click();
seen.flaky = rows();
seen.hash = location.hash;
for (const box of document.querySelectorAll('#verdicts input')) if (box.value !== 'FLAKY') box.click();
const find = document.getElementById('find');
find.value = 'EXIT_CODE 1';
find.dispatchEvent(new Event('input'));
seen.found = rows();
find.value = '';
find.dispatchEvent(new Event('input'));
const names = [...document.querySelectorAll('#matrix button.name')];
names.find((each) => each.textContent === 'made/files').click();
seen.open = document.getElementById('case').open;
seen.files = look();
const differs = document.querySelectorAll('#case section[data-runtime=agave-wasi] td.differs');
seen.differs = [...differs].map((each) => each.innerText);
seen.order = [...document.querySelectorAll('#case section')].map((each) => each.dataset.runtime);
seen.opened = location.hash;
document.getElementById('close').click();
seen.closed = !document.getElementById('case').open;
[...document.querySelectorAll('#matrix button.FAIL')][0].click();
seen.fail = look();
const calls = (mark) => [...document.querySelectorAll(`#case .host-calls tr.${mark}:not(.note)`)];
const cells = (row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText);
seen.sides = [...document.querySelectorAll('#case .host-calls table:last-of-type th')].map((each) => each.innerText);
seen.unknown = calls('unknown').map(cells);
seen.notes = [...document.querySelectorAll('#case .host-calls tr.note')].map((each) => each.innerText.trim());
seen.ground = calls('unknown').map((row) => getComputedStyle(row.cells[0]).backgroundColor);
document.getElementById('close').click();
[...document.querySelectorAll('#matrix button.ERROR')][0]?.click();
seen.alone = document.querySelector('#case .host-calls')?.innerText;
document.getElementById('close').click();
names.find((each) => each.textContent === 'made/good')?.click();
seen.without = document.querySelectorAll('#case .host-calls').length;
seen.scripts = document.scripts.length;
document.body.setAttribute('data-seen', JSON.stringify(seen));
"""


def clicked(folder: Path, text: str, address: str = "") -> dict[str, Any]:
    """What the steps see in a browser. They are a further script in a copy of the page."""
    copy = folder / "report.html"
    copy.write_text(text.replace("</body>", f"<script>{{{STEPS}}}</script></body>"), encoding="utf-8")
    profile = folder / "profile"
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", copy.as_uri() + address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG, errors="replace")
    found = re.search(r'data-seen="([^"]*)"', done.stdout)
    assert found, "the page's script has failed"
    result: dict[str, Any] = json.loads(html.unescape(found[1]))
    return result


@in_browser
def test_clicking_through_it(tmp_path: Path) -> None:
    seen = clicked(tmp_path, page(told(tmp_path / "s")))
    names = ["error", "fail", "files", "flaky", "good", "skip", "xfail", "xpass"]
    assert seen["all"] == [f"made/{name}" for name in names] and seen["count"] == "8 of 8 cases"
    assert seen["cells"][0] == ["⚠ ERROR", "✓ PASS"] and seen["cells"][5] == ["\u2013 SKIP", "✓ PASS"]
    assert seen["flaky"] == ["made/flaky"] and "hide=" in seen["hash"] and "FLAKY" not in seen["hash"]
    assert seen["found"] == ["made/fail", "made/flaky", "made/xfail"]
    assert seen["open"] and "case=made%2Ffiles" in seen["opened"] and seen["closed"]
    assert "FAIL on agave-wasi" in seen["files"] and "FAIL on wasmtime-py" in seen["files"]
    assert seen["differs"] == ["other", "link to x", "a pipe"]
    assert "<b>" in seen["fail"] and "</script>" in seen["fail"]  # shown, and nothing more
    assert seen["title"] == "agave-wasi conformance" and seen["scripts"] == 3


@in_browser
def test_a_failing_case_has_both_traces_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = clicked(tmp_path, page(told(tmp_path / "s", traced(tmp_path / "t", monkeypatch))))
    assert seen["sides"][2] == "agave-wasi" and seen["sides"][3].startswith("wasmtime ")
    ((number, mark, ours, theirs),) = seen["unknown"]
    assert number.isdecimal() and mark == "\N{NOT EQUAL TO}"
    assert ours.startswith("path_unlink_file(3</>, ") and "= ACCES" in ours and "= NOENT" in theirs
    assert seen["notes"][0] == "errno: ACCES against NOENT" and len(seen["notes"]) == 2
    assert seen["ground"] == ["rgb(255, 227, 194)"]
    assert '"</template><b>"' in ours and '"</template><b>"' in theirs  # shown, and nothing more
    assert "needs <i>a limit</i> of" in seen["alone"] and "one(</td>) = 0" in seen["alone"] and "wasmtime" not in seen["alone"]
    assert seen["without"] == 0 and seen["title"] == "agave-wasi conformance" and seen["scripts"] == 3


@in_browser
def test_an_address_leads_to_a_case_and_a_filter(tmp_path: Path) -> None:
    seen = clicked(tmp_path, page(told(tmp_path / "s")), "#find=known&case=made%2Fxfail")
    assert seen["all"] == ["made/xfail", "made/xpass"]
    assert seen["first"].startswith("made/xfail")


@in_browser
def test_what_does_not_pass_comes_first_on_a_case_s_page(tmp_path: Path) -> None:
    document = told(tmp_path / "s")
    for row in document["cases"]:
        row["outcomes"].reverse()
        row["outcomes"][0]["verdict"] = "PASS"
    assert clicked(tmp_path, page(document))["order"] == ["agave-wasi", "wasmtime-py"]
