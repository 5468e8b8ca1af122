"""Files: one inode interface, and what implements it (memory, special files, host directories, overlays)."""
