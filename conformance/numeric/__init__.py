"""Every instruction that computes, with edge values, on two engines: they must give the same bytes and the same traps.

`operations` is the table of instructions, `values` what they are given. `modules` makes a module of steps, each an instruction
that goes over operands in memory; `arithmetic`, `memories`, `tables`, `calls` and `globals` plan such modules and what is given
to their steps, `hosts` those with functions of the host's, `links` several that share what they have. `differential` runs plans
on both engines and compares.
"""
