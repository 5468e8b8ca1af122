"""Descriptions as values: equal when files are, and as JSON without a loss."""

from __future__ import annotations

import json

from agave_wasi.binary import describe


def test_json(modules: dict[str, bytes]) -> None:
    for data in modules.values():
        found = describe(data, features=True)
        assert json.loads(json.dumps(found.to_json())) == found.to_json()
        assert found.to_json()["kind"] == "module"
