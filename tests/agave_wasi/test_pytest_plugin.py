"""The pytest fixture: worlds made as markers say, closed afterwards, and failures that tell what the guest did."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.agave_wasi.guests import ROOT, imported, little, prints, wat

pytest_plugins = ["pytester"]


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with programs in it; the plugin is loaded by name, whether the package is installed or not."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name, data in PROGRAMS.items():
        (pytester.path / f"{name}.wasm").write_bytes(data)
    return pytester


TRAPS = f"""(module {imported("fd_write", "path_open")} (memory (export "memory") 1)
    (data (i32.const 0) "{little(16)}{little(12)}") (data (i32.const 16) "about to...\\0a") (data (i32.const 64) "no/file")
    (func $broken unreachable) (func $middle (call $broken))
    (func (export "_start")
      (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 7) (i32.const 0) (i64.const 2) (i64.const 0)
        (i32.const 0) (i32.const 8)))
      (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
      (call $middle)))"""
PROGRAMS = {"hello": prints("hello\n"), "fails": prints("sorry\x1b[31m\n", 3), "traps": wat(TRAPS)}


def run(session: pytest.Pytester, text: str, *arguments: str) -> pytest.RunResult:
    session.makepyfile("import pytest\n" + textwrap.dedent(text))
    return session.runpytest_subprocess("-p", "agave_wasi.pytest_plugin", "-p", "no:cacheprovider", *arguments)


def test_a_fresh_world_for_each_test(session: pytest.Pytester) -> None:
    result = run(session, """
    def test_one(wasi):
        wasi.files["/left"] = b"x"
        assert wasi.run("hello.wasm").stdout == b"hello\\n"

    def test_two(wasi):
        assert "/left" not in wasi.files
    """)
    result.assert_outcomes(passed=2)


def test_markers_give_options_and_the_closest_wins(session: pytest.Pytester) -> None:
    result = run(session, """
    pytestmark = pytest.mark.wasi(seed=1, files={"/a": "module"}, env={"X": "1"})

    @pytest.mark.wasi(files={"/a": "class"})
    class TestIt:
        @pytest.mark.wasi(seed=5)
        def test_method(self, wasi):
            assert wasi.kernel.entropy.seed == 5
            assert wasi.files["/a"] == b"class"
            assert wasi.settings.env == {"X": "1"}

    def test_module(wasi):
        assert wasi.kernel.entropy.seed == 1
        assert wasi.files["/a"] == b"module"
    """, "--strict-markers")  # fmt: skip
    result.assert_outcomes(passed=2)


def test_a_wrong_marker_is_an_error(session: pytest.Pytester) -> None:
    result = run(session, """
    @pytest.mark.wasi(1)
    def test_position(wasi):
        pass

    @pytest.mark.wasi(sede=1)
    def test_name(wasi):
        pass
    """)
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*test_position: the options of @pytest.mark.wasi are given by name*"])
    result.stdout.fnmatch_lines(["*unexpected keyword argument 'sede'*"])


def test_the_marker_is_documented(session: pytest.Pytester) -> None:
    run(session, "", "--markers").stdout.fnmatch_lines(["@pytest.mark.wasi(*"])
    run(session, "", "--fixtures").stdout.fnmatch_lines(["wasi -- *", "*A fresh world*"])


def test_a_failure_shows_output_calls_and_how_it_ended(session: pytest.Pytester) -> None:
    result = run(session, """
    def test_it(wasi):
        result = wasi.run("fails.wasm", ["one", "two"])
        assert result.exit_code == 0
    """)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*assert 3 == 0*",
            "*where 3 = <Result exit code 3, stdout *>.exit_code*",
            "*- wasi: fails.wasm one two -*",
            "exited with 3",
            "stdout:",
            "    sorry\\x1b[[]31m",
            "stderr: empty",
            "host calls:",
            '    fd_write(1<stdout>, "sorry*", 11) = 11',
            "    proc_exit(3) = [?]",
        ]
    )
    assert "\x1b[31m" not in result.stdout.str()


def test_a_trap_shows_its_backtrace(session: pytest.Pytester) -> None:
    result = run(session, """
    def test_it(wasi):
        result = wasi.run("traps.wasm")
        assert result.ok
    """)
    result.stdout.fnmatch_lines(
        [
            "*assert False*",
            "*where False = <Result trap: unreachable, *>.ok*",
            "*- wasi: traps.wasm -*",
            "trapped: unreachable",
            "*0x*broken*",
            "*0x*middle*",
            "stderr:",
            "    about to...",
            '    path_open(3</>, 0, "no/file", 0, fd_read, 0, 0) = NOENT (*)',
        ]
    )


def test_a_trap_in_a_live_instance_shows_its_backtrace_too(session: pytest.Pytester) -> None:
    result = run(session, """
    def test_it(wasi):
        with wasi.instantiate("traps.wasm") as guest:
            guest.call("_start")
    """)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*GuestTrap: unreachable*", "*- wasi: trap: unreachable -*", "*0x*broken*"])


def test_passing_tests_and_tests_without_the_fixture_are_left_alone(session: pytest.Pytester) -> None:
    result = run(session, """
    def test_passes(wasi):
        wasi.run("fails.wasm")

    def test_fails():
        assert False

    def test_fails_before_it_runs_anything(wasi):
        assert False
    """)
    result.assert_outcomes(passed=1, failed=2)
    assert "wasi: " not in result.stdout.str()


def test_the_world_is_closed_afterwards(session: pytest.Pytester) -> None:
    session.mkdir("folder")
    result = run(session, """
    import os
    from agave_wasi import Mount

    def descriptors():
        paths = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
        return {path: os.readlink(path) for path in paths if os.path.exists(path)}

    before = {}

    @pytest.fixture
    def outer():
        before.update(descriptors())
        yield
        assert not [path for path in descriptors().values() if path.endswith("/folder")]

    @pytest.mark.wasi(mounts=[Mount("/", "folder")])
    def test_it(outer, wasi):
        assert wasi.run("hello.wasm").ok
        assert [path for path in descriptors().values() if path.endswith("/folder")]
    """)
    result.assert_outcomes(passed=1)


def test_importing_the_plugin_is_cheap(session: pytest.Pytester) -> None:
    result = run(session, """
    import sys

    def test_it():
        assert "agave_wasi.world" not in sys.modules
        assert "agave_wasi.engines.capi" not in sys.modules
    """)
    result.assert_outcomes(passed=1)


def test_the_plugin_is_declared(tmp_path: Path) -> None:
    assert 'agave_wasi = "agave_wasi.pytest_plugin"' in (ROOT / "pyproject.toml").read_text()
