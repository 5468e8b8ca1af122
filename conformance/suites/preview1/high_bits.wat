;; Narrow arguments travel in 32 bits, and an errno comes back in 32: the upper bits of a good result are 0.
(module
  (import "wasi_snapshot_preview1" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (if (i32.ne (call $fd_close (i32.const -1)) (i32.const 8)) (then (call $proc_exit (i32.const 1))))
    (if (i32.ne (call $fd_close (i32.const 0x10003)) (i32.const 8)) (then (call $proc_exit (i32.const 2))))
    (if (call $sched_yield) (then (call $proc_exit (i32.const 3))))
    (if (i32.ne (call $fd_seek (i32.const 1) (i64.const 0) (i32.const 0) (i32.const 0)) (i32.const 70))
      (then (call $proc_exit (i32.const 4))))))
