"""The one door to everything that is done with this project: `nox -l` lists it.

Each session installs what it needs into an environment of its own; with `--no-venv` it uses the current one.
"""

from __future__ import annotations

import nox

nox.options.sessions = ["lint", "type", "architecture", "test"]
nox.options.reuse_existing_virtualenvs = True
PYTHONS = ["3.11", "3.12", "3.13"]
CODE = ["kernel_sim", "agave_wasi", "conformance", "benchmarks", "demo", "tests", "noxfile.py"]


def install(session: nox.Session, extra: str = "dev") -> None:
    if session.virtualenv.is_sandboxed:
        session.install("-e", f".[{extra}]")


@nox.session
def fmt(session: nox.Session) -> None:
    """Sort imports and mend what ruff can mend."""
    install(session)
    session.run("ruff", "check", "--fix", *CODE)


@nox.session
def lint(session: nox.Session) -> None:
    """Style and mistakes, by ruff."""
    install(session)
    session.run("ruff", "check", *CODE)


@nox.session(name="type")
def type_check(session: nox.Session) -> None:
    """Types, by mypy in its strict mode; those of the tests too."""
    install(session)
    session.run("mypy", *CODE)


@nox.session
def architecture(session: nox.Session) -> None:
    """Who may import whom: the contracts in pyproject.toml, by import-linter."""
    install(session)
    session.run("lint-imports")


@nox.session
def test(session: nox.Session) -> None:
    """All tests but the slow ones, with the branches that they covered; AGAVE_SLOW=1 adds those."""
    install(session, "test")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def kernel_coverage(session: nox.Session) -> None:
    """The kernel's own tests alone, with the branches that they covered; quick enough for every run of CI."""
    install(session, "test")
    session.run("coverage", "run", "--source=kernel_sim", "-m", "pytest", "-q", "tests/kernel_sim")
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report", "--fail-under=95")


@nox.session(python=PYTHONS)
def versions(session: nox.Session) -> None:
    """The tests on each version of Python."""
    install(session, "test")
    session.run("pytest", "-q", *session.posargs)


@nox.session
def generate(session: nox.Session) -> None:
    """Write what is derived: host-call code, WASI's interfaces, docs/SYSCALLS.md, tables of docs/DIVERGENCES.md."""
    install(session)
    session.run("python", "-m", "agave_wasi.preview1.generate")
    session.run("python", "-m", "agave_wasi.witparse.generate")
    with open("docs/SYSCALLS.md", "w", encoding="utf-8") as file:
        session.run("python", "-m", "agave_wasi", "syscalls", "--markdown", stdout=file)
    session.run("python", "-m", "conformance.calls.documented")


@nox.session
def guests(session: nox.Session) -> None:
    """Build every guest anew and compare with the committed ones; `-- --write` keeps the new ones."""
    install(session, "test")
    check = [] if "--write" in session.posargs else ["--check"]
    session.run("python", "-m", "conformance.suites.build", *check)
    session.run("python", "demo/apps/tour/build.py", *check)
    session.run("python", "demo/metal/build.py", *check)
    session.run("python", "-m", "agave_wasi.vdso.build", *check)


@nox.session
def corpus(session: nox.Session) -> None:
    """Real programs on agave-wasi and on the reference: same exit code, stdout, files. Needs registries and minutes."""
    install(session, "test")
    session.run("python", "-m", "conformance.corpus", *session.posargs)


@nox.session
def corpus_x86(session: nox.Session) -> None:
    """The same programs on the CPU model and on the JIT engine, call by call. Needs registries and an hour."""
    install(session, "test")
    runners = ["--runner", "agave-wasi", "--runner", "agave-wasi-x86"]
    session.run("python", "-m", "conformance.corpus", *runners, *session.posargs)


@nox.session
def scoreboard(session: nox.Session) -> None:
    """Our suites on every runtime that is found, and docs/SCOREBOARD*.md from what they showed; takes minutes."""
    install(session, "test")
    for suites, page in (([], "docs/SCOREBOARD.md"), (["preview2"], "docs/SCOREBOARD_PREVIEW2.md")):
        options = ["--runtime", "all", "--reference", "wasmtime", "--markdown", page, *session.posargs]
        command = ["agave-wasi", "conformance", "run", *suites, *options]
        session.run(*command, success_codes=[0, 1])  # that others fail is what it is about


@nox.session
def mutants(session: nox.Session) -> None:
    """Does the suite see? Mutants of the kernel and Preview 1 against cases and random calls; or of components."""
    install(session, "test")
    session.run("python", "-m", "conformance.mutants", "--write", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Side by side with wasmtime and node; `-- --json FILE` keeps the numbers."""
    install(session, "test")
    session.run("python", "-m", "benchmarks", *session.posargs)
