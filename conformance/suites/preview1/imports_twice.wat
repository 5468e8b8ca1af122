;; A module may import one function more than once, under as many names of its own: each is the same function.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $one (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $two (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_tell" (func $tell (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $three (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\20\00\00\00\04\00\00\00")
  (data (i32.const 32) "one,two,end\n")
  (func $next (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 4))))
  (func (export "_start")
    (if (call $one (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $exit (i32.const 1))))
    (call $next)
    (if (call $two (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $exit (i32.const 2))))
    (call $next)
    (if (call $three (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $exit (i32.const 3))))
    ;; The one in between is another: stdout has no offset.
    (if (i32.ne (call $tell (i32.const 1) (i32.const 16)) (i32.const 70)) (then (call $exit (i32.const 4))))))
