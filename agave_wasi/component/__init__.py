"""The Component Model: component binaries, the canonical ABI, and the linker that makes instances of them."""
