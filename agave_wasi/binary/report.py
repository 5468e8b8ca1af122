"""A description for people: blocks of rows that a command may lay out as it likes, or print as plain lines."""

from __future__ import annotations

from dataclasses import dataclass

from agave_wasi.binary.opcodes import FEATURES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from agave_wasi.binary.description import ModuleDescription

_KINDS = {
    "module": "a core WebAssembly module",
    "component": "a WebAssembly component",
    "text": "WebAssembly text",
    "unknown": "not WebAssembly",
}

# What a module was built for, by the names of the modules it imports; a star is any ending, the first row wins.
_PLATFORMS = (
    ("wasi_snapshot_preview1", "WASI Preview 1"),
    ("wasi_unstable", "WASI Preview 0, the draft before Preview 1"),
    ("wasi:*", "WASI, as the core of a component"),
    ("cm32p2*", "a component's host, as its core"),
    ("wasix_*", "WASIX"),
    ("wbg", "JavaScript (wasm-bindgen)"),
    ("env", "a host of its own (env)"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """A titled table; every row has the same number of cells."""

    title: str
    rows: tuple[tuple[str, ...], ...]


Report = tuple[Block, ...]


def render(description: ModuleDescription) -> Report:
    """What it is, imports by module, exports, memories, features, sizes, problems; blocks without rows are left out."""
    blocks = [Block("what it is", tuple(_what(description)))]
    groups: dict[str, list[tuple[str, ...]]] = {}
    for item in description.imports:
        groups.setdefault(item.module, []).append((item.name, item.kind, str(item.type)))
    blocks += [Block(f"imports from {module}", tuple(rows)) for module, rows in groups.items()]
    blocks += [
        Block("exports", tuple((item.name, item.kind, str(item.type)) for item in description.exports)),
        Block("memories", tuple(_memories(description))),
        Block("tables", tuple((str(index), str(type)) for index, type in enumerate(description.tables))),
        Block("features", tuple(_features(description))),
        Block("sizes", tuple(_sizes(description))),
        Block("problems", tuple((problem,) for problem in description.problems)),
    ]
    return tuple(block for block in blocks if block.rows)


def lines(report: Report) -> list[str]:
    """The report as plain lines, columns aligned."""
    found: list[str] = []
    for block in report:
        title = _shown(block.title)
        found += ["", title] if found else [title]
        widths = [max(len(_shown(row[column])) for row in block.rows) for column in range(len(block.rows[0]))]
        for row in block.rows:
            cells = (_shown(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
            found.append(f"  {'  '.join(cells)}".rstrip())
    return found


def _shown(text: str) -> str:
    """Names come from the guest: nothing of them may steer the terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _what(description: ModuleDescription) -> Iterator[tuple[str, str]]:
    yield "kind", _KINDS[description.kind]
    if description.kind == "component":
        cores = sum(section.name == "core module" for section in description.sections)
        yield "contains", f"{cores} core modules, {len(description.sections)} sections"
    if description.kind != "module":
        return
    if description.name:
        yield "name", description.name
    yield "role", _role(description)
    platforms = [platform for pattern, platform in _PLATFORMS if _imports_from(description, pattern)]
    if platforms:
        yield "built for", platforms[0]
    for field, values in description.producers:
        yield field, ", ".join(f"{name} {version}".strip() for name, version in values)
    if description.start is not None:
        yield "start function", str(description.start)
    customs = {section.name for section in description.custom_sections}
    if "linking" in customs:
        yield "linking", "a relocatable object file, not linked yet"
    if "dylink.0" in customs or "dylink" in customs:
        yield "linking", "a shared library"
    debug = [text for name, text in ((".debug_info", "DWARF"), ("name", "function names")) if name in customs]
    debug += [text for name, text in (("external_debug_info", "DWARF in another file"),) if name in customs]
    debug += [text for name, text in (("sourceMappingURL", "a source map"),) if name in customs]
    yield "debug information", ", ".join(debug) or "none"


def _role(description: ModuleDescription) -> str:
    functions = {item.name for item in description.exports if item.kind == "func"}
    if "_start" in functions:
        return "a command: it runs once, from _start"
    if "_initialize" in functions:
        return "a reactor: it is set up by _initialize, then called"
    return "a library: its exports are called" if functions else "nothing can be called"


def _imports_from(description: ModuleDescription, pattern: str) -> bool:
    if pattern.endswith("*"):
        return any(item.module.startswith(pattern[:-1]) for item in description.imports)
    return any(item.module == pattern for item in description.imports)


def _memories(description: ModuleDescription) -> Iterator[tuple[str, str, str]]:
    imported = sum(item.kind == "memory" for item in description.imports)
    for index, type in enumerate(description.memories):
        least = f"at least {size_in_words(type.minimum << type.page_log2)}"
        most = "" if type.maximum is None else f", at most {size_in_words(type.maximum << type.page_log2)}"
        yield str(index), str(type) + (" imported" if index < imported else ""), least + most


def _features(description: ModuleDescription) -> Iterator[tuple[str, str]]:
    if description.kind != "module":
        return
    for feature in description.features:
        yield feature, FEATURES[feature]
    if not description.features_complete:
        yield "(more)", "function bodies were not read"
    declared = " ".join(prefix + name for prefix, name in description.target_features)
    if declared:
        yield "declared", declared


def _sizes(description: ModuleDescription) -> Iterator[tuple[str, str, str]]:
    yield "file", size_in_words(description.size), ""
    if description.kind == "module":
        total = description.imported_functions
        yield "code", size_in_words(description.code_size), f"{description.function_count} functions, {total} imported"
        yield "data", size_in_words(description.data_size), f"{description.data_segments} segments"
    for section in description.custom_sections:
        yield f"custom {section.name}", size_in_words(section.size), ""


def size_in_words(size: int) -> str:
    """A size as people read it."""
    amount = float(size)
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB"):
        if amount < 1024:
            return f"{size} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} EiB"
