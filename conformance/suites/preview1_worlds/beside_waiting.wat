;; Waits for ten milliseconds, with a folder there that says so. Since it has a start function, a host may have to wait on the
;; spot for it (beside_exit).
(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory" (func $create (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_remove_directory" (func $remove (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "waiting")
  (global $started (mut i32) (i32.const 0))
  (start $begin)
  (func $begin
    (global.set $started (i32.const 1)))
  (func (export "_start")
    (if (i32.eqz (global.get $started)) (then unreachable))
    (if (call $create (i32.const 3) (i32.const 0) (i32.const 7)) (then unreachable))
    ;; A clock, the monotonic one, in 10,000,000 ns from now.
    (i32.store (i32.const 32) (i32.const 1))
    (i64.store (i32.const 40) (i64.const 10000000))
    (if (call $poll (i32.const 16) (i32.const 64) (i32.const 1) (i32.const 128)) (then unreachable))
    (if (i32.ne (i32.load (i32.const 128)) (i32.const 1)) (then unreachable))
    (if (call $remove (i32.const 3) (i32.const 0) (i32.const 7)) (then unreachable))))
