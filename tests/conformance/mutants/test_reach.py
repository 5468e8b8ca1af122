"""Which trials a mutant meets first, and whether what is left out is really out of reach."""

from __future__ import annotations

import ast

from conformance.mutants.places import Mutant
from conformance.mutants.reach import Reach, surprises
from conformance.mutants.scope import sources
from tests.conformance.mutants.fresh import fresh

MUTANT = Mutant("kernel_sim.x", "f", "a", "b", 0, "constant", 5, 6)


def test_order() -> None:
    reach = Reach({("kernel_sim.x", 5): ["b", "a"], ("kernel_sim.x", 6): ["c", "a"], ("kernel_sim.y", 5): ["d"]})
    assert reach.order(MUTANT) == ["b", "a", "c"]
    assert Reach().order(MUTANT) == []


def test_what_runs_it() -> None:
    line = ("kernel_sim.x", 6)
    assert not Reach({("kernel_sim.x", 4): ["a"]}, {("kernel_sim.y", 6)}, {("kernel_sim.x", 7)}).runs(MUTANT)
    assert Reach({line: ["a"]}).runs(MUTANT)
    assert Reach(fuzzed={line}).runs(MUTANT)
    assert Reach(imported={line}).runs(MUTANT)


def test_a_function_that_is_run_although_it_is_said_to_be_out_of_reach() -> None:
    module = "kernel_sim.fs.special"
    tree = ast.parse(sources()[module].read_text(encoding="utf-8"))
    pipe = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Pipe")
    last = max(node.lineno for node in ast.walk(pipe) if isinstance(node, ast.Return))
    assert surprises(Reach({(module, last): ["a"]})) == [f"{module}:Pipe.readiness"]
    assert surprises(Reach(fuzzed={(module, last)})) == [f"{module}:Pipe.readiness"]
    assert surprises(Reach({(module, pipe.lineno): ["a"]})) == []  # the class is made when somebody imports it
    assert surprises(Reach(imported={(module, line) for line in range(1, 400)})) == []


def test_lines_are_recorded() -> None:
    program = """
from conformance.mutants.reach import _lines
with _lines() as imported:
    import kernel_sim.fdtable
with _lines() as called:
    kernel_sim.fdtable.FdTable(1).add(None)
names = {module for module, _ in called}
print(("kernel_sim.fdtable", 16) in imported or len(imported) > 5, names, len(called) > 3, called & imported)
"""
    assert fresh(program) == "True {'kernel_sim.fdtable'} True set()"
