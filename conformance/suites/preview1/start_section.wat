;; A start function runs before _start, and may call the host already: its memory is there, and what it does counts.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (global $started (mut i32) (i32.const 0))
  (data (i32.const 0) "\20\00\00\00\06\00\00\00")
  (data (i32.const 32) "first\nthen!\n")
  (func $write
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $proc_exit (i32.const 1)))))
  (func $begin
    (if (call $args_sizes_get (i32.const 16) (i32.const 20)) (then (call $proc_exit (i32.const 2))))
    (if (i32.ne (i32.load (i32.const 16)) (i32.const 2)) (then (call $proc_exit (i32.const 3))))
    (call $write)
    (global.set $started (i32.add (global.get $started) (i32.const 1))))
  (start $begin)
  (func (export "_start")
    (if (i32.ne (global.get $started) (i32.const 1)) (then (call $proc_exit (i32.const 4))))
    (i32.store (i32.const 0) (i32.const 38))
    (call $write)))
