"""The door to the real OS: devices of the simulated kernel that stand for what this host has.

Each module implements protocols of `kernel_sim.devices` and imports only what its own device needs, so that a run pays
for the doors it opens and for no others.
"""

NO_FD = (1 << 31) - 1
"""A descriptor that is never open on any host: what stands for a closed one, so that the host itself answers EBADF."""
