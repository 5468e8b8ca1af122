"""A mutant is in the module that is imported, and not in the file."""

from __future__ import annotations

import pytest

import kernel_sim.fdtable
from conformance.mutants.loading import put_in, require_fresh
from conformance.mutants.sample import everything
from tests.conformance.mutants.fresh import fresh

PROGRAM = """
from conformance.mutants.loading import put_in
from conformance.mutants.places import mutants
from conformance.mutants.scope import sources
path = sources()["kernel_sim.fdtable"]
text = path.read_text()
put_in(next(each for each in mutants("kernel_sim.fdtable", text) if each.after == "if len(self) > self.limit:"))
import kernel_sim.fdtable, kernel_sim.openfile
table = kernel_sim.fdtable.FdTable(1)
print(table.add(None), table.add(None), kernel_sim.fdtable.__file__ == str(path), path.read_text() == text)
print(kernel_sim.openfile.Rights.FD_READ)
"""


def test_the_module_is_the_mutant_and_others_are_as_they_are() -> None:
    assert fresh(PROGRAM).splitlines() == ["0 1 True True", "2"]


def test_what_is_imported_already_is_too_late() -> None:
    assert kernel_sim.fdtable
    with pytest.raises(RuntimeError, match="was imported before it could be mutated"):
        require_fresh()
    with pytest.raises(RuntimeError, match="was imported before it could be mutated"):
        put_in(everything()[0])


def test_the_package_itself_imports_nothing_that_is_mutated() -> None:
    assert fresh("import conformance.mutants.__main__ as all; all.require_fresh(); print('fresh')") == "fresh"
