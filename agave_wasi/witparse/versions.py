"""Versions of packages, and which of them fit each other. Specification: semver.org, and Explainer.md on canonical names.

Releases fit each other while the first number that isn't zero is the same: 0.2.1 and 0.2.12, 1.4 and 1.9. An importer of the
older one can do with the newer one. A prerelease fits only itself.
"""

from __future__ import annotations

MANY = 100
"""So many versions are remembered: a component asks for the same few again and again."""
_tracks: dict[str, str] = {}


def canonical(name: str) -> str:
    """The name that all releases have which fit each other: `wasi:io/streams@0.2` of `wasi:io/streams@0.2.9`.

    A name without a version, or with that of a prerelease, stays what it is.
    """
    plain, at, version = name.partition("@")
    if not at:
        return name
    found = _tracks.get(version)
    if found is None:
        if len(_tracks) >= MANY:
            _tracks.clear()
        found = _tracks[version] = track(version)
    return f"{plain}@{found}"


def track(version: str) -> str:
    """`1`, `0.2` or `0.0.3` of a release; a prerelease or what is no version stays what it is, without its build."""
    version = version.partition("+")[0]
    numbers = version.split(".")
    if len(numbers) != 3 or not all(each.isascii() and each.isdigit() for each in numbers):
        return version
    for count, number in enumerate(numbers, 1):
        if int(number):
            return ".".join(numbers[:count])
    return version


def fits(asked: str, found: str) -> bool:
    """May an importer of `asked` be given `found`, both names with versions? Only a later one may have all it needs."""
    return canonical(asked) == canonical(found) and order(asked.partition("@")[2]) <= order(found.partition("@")[2])


def order(version: str) -> tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]:
    """A key that sorts versions as semver has them; no version comes first."""
    core, _, prerelease = version.partition("+")[0].partition("-")
    numbers = tuple(int(each) for each in core.split(".") if each.isascii() and each.isdigit())
    parts = tuple((not each.isdigit(), int(each) if each.isdigit() else 0, each) for each in prerelease.split(".") if each)
    return numbers, not prerelease, parts
