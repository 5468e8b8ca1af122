"""The older interface, wasi_unstable, on the reference, which serves only the newer one: the four functions that differ.

wasmtime's own wasi_unstable passes each call on to the newer functions and translates between the layouts; so do these, in
WebAssembly, within the shim that stands between guest and reference (`conformance.calls.shim`). All other functions are the
same in both. What a call leaves in guest memory is what the older interface leaves there, and nothing more: results and
subscriptions of the newer layout are in guest memory only while the real function runs, and what was there is put back.

What can't be translated, for its pointers are bad, is passed on with pointers that are bad there too.
"""

from __future__ import annotations

STAT, OLD_STAT = 64, 56

_STAT = f"""
  (if (i32.or (i32.and (local.get $out) (i32.const 7))
      (i64.gt_u (i64.add (i64.extend_i32_u (local.get $out)) (i64.const {OLD_STAT})) (call $bytes)))
    (then (return {{bad}})))
  (memory.copy $kept $guest (i32.const 0) (i32.const 0) (i32.const {STAT}))
  (local.set $errno {{real}})
  (memory.copy $kept $guest (i32.const {STAT}) (i32.const 0) (i32.const {STAT}))
  (memory.copy $guest $kept (i32.const 0) (i32.const 0) (i32.const {STAT}))
  (if (local.get $errno) (then (return (local.get $errno))))
  (memory.copy $guest $kept (local.get $out) (i32.const {STAT}) (i32.const 20)) ;; device, inode, type
  (i32.store $guest offset=20 (local.get $out) (i32.load $kept offset={STAT + 24} (i32.const 0))) ;; 32 bits of links
  (memory.copy $guest $kept (i32.add (local.get $out) (i32.const 24)) (i32.const {STAT + 32}) (i32.const 32))
  (i32.const 0))"""
"""A filestat: the newer one has 64 bits of links, and so 8 bytes more. It is read at 0, where there is always room."""

FUNCTIONS = {
    "fd_filestat_get": " (func $older_fd_filestat_get (param $fd i32) (param $out i32) (result i32) (local $errno i32)"
    + _STAT.format(
        bad="(call $real_fd_filestat_get (local.get $fd) (i32.const -8))",
        real="(call $real_fd_filestat_get (local.get $fd) (i32.const 0))",
    ),
    "path_filestat_get": " (func $older_path_filestat_get (param $fd i32) (param $flags i32) (param $path i32)"
    " (param $size i32) (param $out i32) (result i32) (local $errno i32)"
    + _STAT.format(**{
        key: "(call $real_path_filestat_get (local.get $fd) (local.get $flags) (local.get $path) (local.get $size)"
        f" (i32.const {place}))" for key, place in (("bad", -8), ("real", 0))
    }),
    # whence: from the current place, the end, the start; in the newer order the start comes first
    "fd_seek": """ (func $older_fd_seek (param $fd i32) (param $offset i64) (param $whence i32) (param $out i32) (result i32)
  (if (i32.lt_u (local.get $whence) (i32.const 3))
    (then (local.set $whence (i32.rem_u (i32.add (local.get $whence) (i32.const 1)) (i32.const 3)))))
  (call $real_fd_seek (local.get $fd) (local.get $offset) (local.get $whence) (local.get $out)))""",
    # an older subscription has 56 bytes: a clock has an identifier of 8 bytes before all else, other kinds end with 8 unused
    "poll_oneoff": """ (func $older_poll_oneoff (param $in i32) (param $out i32) (param $count i32) (param $told i32)
  (result i32) (local $errno i32) (local $size i32) (local $at i32) (local $to i32) (local $end i32)
  (if (i64.gt_u (i64.add (i64.extend_i32_u (local.get $in)) (i64.mul (i64.extend_i32_u (local.get $count)) (i64.const 56)))
      (call $bytes))
    (then (return (call $real_poll_oneoff (i32.const -8) (local.get $out) (local.get $count) (local.get $told)))))
  (local.set $size (i32.mul (local.get $count) (i32.const 56)))
  (block $room
    (br_if $room (i32.le_u (i32.shl (local.get $size) (i32.const 1)) (i32.shl (memory.size $kept) (i32.const 16))))
    (drop (memory.grow $kept (i32.shr_u (local.get $size) (i32.const 15)))))
  (memory.copy $kept $guest (i32.const 0) (local.get $in) (local.get $size))
  (local.set $to (local.get $in))
  (block $done
    (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $size)))
      (memory.copy $guest $kept (local.get $to) (local.get $at) (i32.const 16))
      (memory.copy $guest $kept (i32.add (local.get $to) (i32.const 16))
        (i32.add (local.get $at) (select (i32.const 16) (i32.const 24) (i32.load8_u $kept offset=8 (local.get $at))))
        (i32.const 32))
      (local.set $at (i32.add (local.get $at) (i32.const 56)))
      (local.set $to (i32.add (local.get $to) (i32.const 48)))
      (br $next)))
  (local.set $errno (call $real_poll_oneoff (local.get $in) (local.get $out) (local.get $count) (local.get $told)))
  (if (i32.eqz (local.get $errno)) ;; events may lie where the subscriptions are, which are put back
    (then
      (local.set $end (i32.shl (i32.load $guest (local.get $told)) (i32.const 5)))
      (memory.copy $kept $guest (local.get $size) (local.get $out) (local.get $end))
      (i32.store $kept (i32.add (local.get $size) (local.get $end)) (i32.load $guest (local.get $told)))))
  (memory.copy $guest $kept (local.get $in) (i32.const 0) (local.get $size))
  (if (i32.eqz (local.get $errno))
    (then
      (memory.copy $guest $kept (local.get $out) (local.get $size) (local.get $end))
      (i32.store $guest (local.get $told) (i32.load $kept (i32.add (local.get $size) (local.get $end))))))
  (local.get $errno))""",
}  # fmt: skip
"""Each function that differs, as text of the shim's: `$real_NAME` is the newer one."""
SUPPORT = """ (memory $kept 1)
 (func $bytes (result i64) (i64.shl (i64.extend_i32_u (memory.size $guest)) (i64.const 16)))"""
"""What they need besides: a memory for what is put back, and how large the guest's is."""
