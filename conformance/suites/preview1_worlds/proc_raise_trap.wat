;; The signal trap ends a program that nobody has taught better: the exit code is 128 more than Linux' number of it.
(module
  (import "wasi_snapshot_preview1" "proc_raise" (func $proc_raise (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $proc_raise (i32.const 5)))))
