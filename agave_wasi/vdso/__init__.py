"""The vDSO: hot calls on files in memory, the virtual clock and the seeded entropy, answered in wasm beside the guest."""

from __future__ import annotations

HOT = (
    "clock_time_get", "fd_close", "fd_fdstat_get", "fd_filestat_get", "fd_filestat_set_size", "fd_pread", "fd_pwrite",
    "fd_read", "fd_seek", "fd_tell", "fd_write", "path_create_directory", "path_filestat_get", "path_open",
    "path_remove_directory", "path_rename", "path_unlink_file", "random_get",
)  # fmt: skip
"""The functions that `vdso.c` answers."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from agave_wasi.engines.wasmtime_instance import Instance
    from agave_wasi.hostcall import HostCalls
    from agave_wasi.loader import Loader
    from kernel_sim.kernel import Kernel
    from kernel_sim.vdso.vdso import Vdso


class Switch:
    """Gives a guest its vDSO once it has made enough hot calls, and takes it back at the end."""

    __slots__ = ("kernel", "loader", "host", "vdso")

    names = HOT

    def __init__(self, kernel: Kernel, loader: Loader, host: HostCalls) -> None:
        self.kernel = kernel
        self.loader = loader
        self.host = host
        self.vdso: Vdso | None = None

    def awake(self, guest: Instance, gates: Instance, hot: Sequence[str]) -> None:
        """As of `agave_wasi.engines.base.Switch`."""
        from agave_wasi.vdso.link import link

        self.vdso = link(self.kernel, self.loader, self.host, guest, gates, hot)

    def close(self) -> None:
        """Bring home what lives in the guest's store, which is about to go."""
        if self.vdso is not None:
            self.vdso.release()
            self.vdso.ram.close()
            self.vdso = None
