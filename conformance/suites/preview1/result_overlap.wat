;; Results that share their place with arguments: the arguments are read first, so the last write wins.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "new file")
  (func $zero (param $got i32) (param $code i32)
    (if (local.get $got) (then (call $proc_exit (local.get $code)))))
  (func (export "_start")
    ;; fd_write's count over the vector's size.
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 3))
    (call $zero (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 4)) (i32.const 1))
    (call $zero (i32.ne (i32.load (i32.const 4)) (i32.const 3)) (i32.const 2))
    ;; path_open's descriptor over the path.
    (call $zero (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 8) (i32.const 1) (i64.const 66)
      (i64.const 66) (i32.const 0) (i32.const 64)) (i32.const 3))
    (call $zero (i32.le_u (i32.load (i32.const 64)) (i32.const 3)) (i32.const 4))
    ;; Both results of one call in one place: the second one's value stays, one name and its NUL at least.
    (call $zero (call $args_sizes_get (i32.const 0) (i32.const 0)) (i32.const 5))
    (call $zero (i32.eqz (i32.load (i32.const 0))) (i32.const 6))))
