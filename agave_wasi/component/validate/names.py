"""The names of imports and exports: what kinds there are, how each is written, when two are too alike.

    label                          a-b, JSON-reader: words of lower or of upper case
    [constructor]r  [method]r.f  [static]r.f      functions of the resource r
    namespace:package/interface@1.2.3
    unlocked-dep=<a:b@{>=1.0.0}>  locked-dep=<a:b@1.0.0>,integrity=<...>  url=<...>,integrity=<...>  integrity=<...>

Source: Component Model, Explainer, "Import and Export Definitions"; semver 2.0.0 for versions.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# In none of these is there more than one way to match a text, so that a long one can't take long.
_LABEL = re.compile(r"(?:[a-z][a-z0-9]*|[A-Z][A-Z0-9]*)(?:-(?:[a-z0-9]+|[0-9]*[A-Z][A-Z0-9]*))*")
_PACKAGE_LABEL = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NUMBER = r"(?:0|[1-9][0-9]*)"
_VERSION = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})"
    rf"(?:-(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_HASH = re.compile(r"(?:sha256|sha384|sha512)-[A-Za-z0-9+/]+={0,2}(?:\?.*)?", re.DOTALL)
# White space as Unicode has it; what str.split takes for it besides isn't.
_BLANKS = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_MAX_NUMBER = (1 << 64) - 1
_ANNOTATED = ("constructor", "method", "static")


class Name(NamedTuple):
    """A name taken apart. `kind`: "label", "constructor", "method", "static", "interface", "dependency", "url" or "integrity".

    `resource` is what an annotated name is about; `key` is equal for names that are too alike to stand side by side.
    """

    kind: str
    key: str
    resource: str = ""


class BadName(ValueError):
    """Why a text is no name of an import or export."""


def is_label(text: str) -> bool:
    """Is it words of one case each, joined by hyphens?"""
    return _LABEL.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """Is it a semantic version?"""
    found = _VERSION.fullmatch(text)
    return found is not None and all(len(number) <= 20 and int(number) <= _MAX_NUMBER for number in found.groups())


def canonical_version(version: str) -> str:
    """The part of a version that says what it is compatible with: 1 of 1.2.3, 0.2 of 0.2.3, all of 0.0.3 and of 1.2.3-rc."""
    plain = version.partition("+")[0]
    if "-" in plain:
        return plain
    major, minor, _ = plain.split(".")
    return major if major != "0" else f"0.{minor}" if minor != "0" else plain


def parse_name(text: str, version_suffix: str | None = None) -> Name:
    """Take a name apart; BadName if it is none. `version_suffix` is the rest of an interface's shortened version."""
    if text.startswith("["):
        return _annotated(text)
    for prefix, kind, read in _SOURCES:
        if text.startswith(prefix):
            read(text, text[len(prefix) :])
            return Name(kind, text)
    if ":" in text:
        return _interface(text, version_suffix)
    if not is_label(text):
        raise BadName(f"{text!r} isn't words of lower (or of upper) case joined by hyphens")
    return Name("label", text.lower())


def _annotated(text: str) -> Name:
    kind, _, rest = text[1:].partition("]")
    if kind not in _ANNOTATED:
        raise BadName(f"{text!r} begins with an annotation that doesn't exist; there are [constructor], [method] and [static]")
    resource, dot, member = rest.partition(".")
    if not is_label(resource) or (kind == "constructor") == bool(dot) or (dot and not is_label(member)):
        form = "resource" if kind == "constructor" else "resource.function"
        raise BadName(f"{text!r} isn't [{kind}]{form} with labels in it")
    if kind == "constructor":
        return Name(kind, f"[constructor]{resource.lower()}", resource)
    # A method that is named as its resource would be a second thing of that name.
    key = resource.lower() if resource.lower() == member.lower() else f"{resource}.{member}".lower()
    return Name(kind, key, resource)


def _package(text: str, what: str) -> None:
    namespace, colon, package = text.partition(":")
    if not colon or not _PACKAGE_LABEL.fullmatch(namespace) or not _PACKAGE_LABEL.fullmatch(package):
        raise BadName(f"{what} begins with namespace:package in lower case, and {text!r} isn't that")


def _interface(text: str, version_suffix: str | None) -> Name:
    path, at, version = text.partition("@")
    package, slash, interface = path.partition("/")
    _package(package, f"{text!r}, an interface's name,")
    if not slash or not is_label(interface):
        raise BadName(f"{text!r} has no interface's name after its package, as in namespace:package/interface")
    full = version + (version_suffix or "")
    if version_suffix is not None and not at:
        raise BadName(f"{text!r} has no version, which its suffix {version_suffix!r} could be added to")
    if version_suffix == "":
        raise BadName(f"the suffix of the version of {text!r} is empty")
    if at and not is_version(full):
        raise BadName(f"{full!r}, the version of {path!r}, is no semantic version such as 1.2.3")
    if version_suffix and canonical_version(full) != version:
        raise BadName(f"with a suffix, the version of {path!r} is {canonical_version(full)!r} for {full!r}, not {version!r}")
    return Name("interface", path.lower() + at + version)


def _integrity(text: str, rest: str) -> None:
    if not rest.endswith(">") or "<" in rest or ">" in rest[:-1]:
        raise BadName(f"{text!r}: integrity=<hashes> is expected")
    hashes = [each for each in _BLANKS.split(rest[:-1]) if each]
    if not hashes or not all(map(_HASH.fullmatch, hashes)):
        raise BadName(f"{text!r}: integrity is hashes such as sha256-... in base64")


def _bracketed(text: str, rest: str) -> str:
    """What stands before the closing bracket; behind it may be an integrity."""
    inside, closed, after = rest.partition(">")
    if not closed or "<" in inside:
        raise BadName(f"{text!r} is to have something between < and >")
    if after:
        if not after.startswith(",integrity=<"):
            raise BadName(f"{text!r}: only ,integrity=<...> may follow")
        _integrity(text, after[len(",integrity=<") :])
    return inside


def _url(text: str, rest: str) -> None:
    _bracketed(text, rest)


def _locked(text: str, rest: str) -> None:
    path, at, version = _bracketed(text, rest).partition("@")
    _dependency(text, path)
    if at and not is_version(version):
        raise BadName(f"{version!r}, the version in {text!r}, is no semantic version such as 1.2.3")


def _dependency(text: str, path: str) -> None:
    package, *rest = path.split("/")
    _package(package, f"the dependency in {text!r}")
    if len(rest) > 1 or not all(map(is_label, rest)):
        raise BadName(f"{path!r} in {text!r} is no package")


def _unlocked(text: str, rest: str) -> None:
    if not rest.endswith(">"):
        raise BadName(f"{text!r} is to have something between < and >")
    path, at, versions = rest[:-1].partition("@")
    _dependency(text, path)
    if not at or versions == "*":
        return
    bounds = versions[1:-1].split(" ")
    if versions[:1] + versions[-1:] != "{}" or len(bounds) > 2:
        raise BadName(f"{versions!r} in {text!r} is no range of versions: * or {{>=1.0.0 <2.0.0}}")
    signs = [">=" if bound.startswith(">=") else "<" if bound.startswith("<") else "" for bound in bounds]
    right = signs in ([">="], ["<"], [">=", "<"])
    if not right or not all(is_version(bound[len(sign) :]) for bound, sign in zip(bounds, signs, strict=True)):
        raise BadName(f"{versions!r} in {text!r} is no range of versions: * or {{>=1.0.0 <2.0.0}}")


# Names that say where an import comes from.
_SOURCES = (
    ("unlocked-dep=<", "dependency", _unlocked),
    ("locked-dep=<", "dependency", _locked),
    ("url=<", "url", _url),
    ("integrity=<", "integrity", _integrity),
)
