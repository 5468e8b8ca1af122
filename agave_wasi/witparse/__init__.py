"""WIT: its grammar, name resolution, a printer, comparing, and the interfaces of WASI.

Text is parsed by `parse` into a tree (`tree`), and resolved by `resolve` into packages (`model`) in which every name has
become what it stands for. `wasi` has WASI's own interfaces, resolved ahead of time, so that linking a component needs
neither the grammar nor lark. Specification: component-model, design/mvp/WIT.md.
"""
