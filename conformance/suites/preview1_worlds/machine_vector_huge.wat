;; What this machine promises and others needn't: a vector of 2^24 buffers is refused as a whole.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pread" (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get"
    (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 2050)
  (data (i32.const 16) "dev/null")
  (func $is (param $got i32) (param $wanted i32) (param $code i32)
    (if (i32.ne (local.get $got) (local.get $wanted)) (then (call $proc_exit (local.get $code)))))
  (func (export "_start")
    (call $is (call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 8) (i32.const 128))
      (i32.const 0) (i32.const 4)) ;; it is this machine
    (call $is (call $fd_write (i32.const 1) (i32.const 64) (i32.const 0x1000000) (i32.const 0)) (i32.const 48) (i32.const 1))
    (call $is (call $fd_pread (i32.const 3) (i32.const 64) (i32.const 0x1000000) (i64.const 0) (i32.const 0))
      (i32.const 48) (i32.const 2))
    (call $is (i32.load (i32.const 0)) (i32.const 0) (i32.const 3))))
