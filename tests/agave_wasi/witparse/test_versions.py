"""Versions: which fit each other, and their order."""

from __future__ import annotations

import itertools

import pytest

from agave_wasi.witparse.versions import canonical, fits, order, track


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("wasi:io/streams@0.2.9", "wasi:io/streams@0.2"),
        ("wasi:io/streams@0.2.12", "wasi:io/streams@0.2"),
        ("wasi:io/streams@0.2.0", "wasi:io/streams@0.2"),
        ("a:b/c@1.4.7", "a:b/c@1"),
        ("a:b@10.0.0", "a:b@10"),
        ("a:b/c@0.0.3", "a:b/c@0.0.3"),
        ("a:b/c@0.0.0", "a:b/c@0.0.0"),
        ("a:b/c@0.2.0-rc.1", "a:b/c@0.2.0-rc.1"),
        ("a:b/c@0.2.0-rc.1+x", "a:b/c@0.2.0-rc.1"),
        ("a:b/c@0.2.7+x", "a:b/c@0.2"),
        ("a:b/c@0.2", "a:b/c@0.2"),
        ("a:b/c@nonsense", "a:b/c@nonsense"),
        ("a:b/c", "a:b/c"),
        ("run", "run"),
    ],
)
def test_one_name_for_all_versions_that_fit(name: str, plain: str) -> None:
    assert canonical(name) == plain
    assert canonical(plain) == plain


def test_an_importer_is_given_its_version_or_a_later_one() -> None:
    assert fits("a:b/c@0.2.0", "a:b/c@0.2.12") and fits("a:b/c@0.2.12", "a:b/c@0.2.12") and fits("a:b/c", "a:b/c")
    assert not fits("a:b/c@0.2.12", "a:b/c@0.2.9")
    assert not fits("a:b/c@0.2.0", "a:b/c@0.3.0") and not fits("a:b/c@1.0.0", "a:b/d@1.0.0")
    assert not fits("a:b/c", "a:b/c@1.0.0")


def test_versions_are_sorted_as_semver_has_them() -> None:
    rising = ["", "0.2.9", "0.2.12", "1.0.0-2", "1.0.0-10", "1.0.0-a", "1.0.0-a.1", "1.0.0-b", "1.0.0", "1.0.1", "2.0.0"]
    for earlier, later in itertools.pairwise(rising):
        assert order(earlier) < order(later), (earlier, later)
    assert order("1.0.0+a") == order("1.0.0+b")
    assert track("1.2.3") == "1"
