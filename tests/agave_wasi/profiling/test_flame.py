"""The page with the flame graph: one file that needs nothing else, and, where there is a Chromium, opened and clicked in it."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.profiling.flame import page
from tests.agave_wasi.profiling.measured import CALLS, calling, profiled
from tests.waiting import HANG

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--window-size=1200,900", "--virtual-time-budget=10000", "--dump-dom",
)  # fmt: skip
HOSTILE = "</script><b>&\u2028"
STEPS = """
const seen = {};
const bars = () => [...document.querySelectorAll('#graph button')];
const names = () => bars().map((each) => each.textContent);
const cells = () => [...document.querySelectorAll('#rows tr')].map((row) => row.cells[0].textContent);
seen.title = document.title;
seen.summary = document.getElementById('summary').textContent;
seen.all = names();
seen.rows = cells();
seen.wide = bars().filter((each) => ['everything', 'main'].includes(each.textContent)).map((each) => each.style.width);
bars().find((each) => each.textContent.startsWith('host.again')).click();
seen.zoomed = names();
seen.path = document.getElementById('path').textContent;
document.getElementById('whole').click();
seen.back = names().length === seen.all.length && document.getElementById('whole').hidden;
const find = document.getElementById('find');
find.value = 'LEAF';
find.dispatchEvent(new Event('input'));
seen.found = [...document.querySelectorAll('#graph button.found')].length;
seen.told = document.getElementById('found').textContent;
seen.left = cells();
find.value = '';
find.dispatchEvent(new Event('input'));
document.querySelector('th button[data-column="2"]').click();
seen.most = cells()[0];
seen.dark = getComputedStyle(document.body).backgroundColor;
seen.scripts = document.scripts.length;
document.body.setAttribute('data-seen', JSON.stringify(seen));
"""


def made() -> str:
    profiler, _ = profiled(CALLS.replace("$switch", f'$"{HOSTILE}"'), name="main", world=calling())
    return page(profiler, f"calls {HOSTILE}", lambda place: place.name)


def test_it_is_one_file_and_names_stay_text() -> None:
    text = made()
    assert "/*STYLE*/" not in text and "/*SCRIPT*/" not in text and '"DATA"' not in text
    assert re.findall(r"(?:src|href)=\"([^\"]*)\"", text) == ["data:,"]
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|<iframe|<img|innerHTML", text)
    assert "default-src 'none'" in text and "prefers-color-scheme: dark" in text
    assert text.count("</script>") == 2 and "<b>" not in text and "\u2028" not in text
    (data,) = re.findall(r'<script type="application/json" id="data">(.*)</script>', text)
    told = json.loads(data)
    assert told["name"] == f"calls {HOSTILE}" and HOSTILE in [place[0] for place in told["places"]]
    assert sum(node[3] for node in told["nodes"]) < told["total"] == told["nodes"][0][4] + told["total"] - told["nodes"][0][4]
    assert all(node[1] <= number for number, node in enumerate(told["nodes"]))  # parents first


@pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")
@pytest.mark.parametrize("dark", [False, True])
def test_clicking_through_it(tmp_path: Path, dark: bool) -> None:
    copy = tmp_path / "profile.html"
    copy.write_text(made().replace("</body>", f"<script>{{{STEPS}}}</script></body>"), encoding="utf-8")
    scheme = "--blink-settings=preferredColorScheme=0" if dark else "--blink-settings=preferredColorScheme=1"
    command = [CHROMIUM, *FLAGS, scheme, f"--user-data-dir={tmp_path / 'profile'}", copy.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG, errors="replace")
    found = re.search(r'data-seen="([^"]*)"', done.stdout)
    assert found, "the page's script has failed"
    seen: dict[str, Any] = json.loads(html.unescape(found[1]))
    assert HOSTILE in seen["title"] and seen["title"].startswith("Profile of calls")
    assert seen["summary"].startswith("783 instructions")
    assert set(seen["all"]) >= {"everything", "main", "leaf", "even", "odd", HOSTILE, "host.again", "inner", "host.fail"}
    assert seen["wide"][0] == "100%" and 90 < float(seen["wide"][1].removesuffix("%")) < 100
    assert "host.again host" in seen["rows"] and "odd" in seen["rows"]
    assert "odd" not in seen["zoomed"] and {"everything", "main", "host.again", "inner"} <= set(seen["zoomed"])
    assert seen["path"] == "main → host.again" and seen["back"]
    assert seen["found"] == 2 and seen["told"].startswith("1 found") and seen["left"] == ["leaf"]
    assert seen["most"] == "even" and seen["scripts"] == 3
    assert seen["dark"] == ("rgb(20, 23, 28)" if dark else "rgb(255, 255, 255)")
