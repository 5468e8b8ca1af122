"""Feature gates: what they say, which contradict each other, and what they hide."""

from __future__ import annotations

import pytest

from tests.agave_wasi.witparse.texts import complaint, package

TEXT = """
@since(version = 1.0.0) interface i {
  @unstable(feature = new) f: func();
  @since(version = 1.0.0) @deprecated(version = 1.2.0) g: func();
  resource r { @unstable(feature = newer) m: func(); }
  @unstable(feature = newer) type t = u8;
}
@unstable(feature = new) interface j {}
world w { @unstable(feature = new) import j; import i; }
"""


def test_gates_are_in_the_model() -> None:
    found = package(TEXT)
    assert dict(found.interfaces["i"].gates) == {
        "": (("since", "1.0.0"),), "f": (("unstable", "new"),), "g": (("since", "1.0.0"), ("deprecated", "1.2.0")),
        "[method]r.m": (("unstable", "newer"),), "t": (("unstable", "newer"),),
    }  # fmt: skip
    assert dict(found.worlds["w"].gates) == {"import a:b/j@1.2.3": (("unstable", "new"),)}


@pytest.mark.parametrize(
    ("features", "functions", "interfaces", "types"),
    [
        (None, {"f", "g", "[method]r.m"}, {"i", "j"}, {"r", "t"}),
        ((), {"g"}, {"i"}, {"r"}),
        (("new",), {"f", "g"}, {"i", "j"}, {"r"}),
        (("newer",), {"g", "[method]r.m"}, {"i"}, {"r", "t"}),
    ],
)
def test_only_enabled_features_are_there(
    features: tuple[str, ...] | None, functions: set[str], interfaces: set[str], types: set[str]
) -> None:
    found = package(TEXT, features=features)
    interface = found.interfaces["i"]
    assert set(interface.functions) == functions and set(found.interfaces) == interfaces and set(interface.types) == types
    assert len(found.worlds["w"].imports) == len(interfaces)


@pytest.mark.parametrize(
    ("gates", "said"),
    [
        ("@since(version = 1.0.0) @unstable(feature = a)", "2:45: an item is @since or @unstable, not both"),
        ("@since(version = 1.0.0) @since(version = 1.1.0)", "2:42: an item has at most one @since"),
        ("@deprecated(version = 1.0.0)", "2:23: @deprecated needs a @since or @unstable beside it"),
        ("@since(version = 1.3.0)", "2:18: @since names version 1.3.0, but its package is still at 1.2.3"),
    ],
)
def test_gates_that_make_no_sense(gates: str, said: str) -> None:
    assert complaint(f"package a:b@1.2.3;\n{gates} interface i {{}}") == said
    for inside in ("interface i {{ {} f: func(); }}", "interface i {{ resource r {{ {} f: func(); }} }}",
                   "interface i {{ {} type t = u8; }}", "world w {{ {} import f: func(); }}"):  # fmt: skip
        assert said.partition(": ")[2] in complaint(f"package a:b@1.2.3;\n{inside.format(gates)}")


def test_a_package_without_a_version_has_no_gates_with_versions() -> None:
    assert "@since needs a package with a version" in complaint("package a:b; @since(version = 1.0.0) interface i {}")
    assert package("package a:b; @unstable(feature = a) interface i {}").interfaces["i"].gates[""] == (("unstable", "a"),)
