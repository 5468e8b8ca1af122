"""How host calls look at the core WebAssembly level: types, checked guest memory, signatures."""
