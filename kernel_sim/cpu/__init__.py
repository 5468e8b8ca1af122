"""The CPU: an x86-64 model (Unicorn) in whose memory guests run as machine code, with the kernel behind `syscall`.

`machine` executes, `memory` is what it executes in, `layout` says where things are. A guest enters the kernel by the
gate or by a bare `syscall`; `trapframe` has the registers either way, and `abi` makes a call of them. `guest` is a program
for the scheduler. This is the only room of the kernel that needs more than Python: unicorn, capstone, ctypes and mmap, so
nothing outside imports it but what runs machine code.
"""
