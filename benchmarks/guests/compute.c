// Pure computing, for engines that are compared by nothing else: exports (n) -> a number that depends on all of the work.

#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name))) uint32_t name(uint32_t n)

EXPORT(fib) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

// SHA-256 (FIPS 180-4) of n blocks of 64 bytes, each filled with its number. The constants are the first 32 bits of the
// fractional parts of the cube roots of the first 64 primes, computed here in integers.

static uint32_t constants[64];

static uint32_t fraction_of_cube_root(uint32_t prime) {
  uint64_t root = 0;  // of prime * 2^96, found bit by bit: 35 bits
  for (int bit = 34; bit >= 0; bit--) {
    uint64_t tried = root | (uint64_t)1 << bit;
    if ((unsigned __int128)tried * tried * tried <= (unsigned __int128)prime << 96) root = tried;
  }
  return (uint32_t)root;
}

static void make_constants(void) {
  int found = 0;
  for (uint32_t each = 2; found < 64; each++) {
    int prime = 1;
    for (uint32_t by = 2; by * by <= each; by++)
      if (each % by == 0) prime = 0;
    if (prime) constants[found++] = fraction_of_cube_root(each);
  }
}

static uint32_t turned(uint32_t word, int by) { return word >> by | word << (32 - by); }

static void compress(uint32_t state[8], const uint8_t block[64]) {
  uint32_t w[64], v[8];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t low = turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t high = turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + low + w[i - 7] + high;
  }
  for (int i = 0; i < 8; i++) v[i] = state[i];
  for (int i = 0; i < 64; i++) {
    uint32_t high = turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25);
    uint32_t one = v[7] + high + ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[i] + w[i];
    uint32_t low = turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22);
    uint32_t two = low + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    for (int k = 7; k > 0; k--) v[k] = v[k - 1];
    v[4] += one;
    v[0] = one + two;
  }
  for (int i = 0; i < 8; i++) state[i] += v[i];
}

EXPORT(sha256) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint8_t block[64];
  if (!constants[0]) make_constants();
  for (uint32_t number = 0; number < n; number++) {
    for (int i = 0; i < 64; i++) block[i] = (uint8_t)number;
    compress(state, block);
  }
  return state[0] ^ state[7];
}

// n x n matrices of doubles, n at most 256. Nothing here fills or copies memory at once, which engines ask their runtimes for.

static double left[256][256], right[256][256], product[256][256];

EXPORT(matmul) {
  if (n > 256) n = 256;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < n; j++) {
      left[i][j] = i + 0.5 * j;
      right[i][j] = i * 0.25 - j;
    }
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < n; j++) {
      double sum = 0;
      for (uint32_t k = 0; k < n; k++) sum += left[i][k] * right[k][j];
      product[i][j] = sum;
    }
  double sum = 0;
  for (uint32_t i = 0; i < n; i++) sum += product[i][(i * 7) % n];
  return (uint32_t)(int64_t)sum;
}

// n host calls that do little: where does this file stand?

__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_tell"))) int fd_tell(int fd, uint64_t *offset);

EXPORT(calls) {
  uint64_t offset = 0;
  uint32_t failed = 0;
  for (uint32_t i = 0; i < n; i++) failed |= fd_tell(0, &offset);
  return failed;
}
