"""What a program's machine code did on the CPU model: instructions by function and call, and which code ran at all."""
