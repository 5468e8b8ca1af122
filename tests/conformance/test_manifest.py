"""Reading manifests: both kinds become one form, and whatever else a file holds is an error that names the cure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.errors import HarnessError
from conformance.manifest import checked, load_json, read_manifest


def test_without_a_manifest_a_guest_must_say_nothing_and_exit_with_0(tmp_path: Path) -> None:
    found = read_manifest(tmp_path / "none.json")
    assert (found["args"], found["env"], found["root"], found["exit_code"]) == ([], {}, None, 0)
    assert (found["stdout"], found["stderr"], found["unstated"]) == ("", "", ["stdout", "stderr"])
    assert found["bare"]
    assert "bare" not in read_manifest(tmp_path / "none.json", empty_root=True)


def test_nulls_are_left_out() -> None:
    assert checked({"args": None, "root": None, "stdout": None}, "m")["stdout"] == ""


@pytest.mark.parametrize(
    "manifest, reason",
    [
        ({"operations": [{"type": "run"}], "servers": [{"name": "a"}]}, "needs http"),
        ({"proposals": ["sockets", "threads"]}, "needs the proposal threads"),
        ({"world": "wasi:http/service"}, "needs http"),
    ],
)
def test_what_no_runtime_can_be_given_says_so(manifest: dict[str, Any], reason: str) -> None:
    assert checked(manifest, "m")["unsupported"] == reason


def test_the_world_of_a_component_is_a_text() -> None:
    assert "world" not in checked({"world": "wasi:cli/command"}, "m")


@pytest.mark.parametrize(
    "manifest, words",
    [
        ([], "m: the manifest must be an object"),
        ({"arguments": []}, "there is no key 'arguments'; did you mean args?"),
        ({"args": "a"}, "args must be a list of texts"),
        ({"args": [1]}, "args must be a list of texts"),
        ({"args": ["a\0b"]}, "args must be"),
        ({"env": {"A=B": "c"}}, "env must be an object of texts"),
        ({"env": ["A"]}, "env must be"),
        ({"exit_code": "0"}, "exit_code must be a number"),
        ({"exit_code": True}, "exit_code must be a number"),
        ({"stdout": 1}, "stdout must be a text"),
        ({"root": "/etc"}, "root must be the name of a folder beside"),
        ({"root": "../.."}, "root must be"),
        ({"root": "a/../../b"}, "root must be"),
        ({"root": ".."}, "root must be"),
        ({"root": 5}, "root must be"),
        ({"dirs": ["/"]}, "root must be"),
        ({"trap": 1}, "trap must be true or false"),
        ({"after": {"f": "x"}}, "paths from / on, not 'f'"),
        ({"after": {"/f": 1}}, "after /f must be a text, null"),
        ({"after": {"/f": {"base64": "?"}}}, "after /f must be"),
        ({"after": []}, "after must be an object"),
        ({"operations": {}}, "operations must be a list of objects"),
        ({"operations": []}, "a list with a run"),
        ({"operations": [{"type": "jump"}]}, "operation 1 must be one of run, wait, write, read, connect"),
        ({"exit_code": None, "world": 1}, "exit_code must be a number"),
        ({"operations": [{"type": "run"}, {"type": "read", "id": "stdin"}]}, "id stdout or stderr"),
        ({"world": []}, "world must be an object"),
        ({"world": {"quotas": 1}}, "without 'quotas'; known are beside, clock_step, entropy, file_size"),
        ({"world": {"quota": -1}}, "world.quota must be a number"),
        ({"world": {"machine": False}}, "world.machine must be true"),
        ({"world": {"rights": "lax"}}, "world.rights must be"),
        ({"world": {"entropy": 1}}, "world.entropy must be"),
        ({"world": {"stdin": {"date": "x"}}}, "world.stdin must be an object with some of data, then"),
        ({"world": {"peers": {}}}, "world.peers must be a list"),
        ({"world": {"peers": [{"sends": 1}]}}, "world.peers must be an object"),
        ({"world": {"mounts": [{"guest": "/m", "mode": "rw"}]}}, "with mode ro or memory or failing or host or overlay"),
        ({"world": {"mounts": [{"guest": "/m", "mode": "overlay", "of": "/n"}]}}, "earlier mount with mode host"),
        ({"world": {"mounts": [{"guest": "/m", "mode": "host", "of": "/m"}]}}, "earlier mount with mode host"),
        ({"world": {"mounts": [{"guest": "/m", "mode": "host"}, {"guest": "/n", "mode": "ro", "of": "/m"}]}}, "with mode host"),
        ({"world": {"mounts": [{"guest": "/m", "mode": "overlay", "quota": "1"}]}}, "guest, root, mode, of, quota"),
        ({"world": {"taken": -1}}, "world.taken must be a number"),
        ({"world": {"clock_step": "long"}}, "world.clock_step must be a number, as in 64"),
        ({"world": {"beside": "other"}}, "world.beside must be a list"),
        ({"world": {"beside": [1]}}, "world.beside must be a list of texts"),
        ({"world": {"beside": ["/other"]}}, "not '/other'"),
        ({"world": {"mounts": [{"guest": "/m", "mode": "ro", "root": "/"}]}}, "root must be"),
    ],
)
def test_what_is_wrong_is_named(manifest: Any, words: str) -> None:
    with pytest.raises(HarnessError) as caught:
        checked(manifest, "m")
    assert words in str(caught.value)


def test_what_is_no_json_is_said(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    for data in (b"{", b"\xff", b"[" * 100_000):
        path.write_bytes(data)
        with pytest.raises(HarnessError, match=r"m.json is no JSON"):
            load_json(path)
    with path.open("wb") as file:
        file.truncate(17 << 20)
    with pytest.raises(HarnessError, match="larger than 16 MiB"):
        load_json(path)
    with pytest.raises(HarnessError, match="can't be read"):
        load_json(tmp_path / "none.json")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from(
    ["args", "env", "root", "exit_code", "stdout", "stdin", "dirs", "after", "world", "operations", "servers"]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(keys, values, max_size=4))
def test_anything_is_a_manifest_or_an_error_of_ours(manifest: dict[str, Any]) -> None:
    try:
        found = checked(manifest, "m")
    except HarnessError as error:
        assert str(error).startswith("m: ")
    else:
        json.dumps(found)
        assert isinstance(found["exit_code"], int)


def test_an_empty_list_of_folders_is_none_at_all() -> None:
    assert checked({"dirs": []}, "m", empty_root=True)["bare"]
    assert "bare" not in checked({}, "m", empty_root=True) and checked({}, "m")["bare"]
