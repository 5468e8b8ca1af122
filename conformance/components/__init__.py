"""Components made here: C headers and components' text from WIT, so that guests need no tool but a C compiler and an assembler.

`header` declares a world's imports for C; `text` wraps a core module that calls them into a component, and `build` does both
and assembles it; `forward` makes components whose exports only pass their arguments on to an import.
"""
