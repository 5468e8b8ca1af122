"""Names of functions as the source has them; what isn't understood stays as it is."""

from __future__ import annotations

import pytest

from agave_wasi.demangle import demangle


@pytest.mark.parametrize(
    ("mangled", "plain"),
    [
        ("main", "main"),
        ("_ZN3foo3bar17h0123456789abcdefE", "foo::bar"),
        ("_ZN4core6option15Option$LT$T$GT$6unwrap17h0123456789abcdefE", "core::option::Option<T>::unwrap"),
        ("_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE",
         "<alloc::string::String as core::fmt::Display>::fmt"),
        ("_ZN3foo3bar17h0123456789abcdefE.llvm.5", "foo::bar"),
        ("_ZN3foo3bar17h0123456789abcdefEv", "_ZN3foo3bar17h0123456789abcdefEv"),
        ("_ZN3foo17hzzzzzzzzzzzzzzzzEv", "foo::hzzzzzzzzzzzzzzzz"),
        ("_ZN3foo17x0123456789abcdefEv", "foo::x0123456789abcdef"),
        ("_ZN3foo5h0123Ev", "foo::h0123"),
        ("_ZN3foo3barEv", "foo::bar"),
        ("_ZNK3foo3barEi", "foo::bar"),
        ("_Z4funci", "func"),
        ("_ZN3fooI", "_ZN3fooI"),
        ("_ZN99foo", "_ZN99foo"),
        ("_Z", "_Z"),
        ("_RNvCs1234_7mycrate3foo", "mycrate::foo"),
        ("_RNvNtCs1234_7mycrate3mod3foo", "mycrate::mod::foo"),
        ("_RNCNvCs1234_7mycrate3foo0", "mycrate::foo::{closure}"),
        ("_RINvCs1_1a1bE", "_RINvCs1_1a1bE"),
        ("_R", "_R"),
    ],
)  # fmt: skip
def test_demangling(mangled: str, plain: str) -> None:
    assert demangle(mangled) == plain
