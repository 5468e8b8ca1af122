;; A program may end in its start function: _start isn't called any more.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func $begin (call $proc_exit (i32.const 9)))
  (start $begin)
  (func (export "_start") (call $proc_exit (i32.const 1))))
