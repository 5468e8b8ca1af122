"""Programs that throw, each with what it must say on any engine: results of `run`, or how it ends.

What a program returns are numbers, floats as their bits. `library` is a second instance that it imports from as "l".
"""

from __future__ import annotations

from typing import NamedTuple

from tests.agave_wasi.guests import wat

UNCAUGHT = "thrown Wasm exception"


class Case(NamedTuple):
    """A program, and what its `function` returns for each argument; a text is the message of a trap."""

    name: str
    text: str
    results: dict[tuple[int, ...], tuple[int, ...] | str]
    library: str = ""
    function: str = "run"

    def module(self) -> bytes:
        """The program's binary."""
        return wat(self.text)

    def libraries(self) -> dict[str, bytes]:
        """What it is linked with."""
        return {"l": wat(self.library)} if self.library else {}


KINDS = """(module
  (tag $a (param i32)) (tag $b (param i64 i32)) (tag $none)
  (func $throw (param $which i32)
    (if (i32.eq (local.get $which) (i32.const 0)) (then (throw $a (i32.const 10))))
    (if (i32.eq (local.get $which) (i32.const 1)) (then (throw $b (i64.const 20) (i32.const 21))))
    (if (i32.eq (local.get $which) (i32.const 2)) (then (throw $none)))
    (if (i32.eq (local.get $which) (i32.const 3)) (then unreachable)))
  (func $again (param exnref) (result i32)
    (block $a (result i32) (block $b (result i64 i32) (block $rest
      (try_table (catch $a $a) (catch $b $b) (catch_all $rest) (throw_ref (local.get 0))))
      (return (i32.const 77)))
      (drop) (drop) (return (i32.const 88))))
  (func (export "run") (param $which i32) (result i32 i32)
    (local $e exnref) (local $x i32) (local $y i64)
    (block $all (result exnref)
      (block $ref (result i64 i32 exnref)
        (block $plain (result i32)
          (try_table (catch $a $plain) (catch_ref $b $ref) (catch_all_ref $all) (call $throw (local.get $which)))
          (return (i32.const 1) (i32.const 2)))
        (return (i32.const 3)))
      (local.set $e) (local.set $x) (local.set $y)
      (return (i32.add (local.get $x) (i32.wrap_i64 (local.get $y))) (call $again (local.get $e))))
    (local.set $e)
    (i32.const 5) (call $again (local.get $e)))
)"""
ORDER = """(module
  (tag $a (param i32)) (tag $b (param i32))
  (func $throw (param i32) (if (local.get 0) (then (throw $a (i32.const 5)))) (throw $b (i32.const 6)))
  (func $inner (param i32) (result i32)
    (block $h (result i32) (try_table (catch $b $h) (call $throw (local.get 0))) (i32.const 0)))
  (func (export "run") (param i32) (result i32 i32)
    (block $second (result i32)
      (block $first (result i32)
        (try_table (catch $a $first) (catch $a $second) (drop (call $inner (local.get 0))))
        (return (i32.const 1) (i32.const 0)))
      (return (i32.const 2)))
    (i32.const 3))
)"""
NESTED = """(module
  (tag $a (param i32)) (tag $b (param i32))
  (func (export "run") (param i32) (result i32)
    (local $seen i32)
    (block $outer (result i32)
      (try_table (catch $b $outer)
        (block $middle (result i32 exnref)
          (try_table (catch_ref $a $middle)
            (block $inner (result exnref)
              (try_table (catch_all_ref $inner) (throw $a (local.get 0)))
              unreachable)
            (local.set $seen (i32.const 100))
            (throw_ref))
          unreachable)
        (drop)
        (local.set $seen (i32.add (local.get $seen)))
        (throw $b (local.get $seen)))
      unreachable)
    (i32.add (i32.const 1000)))
)"""
VALUES = """(module
  (type $f (func (result i32)))
  (tag $v (param i32 v128 f32 i64 v128 f64 i32)) (tag $r (param funcref exnref externref funcref))
  (table 2 funcref)
  (func $seven (type $f) (i32.const 7)) (elem declare func $seven)
  (func $throw (throw $v (i32.const -1) (v128.const i64x2 0x0123456789abcdef -2) (f32.const nan:0x212345) (i64.const -3)
    (v128.const i64x2 5 6) (f64.const nan:0x4000000000123) (i32.const 9)))
  (func (export "run") (param i32) (result i32 i64 i64 i32 i64 i64 i64 i64 i32)
    (local $v v128) (local $w v128) (local $i i32) (local $j i32) (local $f f32) (local $d f64) (local $l i64)
    (block $h (result i32 v128 f32 i64 v128 f64 i32) (try_table (catch $v $h) (call $throw)) unreachable)
    (local.set $i) (local.set $d) (local.set $w) (local.set $l) (local.set $f) (local.set $v) (local.set $j)
    (local.get $j) (i64x2.extract_lane 0 (local.get $v)) (i64x2.extract_lane 1 (local.get $v))
    (i32.reinterpret_f32 (local.get $f)) (local.get $l) (i64x2.extract_lane 0 (local.get $w))
    (i64x2.extract_lane 1 (local.get $w)) (i64.reinterpret_f64 (local.get $d)) (local.get $i))
  (func (export "references") (result i32 i32 i32 i32)
    (local $f funcref) (local $x externref) (local $e exnref) (local $g funcref)
    (block $h (result funcref exnref externref funcref)
      (try_table (catch $r $h)
        (throw $r (ref.func $seven)
          (block $in (result exnref) (try_table (catch_all_ref $in) (call $throw)) unreachable) (ref.null extern)
          (ref.null func)))
      unreachable)
    (local.set $g) (local.set $x) (local.set $e) (local.set $f)
    (table.set (i32.const 1) (local.get $f))
    (call_indirect (type $f) (i32.const 1)) (ref.is_null (local.get $x)) (ref.is_null (local.get $e))
    (ref.is_null (local.get $g)))
)"""
LOOP = """(module
  (tag $e (param i32))
  (func $throw (param i32) (throw $e (local.get 0)))
  (func (export "run") (param $n i32) (result i32)
    (local $sum i32)
    (loop $more
      (block $h (result i32) (try_table (catch $e $h) (call $throw (local.get $n))) unreachable)
      (local.set $sum (i32.add (local.get $sum)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)"""
DEEP = """(module
  (tag $e (param i32)) (tag $other) (global $depth (mut i32) (i32.const 0))
  (func $down (param $n i32) (result i32)
    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    (if (i32.eqz (local.get $n)) (then (throw $e (i32.const 42))))
    (block $h
      (try_table (catch $other $h) (return (i32.add (call $down (i32.sub (local.get $n) (i32.const 1))) (i32.const 1)))))
    (i32.const -1))
  (func (export "run") (param $n i32) (result i32 i32)
    (local $kept i32)
    (local.set $kept (i32.mul (local.get $n) (i32.const 3)))
    (block $h (result i32) (try_table (catch $e $h) (drop (call $down (local.get $n)))) unreachable)
    (i32.add (local.get $kept)) (global.get $depth))
)"""
TAIL = """(module
  (tag $e (param i32))
  (func $throw (param i32 i64 i64 i64 i64 i64 i64 i64 i32)
    (throw $e (i32.add (local.get 0) (local.get 8))))
  (func $hop (param $n i32)
    (if (local.get $n) (then (return_call $hop (i32.sub (local.get $n) (i32.const 1)))))
    (return_call $throw (i32.const 30) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
      (i64.const 7) (i32.const 12)))
  (func $leaves (param $n i32) (result i32)
    (block $h (result i32) (try_table (result i32) (catch $e $h) (call $hop (local.get $n)) (i32.const 0))))
  (func $wont (param $n i32) (result i32)
    (block $h (result i32)
      (try_table (catch $e $h) (return_call $goes (local.get $n))) unreachable))
  (func $goes (param $n i32) (result i32) (call $hop (local.get $n)) (i32.const 0))
  (func (export "run") (param $n i32) (result i32 i32)
    (call $leaves (local.get $n))
    (block $h (result i32) (try_table (result i32) (catch $e $h) (call $wont (local.get $n))) (drop) (i32.const 5))
    (i32.add (i32.const 100)))
)"""
ARGUMENTS = """(module
  (tag $e (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64))
  (func $throw (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (throw $e (local.get 9) (local.get 8) (local.get 7) (local.get 6) (local.get 5) (local.get 4) (local.get 3) (local.get 2)
      (local.get 1) (local.get 0)))
  (func (export "run") (param i64 f64) (result i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (local $x i64)
    (local.set $x (i64.mul (local.get 0) (i64.const 1000)))
    (block $h (result i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
      (try_table (catch $e $h)
        (call $throw (i64.const 0) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
          (i64.const 7) (i64.const 8) (local.get 0)))
      unreachable)
    (local.get $x) (i64.reinterpret_f64 (local.get 1)))
)"""
KEPT = """(module
  (tag $e (param i32)) (global $g (mut exnref) (ref.null exn)) (table $t 3 64 exnref)
  (func $make (param i32) (result exnref)
    (block $h (result exnref) (try_table (catch_all_ref $h) (throw $e (local.get 0))) unreachable))
  (func $value (param exnref) (result i32)
    (block $h (result i32) (try_table (catch $e $h) (throw_ref (local.get 0))) unreachable))
  (func (export "run") (param $n i32) (result i32 i32 i32 i32 i32 i32)
    (local $e exnref) (local $i i32)
    (local.set $e (call $make (i32.const 1)))
    (global.set $g (call $make (i32.const 2)))
    (table.set $t (i32.const 1) (call $make (i32.const 3)))
    (drop (table.grow $t (call $make (i32.const 4)) (i32.const 5)))
    (table.fill $t (i32.const 5) (call $make (i32.const 5)) (i32.const 2))
    (table.copy $t $t (i32.const 2) (i32.const 5) (i32.const 1))
    (loop $more
      (drop (call $value (call $make (local.get $i))))
      (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (call $value (local.get $e)) (call $value (global.get $g)) (call $value (table.get $t (i32.const 1)))
    (call $value (table.get $t (i32.const 3))) (call $value (table.get $t (i32.const 2)))
    (ref.is_null (table.get $t (i32.const 0))))
)"""
CHAIN = """(module
  (tag $e (param i32 exnref))
  (func $cons (param i32 exnref) (result exnref)
    (block $h (result exnref) (try_table (catch_all_ref $h) (throw $e (local.get 0) (local.get 1))) unreachable))
  (func (export "run") (param $n i32) (result i32 i32)
    (local $list exnref) (local $i i32) (local $sum i32) (local $count i32)
    (loop $more
      (local.set $list (call $cons (local.get $i) (local.get $list)))
      (drop (call $cons (i32.const 7) (local.get $list)))
      (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (loop $more
      (block $h (result i32 exnref) (try_table (catch $e $h) (throw_ref (local.get $list))) unreachable)
      (local.set $list)
      (local.set $sum (i32.add (local.get $sum)))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (br_if $more (i32.eqz (ref.is_null (local.get $list)))))
    (local.get $sum) (local.get $count))
)"""
TRAPS = """(module
  (tag $e) (type $f (func))
  (table 2 funcref)
  (func $recurse (call $recurse) (call $recurse))
  (func (export "run") (param i32) (result i32)
    (block $h
      (try_table (catch_all $h)
        (if (i32.eq (local.get 0) (i32.const 0)) (then (throw $e)))
        (if (i32.eq (local.get 0) (i32.const 1)) (then (drop (i32.div_u (i32.const 1) (i32.const 0)))))
        (if (i32.eq (local.get 0) (i32.const 2)) (then (call_indirect (type $f) (i32.const 1))))
        (if (i32.eq (local.get 0) (i32.const 3)) (then (throw_ref (ref.null exn))))
        (if (i32.eq (local.get 0) (i32.const 4)) (then (call $recurse)))
        (return (i32.const 1))))
    (i32.const 2))
)"""
LIBRARY = """(module
  (tag $a (export "a") (param i32)) (tag $b (export "b") (param i32)) (export "again" (tag $a))
  (table (export "table") 4 funcref)
  (func $a_thrower (export "a_thrower") (param i32) (throw $a (local.get 0)))
  (func $b_thrower (export "b_thrower") (param i32) (throw $b (local.get 0)))
  (func (export "a_catcher") (param i32) (result i32)
    (block $h (result i32)
      (try_table (catch $a $h) (call_indirect (param i32) (i32.const 64) (local.get 0)))
      (i32.const -1)))
)"""
CROSSING = """(module
  (import "l" "a" (tag $a (param i32))) (import "l" "again" (tag $again (param i32))) (import "l" "b" (tag $b (param i32)))
  (import "l" "a_thrower" (func $a_thrower (param i32))) (import "l" "b_thrower" (func $b_thrower (param i32)))
  (import "l" "a_catcher" (func $a_catcher (param i32) (result i32)))
  (import "l" "table" (table $t 4 funcref))
  (tag $mine (param i32)) (export "mine" (tag $mine))
  (func $mine_thrower (param i32) (throw $mine (local.get 0)))
  (func $again_thrower (param i32) (throw $again (i32.add (local.get 0) (i32.const 1))))
  (elem (table $t) (i32.const 0) func $a_thrower $b_thrower $again_thrower $mine_thrower)
  (func (export "run") (param $which i32) (result i32 i32)
    (local $x i32)
    (block $b (result i32)
      (block $mine (result i32)
        (block $again (result i32)
          (try_table (catch $mine $mine) (catch $again $again) (catch $b $b)
            (call_indirect $t (param i32) (i32.const 50) (local.get $which)))
          (return (i32.const 0) (i32.const 0)))
        (return (i32.const 1)))
      (return (i32.const 2)))
    (i32.const 3))
  (func (export "there") (param $which i32) (result i32)
    (block $all (try_table (catch_all $all) (return (call $a_catcher (local.get $which)))))
    (i32.const -2))
)"""
LIVE_LOCALS = """(module
  (tag $e)
  (func $maybe (param i32) (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e))))
  (func (export "run") (param $n i32) (result i64 i64 i32)
    (local $a i64) (local $f f64) (local $caught i32) (local $v v128)
    (local.set $f (f64.const 0.5))
    (loop $more
      (block $h
        (try_table (catch $e $h)
          (local.set $a (i64.add (local.get $a) (i64.const 3)))
          (local.set $v (i32x4.add (local.get $v) (i32x4.splat (local.get $n))))
          (call $maybe (local.get $n))
          (local.set $f (f64.add (local.get $f) (f64.const 1.25)))
          (br 1))
        unreachable)
      (local.set $caught (i32.add (local.get $caught) (i32.const 1)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $a) (i64.add (i64.trunc_f64_s (local.get $f)) (i64x2.extract_lane 0 (local.get $v))) (local.get $caught))
)"""

CASES = [
    Case("every kind of catch", KINDS, {
        (0,): (10, 3), (1,): (41, 88), (2,): (5, 77), (3,): "unreachable", (4,): (1, 2),
    }),
    Case("the first catch that fits", ORDER, {(1,): (5, 2), (0,): (1, 0)}),
    Case("nested", NESTED, {(7,): (1107,)}),
    Case("values", VALUES, {
        (0,): (-1, 0x0123456789ABCDEF, -2, 0x7FA12345, -3, 5, 6, 0x7FF4000000000123, 9),
    }),
    Case("references", VALUES, {(): (7, 1, 0, 1)}, function="references"),
    Case("a loop", LOOP, {(1,): (1,), (100_000,): (705_082_704,)}),
    Case("deep", DEEP, {(0,): (42, 1), (2000,): (6042, 2001 + 1)}),
    Case("tail calls", TAIL, {(0,): (42, 142), (1000,): (42, 142)}),
    Case("many arguments", ARGUMENTS, {(-5, 0): (-5, 8, 7, 6, 5, 4, 3, 2, 1, 0, -5000, 0)}),
    Case("kept", KEPT, {(1,): (1, 2, 3, 4, 5, 1), (60_000,): (1, 2, 3, 4, 5, 1)}),
    Case("in a chain", CHAIN, {(1,): (0, 1), (30_000,): (449_985_000, 30_000)}),
    Case("no trap is caught", TRAPS, {
        (0,): (2,), (1,): "integer divide by zero", (2,): "indirect call to null", (3,): "null reference",
        (4,): "stack overflow", (5,): (1,),
    }),
    Case("live locals", LIVE_LOCALS, {(9,): (27, 45 + (45 << 32) + 5, 9)}),
    Case("across instances", CROSSING, {
        (0,): (50, 1), (1,): (50, 3), (2,): (51, 1), (3,): (50, 2),
    }, LIBRARY),
    Case("caught by a library", CROSSING, {(0,): (64,), (1,): (-2,), (2,): (65,), (3,): (-2,)}, LIBRARY, "there"),
]  # fmt: skip
