;; A write whose buffers overlap each other and the vector itself is an ordinary write: each byte is what memory holds.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "overlap\0a")
  (func $write (param $at i32) (param $size i32)
    ;; One buffer a call: a host may take no more of a vector than its first.
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $size))
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $proc_exit (i32.const 1))))
    (if (i32.ne (i32.load (i32.const 8)) (local.get $size)) (then (call $proc_exit (i32.const 2)))))
  (func (export "_start")
    (call $write (i32.const 64) (i32.const 8))
    (call $write (i32.const 68) (i32.const 4))
    (call $write (i32.const 64) (i32.const 4))
    ;; A byte that was changed since: memory is read at the time of the call.
    (i32.store8 (i32.const 65) (i32.const 10))
    (call $write (i32.const 65) (i32.const 1))
    (i32.store (i32.const 0) (i32.const 0))
    (i32.store (i32.const 4) (i32.const 0))
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 4)) (then (call $proc_exit (i32.const 3))))
    ;; The result may lie in the vector: it is written last.
    (if (i32.load (i32.const 4)) (then (call $proc_exit (i32.const 4))))))
