"""A simulated machine and its kernel: processes, files, clocks, entropy, sockets, waiting.

It knows nothing of WebAssembly and nothing of the host. Whatever comes from outside (real time, real directories, a
terminal, entropy) arrives as a device: an object that implements a protocol of `kernel_sim.devices` and exchanges plain
values. So the default world is virtual, and the same inputs give the same run on every machine.
"""
