;; A program that returns from _start ends with code 0; it imports nothing at all.
(module
  (memory (export "memory") 1)
  (func (export "_start")))
