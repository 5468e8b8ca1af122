/* The imports of WASI 0.2.12 that cases may call. Made by conformance.components.header: don't edit. */
#ifndef IMPORTS_H
#define IMPORTS_H

#include <stddef.h>
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

typedef struct { const char *data; size_t size; } string_t;

/* wasi:io/error@0.2.12 */

typedef uint32_t error_t;

IMPORT("wasi:io/error@0.2.12", "[resource-drop]error") void error_drop(error_t self);
IMPORT("wasi:io/error@0.2.12", "[method]error.to-debug-string") void error_to_debug_string_core(uint32_t p0, string_t *result);
static inline string_t error_to_debug_string(error_t self) { string_t result; error_to_debug_string_core((uint32_t)self, &result); return result; }

/* wasi:io/poll@0.2.12 */

typedef uint32_t pollable_t;

IMPORT("wasi:io/poll@0.2.12", "[resource-drop]pollable") void pollable_drop(pollable_t self);
IMPORT("wasi:io/poll@0.2.12", "[method]pollable.ready") uint32_t pollable_ready_core(uint32_t p0);
static inline uint8_t pollable_ready(pollable_t self) { return (uint8_t)pollable_ready_core((uint32_t)self); }
IMPORT("wasi:io/poll@0.2.12", "[method]pollable.block") void pollable_block_core(uint32_t p0);
static inline void pollable_block(pollable_t self) { pollable_block_core((uint32_t)self); }
typedef struct { const pollable_t *data; size_t size; } list_pollable_t;
_Static_assert(sizeof(list_pollable_t) == 8 && _Alignof(list_pollable_t) == 4, "list_pollable_t");

typedef struct { const uint32_t *data; size_t size; } list_u32_t;
_Static_assert(sizeof(list_u32_t) == 8 && _Alignof(list_u32_t) == 4, "list_u32_t");

IMPORT("wasi:io/poll@0.2.12", "poll") void poll_poll_core(uint32_t p0, uint32_t p1, list_u32_t *result);
static inline list_u32_t poll_poll(list_pollable_t in) { list_u32_t result; poll_poll_core((uint32_t)(uintptr_t)in.data, (uint32_t)in.size, &result); return result; }

/* wasi:io/streams@0.2.12 */

enum { STREAM_ERROR_LAST_OPERATION_FAILED = 0, STREAM_ERROR_CLOSED = 1 };
typedef struct { uint8_t tag; union { error_t last_operation_failed; }; } stream_error_t;
_Static_assert(sizeof(stream_error_t) == 8 && _Alignof(stream_error_t) == 4, "stream_error_t");

typedef uint32_t input_stream_t;

typedef uint32_t output_stream_t;

IMPORT("wasi:io/streams@0.2.12", "[resource-drop]input-stream") void input_stream_drop(input_stream_t self);
IMPORT("wasi:io/streams@0.2.12", "[resource-drop]output-stream") void output_stream_drop(output_stream_t self);
typedef struct { const uint8_t *data; size_t size; } list_u8_t;
_Static_assert(sizeof(list_u8_t) == 8 && _Alignof(list_u8_t) == 4, "list_u8_t");

typedef struct { uint8_t is_err; union { list_u8_t ok; stream_error_t err; }; } result_list_u8_stream_error_t;
_Static_assert(sizeof(result_list_u8_stream_error_t) == 12 && _Alignof(result_list_u8_stream_error_t) == 4, "result_list_u8_stream_error_t");

IMPORT("wasi:io/streams@0.2.12", "[method]input-stream.read") void input_stream_read_core(uint32_t p0, uint64_t p1, result_list_u8_stream_error_t *result);
static inline result_list_u8_stream_error_t input_stream_read(input_stream_t self, uint64_t len) { result_list_u8_stream_error_t result; input_stream_read_core((uint32_t)self, (uint64_t)len, &result); return result; }
IMPORT("wasi:io/streams@0.2.12", "[method]input-stream.blocking-read") void input_stream_blocking_read_core(uint32_t p0, uint64_t p1, result_list_u8_stream_error_t *result);
static inline result_list_u8_stream_error_t input_stream_blocking_read(input_stream_t self, uint64_t len) { result_list_u8_stream_error_t result; input_stream_blocking_read_core((uint32_t)self, (uint64_t)len, &result); return result; }
typedef struct { uint8_t is_err; union { uint64_t ok; stream_error_t err; }; } result_u64_stream_error_t;
_Static_assert(sizeof(result_u64_stream_error_t) == 16 && _Alignof(result_u64_stream_error_t) == 8, "result_u64_stream_error_t");

IMPORT("wasi:io/streams@0.2.12", "[method]input-stream.skip") void input_stream_skip_core(uint32_t p0, uint64_t p1, result_u64_stream_error_t *result);
static inline result_u64_stream_error_t input_stream_skip(input_stream_t self, uint64_t len) { result_u64_stream_error_t result; input_stream_skip_core((uint32_t)self, (uint64_t)len, &result); return result; }
IMPORT("wasi:io/streams@0.2.12", "[method]input-stream.blocking-skip") void input_stream_blocking_skip_core(uint32_t p0, uint64_t p1, result_u64_stream_error_t *result);
static inline result_u64_stream_error_t input_stream_blocking_skip(input_stream_t self, uint64_t len) { result_u64_stream_error_t result; input_stream_blocking_skip_core((uint32_t)self, (uint64_t)len, &result); return result; }
IMPORT("wasi:io/streams@0.2.12", "[method]input-stream.subscribe") uint32_t input_stream_subscribe_core(uint32_t p0);
static inline pollable_t input_stream_subscribe(input_stream_t self) { return (pollable_t)input_stream_subscribe_core((uint32_t)self); }
IMPORT("wasi:io/streams@0.2.12", "[method]output-stream.check-write") void output_stream_check_write_core(uint32_t p0, result_u64_stream_error_t *result);
static inline result_u64_stream_error_t output_stream_check_write(output_stream_t self) { result_u64_stream_error_t result; output_stream_check_write_core((uint32_t)self, &result); return result; }
typedef struct { uint8_t is_err; union { stream_error_t err; }; } result_void_stream_error_t;
_Static_assert(sizeof(result_void_stream_error_t) == 12 && _Alignof(result_void_stream_error_t) == 4, "result_void_stream_error_t");

IMPORT("wasi:io/streams@0.2.12", "[method]output-stream.write") void output_stream_write_core(uint32_t p0, uint32_t p1, uint32_t p2, result_void_stream_error_t *result);
static inline result_void_stream_error_t output_stream_write(output_stream_t self, list_u8_t contents) { result_void_stream_error_t result; output_stream_write_core((uint32_t)self, (uint32_t)(uintptr_t)contents.data, (uint32_t)contents.size, &result); return result; }
IMPORT("wasi:io/streams@0.2.12", "[method]output-stream.blocking-write-and-flush") void output_stream_blocking_write_and_flush_core(uint32_t p0, uint32_t p1, uint32_t p2, result_void_stream_error_t *result);
static inline result_void_stream_error_t output_stream_blocking_write_and_flush(output_stream_t self, list_u8_t contents) { result_void_stream_error_t result; output_stream_blocking_write_and_flush_core((uint32_t)self, (uint32_t)(uintptr_t)contents.data, (uint32_t)contents.size, &result); return result; }
IMPORT("wasi:io/streams@0.2.12", "[method]output-stream.flush") void output_stream_flush_core(uint32_t p0, result_void_stream_error_t *result);
static inline result_void_stream_error_t output_stream_flush(output_stream_t self) { result_void_stream_error_t result; output_stream_flush_core((uint32_t)self, &result); return result; }
IMPORT("wasi:io/streams@0.2.12", "[method]output-stream.blocking-flush") void output_stream_blocking_flush_core(uint32_t p0, result_void_stream_error_t *result);
static inline result_void_stream_error_t output_stream_blocking_flush(output_stream_t self) { result_void_stream_error_t result; output_stream_blocking_flush_core((uint32_t)self, &result); return result; }
IMPORT("wasi:io/streams@0.2.12", "[method]output-stream.subscribe") uint32_t output_stream_subscribe_core(uint32_t p0);
static inline pollable_t output_stream_subscribe(output_stream_t self) { return (pollable_t)output_stream_subscribe_core((uint32_t)self); }
IMPORT("wasi:io/streams@0.2.12", "[method]output-stream.write-zeroes") void output_stream_write_zeroes_core(uint32_t p0, uint64_t p1, result_void_stream_error_t *result);
static inline result_void_stream_error_t output_stream_write_zeroes(output_stream_t self, uint64_t len) { result_void_stream_error_t result; output_stream_write_zeroes_core((uint32_t)self, (uint64_t)len, &result); return result; }
IMPORT("wasi:io/streams@0.2.12", "[method]output-stream.blocking-write-zeroes-and-flush") void output_stream_blocking_write_zeroes_and_flush_core(uint32_t p0, uint64_t p1, result_void_stream_error_t *result);
static inline result_void_stream_error_t output_stream_blocking_write_zeroes_and_flush(output_stream_t self, uint64_t len) { result_void_stream_error_t result; output_stream_blocking_write_zeroes_and_flush_core((uint32_t)self, (uint64_t)len, &result); return result; }
IMPORT("wasi:io/streams@0.2.12", "[method]output-stream.splice") void output_stream_splice_core(uint32_t p0, uint32_t p1, uint64_t p2, result_u64_stream_error_t *result);
static inline result_u64_stream_error_t output_stream_splice(output_stream_t self, input_stream_t src, uint64_t len) { result_u64_stream_error_t result; output_stream_splice_core((uint32_t)self, (uint32_t)src, (uint64_t)len, &result); return result; }
IMPORT("wasi:io/streams@0.2.12", "[method]output-stream.blocking-splice") void output_stream_blocking_splice_core(uint32_t p0, uint32_t p1, uint64_t p2, result_u64_stream_error_t *result);
static inline result_u64_stream_error_t output_stream_blocking_splice(output_stream_t self, input_stream_t src, uint64_t len) { result_u64_stream_error_t result; output_stream_blocking_splice_core((uint32_t)self, (uint32_t)src, (uint64_t)len, &result); return result; }

/* wasi:clocks/wall-clock@0.2.12 */

typedef struct { uint64_t seconds; uint32_t nanoseconds; } datetime_t;
_Static_assert(sizeof(datetime_t) == 16 && _Alignof(datetime_t) == 8, "datetime_t");

IMPORT("wasi:clocks/wall-clock@0.2.12", "now") void wall_clock_now_core(datetime_t *result);
static inline datetime_t wall_clock_now(void) { datetime_t result; wall_clock_now_core(&result); return result; }
IMPORT("wasi:clocks/wall-clock@0.2.12", "resolution") void wall_clock_resolution_core(datetime_t *result);
static inline datetime_t wall_clock_resolution(void) { datetime_t result; wall_clock_resolution_core(&result); return result; }

/* wasi:clocks/monotonic-clock@0.2.12 */

IMPORT("wasi:clocks/monotonic-clock@0.2.12", "now") uint64_t monotonic_clock_now_core(void);
static inline uint64_t monotonic_clock_now(void) { return (uint64_t)monotonic_clock_now_core(); }
IMPORT("wasi:clocks/monotonic-clock@0.2.12", "resolution") uint64_t monotonic_clock_resolution_core(void);
static inline uint64_t monotonic_clock_resolution(void) { return (uint64_t)monotonic_clock_resolution_core(); }
IMPORT("wasi:clocks/monotonic-clock@0.2.12", "subscribe-instant") uint32_t monotonic_clock_subscribe_instant_core(uint64_t p0);
static inline pollable_t monotonic_clock_subscribe_instant(uint64_t when) { return (pollable_t)monotonic_clock_subscribe_instant_core((uint64_t)when); }
IMPORT("wasi:clocks/monotonic-clock@0.2.12", "subscribe-duration") uint32_t monotonic_clock_subscribe_duration_core(uint64_t p0);
static inline pollable_t monotonic_clock_subscribe_duration(uint64_t when) { return (pollable_t)monotonic_clock_subscribe_duration_core((uint64_t)when); }

/* wasi:clocks/timezone@0.2.12 */

typedef struct { int32_t utc_offset; string_t name; uint8_t in_daylight_saving_time; } timezone_display_t;
_Static_assert(sizeof(timezone_display_t) == 16 && _Alignof(timezone_display_t) == 4, "timezone_display_t");

IMPORT("wasi:clocks/timezone@0.2.12", "display") void timezone_display_core(uint64_t p0, uint32_t p1, timezone_display_t *result);
static inline timezone_display_t timezone_display(datetime_t when) { timezone_display_t result; timezone_display_core((uint64_t)when.seconds, (uint32_t)when.nanoseconds, &result); return result; }
IMPORT("wasi:clocks/timezone@0.2.12", "utc-offset") uint32_t timezone_utc_offset_core(uint64_t p0, uint32_t p1);
static inline int32_t timezone_utc_offset(datetime_t when) { return (int32_t)timezone_utc_offset_core((uint64_t)when.seconds, (uint32_t)when.nanoseconds); }

/* wasi:random/random@0.2.12 */

IMPORT("wasi:random/random@0.2.12", "get-random-bytes") void random_get_random_bytes_core(uint64_t p0, list_u8_t *result);
static inline list_u8_t random_get_random_bytes(uint64_t len) { list_u8_t result; random_get_random_bytes_core((uint64_t)len, &result); return result; }
IMPORT("wasi:random/random@0.2.12", "get-random-u64") uint64_t random_get_random_u64_core(void);
static inline uint64_t random_get_random_u64(void) { return (uint64_t)random_get_random_u64_core(); }

/* wasi:random/insecure@0.2.12 */

IMPORT("wasi:random/insecure@0.2.12", "get-insecure-random-bytes") void insecure_get_insecure_random_bytes_core(uint64_t p0, list_u8_t *result);
static inline list_u8_t insecure_get_insecure_random_bytes(uint64_t len) { list_u8_t result; insecure_get_insecure_random_bytes_core((uint64_t)len, &result); return result; }
IMPORT("wasi:random/insecure@0.2.12", "get-insecure-random-u64") uint64_t insecure_get_insecure_random_u64_core(void);
static inline uint64_t insecure_get_insecure_random_u64(void) { return (uint64_t)insecure_get_insecure_random_u64_core(); }

/* wasi:random/insecure-seed@0.2.12 */

typedef struct { uint64_t f0; uint64_t f1; } tuple_u64_u64_t;
_Static_assert(sizeof(tuple_u64_u64_t) == 16 && _Alignof(tuple_u64_u64_t) == 8, "tuple_u64_u64_t");

IMPORT("wasi:random/insecure-seed@0.2.12", "insecure-seed") void insecure_seed_insecure_seed_core(tuple_u64_u64_t *result);
static inline tuple_u64_u64_t insecure_seed_insecure_seed(void) { tuple_u64_u64_t result; insecure_seed_insecure_seed_core(&result); return result; }

/* wasi:filesystem/types@0.2.12 */

typedef uint8_t descriptor_type_t;
enum { DESCRIPTOR_TYPE_UNKNOWN = 0, DESCRIPTOR_TYPE_BLOCK_DEVICE = 1, DESCRIPTOR_TYPE_CHARACTER_DEVICE = 2, DESCRIPTOR_TYPE_DIRECTORY = 3, DESCRIPTOR_TYPE_FIFO = 4, DESCRIPTOR_TYPE_SYMBOLIC_LINK = 5, DESCRIPTOR_TYPE_REGULAR_FILE = 6, DESCRIPTOR_TYPE_SOCKET = 7 };

typedef uint8_t descriptor_flags_t;
enum { DESCRIPTOR_FLAGS_READ = 1u << 0, DESCRIPTOR_FLAGS_WRITE = 1u << 1, DESCRIPTOR_FLAGS_FILE_INTEGRITY_SYNC = 1u << 2, DESCRIPTOR_FLAGS_DATA_INTEGRITY_SYNC = 1u << 3, DESCRIPTOR_FLAGS_REQUESTED_WRITE_SYNC = 1u << 4, DESCRIPTOR_FLAGS_MUTATE_DIRECTORY = 1u << 5 };

typedef struct { uint8_t is_some; datetime_t some; } option_datetime_t;
_Static_assert(sizeof(option_datetime_t) == 24 && _Alignof(option_datetime_t) == 8, "option_datetime_t");

typedef struct { descriptor_type_t type; uint64_t link_count; uint64_t size; option_datetime_t data_access_timestamp; option_datetime_t data_modification_timestamp; option_datetime_t status_change_timestamp; } descriptor_stat_t;
_Static_assert(sizeof(descriptor_stat_t) == 96 && _Alignof(descriptor_stat_t) == 8, "descriptor_stat_t");

typedef uint8_t path_flags_t;
enum { PATH_FLAGS_SYMLINK_FOLLOW = 1u << 0 };

typedef uint8_t open_flags_t;
enum { OPEN_FLAGS_CREATE = 1u << 0, OPEN_FLAGS_DIRECTORY = 1u << 1, OPEN_FLAGS_EXCLUSIVE = 1u << 2, OPEN_FLAGS_TRUNCATE = 1u << 3 };

enum { NEW_TIMESTAMP_NO_CHANGE = 0, NEW_TIMESTAMP_NOW = 1, NEW_TIMESTAMP_TIMESTAMP = 2 };
typedef struct { uint8_t tag; union { datetime_t timestamp; }; } new_timestamp_t;
_Static_assert(sizeof(new_timestamp_t) == 24 && _Alignof(new_timestamp_t) == 8, "new_timestamp_t");

typedef struct { descriptor_type_t type; string_t name; } directory_entry_t;
_Static_assert(sizeof(directory_entry_t) == 12 && _Alignof(directory_entry_t) == 4, "directory_entry_t");

typedef uint8_t error_code_t;
enum { ERROR_CODE_ACCESS = 0, ERROR_CODE_WOULD_BLOCK = 1, ERROR_CODE_ALREADY = 2, ERROR_CODE_BAD_DESCRIPTOR = 3, ERROR_CODE_BUSY = 4, ERROR_CODE_DEADLOCK = 5, ERROR_CODE_QUOTA = 6, ERROR_CODE_EXIST = 7, ERROR_CODE_FILE_TOO_LARGE = 8, ERROR_CODE_ILLEGAL_BYTE_SEQUENCE = 9, ERROR_CODE_IN_PROGRESS = 10, ERROR_CODE_INTERRUPTED = 11, ERROR_CODE_INVALID = 12, ERROR_CODE_IO = 13, ERROR_CODE_IS_DIRECTORY = 14, ERROR_CODE_LOOP = 15, ERROR_CODE_TOO_MANY_LINKS = 16, ERROR_CODE_MESSAGE_SIZE = 17, ERROR_CODE_NAME_TOO_LONG = 18, ERROR_CODE_NO_DEVICE = 19, ERROR_CODE_NO_ENTRY = 20, ERROR_CODE_NO_LOCK = 21, ERROR_CODE_INSUFFICIENT_MEMORY = 22, ERROR_CODE_INSUFFICIENT_SPACE = 23, ERROR_CODE_NOT_DIRECTORY = 24, ERROR_CODE_NOT_EMPTY = 25, ERROR_CODE_NOT_RECOVERABLE = 26, ERROR_CODE_UNSUPPORTED = 27, ERROR_CODE_NO_TTY = 28, ERROR_CODE_NO_SUCH_DEVICE = 29, ERROR_CODE_OVERFLOW = 30, ERROR_CODE_NOT_PERMITTED = 31, ERROR_CODE_PIPE = 32, ERROR_CODE_READ_ONLY = 33, ERROR_CODE_INVALID_SEEK = 34, ERROR_CODE_TEXT_FILE_BUSY = 35, ERROR_CODE_CROSS_DEVICE = 36 };

typedef uint8_t advice_t;
enum { ADVICE_NORMAL = 0, ADVICE_SEQUENTIAL = 1, ADVICE_RANDOM = 2, ADVICE_WILL_NEED = 3, ADVICE_DONT_NEED = 4, ADVICE_NO_REUSE = 5 };

typedef struct { uint64_t lower; uint64_t upper; } metadata_hash_value_t;
_Static_assert(sizeof(metadata_hash_value_t) == 16 && _Alignof(metadata_hash_value_t) == 8, "metadata_hash_value_t");

typedef uint32_t descriptor_t;

typedef uint32_t directory_entry_stream_t;

IMPORT("wasi:filesystem/types@0.2.12", "[resource-drop]descriptor") void descriptor_drop(descriptor_t self);
IMPORT("wasi:filesystem/types@0.2.12", "[resource-drop]directory-entry-stream") void directory_entry_stream_drop(directory_entry_stream_t self);
typedef struct { uint8_t is_err; union { input_stream_t ok; error_code_t err; }; } result_input_stream_error_code_t;
_Static_assert(sizeof(result_input_stream_error_code_t) == 8 && _Alignof(result_input_stream_error_code_t) == 4, "result_input_stream_error_code_t");

IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.read-via-stream") void descriptor_read_via_stream_core(uint32_t p0, uint64_t p1, result_input_stream_error_code_t *result);
static inline result_input_stream_error_code_t descriptor_read_via_stream(descriptor_t self, uint64_t offset) { result_input_stream_error_code_t result; descriptor_read_via_stream_core((uint32_t)self, (uint64_t)offset, &result); return result; }
typedef struct { uint8_t is_err; union { output_stream_t ok; error_code_t err; }; } result_output_stream_error_code_t;
_Static_assert(sizeof(result_output_stream_error_code_t) == 8 && _Alignof(result_output_stream_error_code_t) == 4, "result_output_stream_error_code_t");

IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.write-via-stream") void descriptor_write_via_stream_core(uint32_t p0, uint64_t p1, result_output_stream_error_code_t *result);
static inline result_output_stream_error_code_t descriptor_write_via_stream(descriptor_t self, uint64_t offset) { result_output_stream_error_code_t result; descriptor_write_via_stream_core((uint32_t)self, (uint64_t)offset, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.append-via-stream") void descriptor_append_via_stream_core(uint32_t p0, result_output_stream_error_code_t *result);
static inline result_output_stream_error_code_t descriptor_append_via_stream(descriptor_t self) { result_output_stream_error_code_t result; descriptor_append_via_stream_core((uint32_t)self, &result); return result; }
typedef struct { uint8_t is_err; union { error_code_t err; }; } result_void_error_code_t;
_Static_assert(sizeof(result_void_error_code_t) == 2 && _Alignof(result_void_error_code_t) == 1, "result_void_error_code_t");

IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.advise") void descriptor_advise_core(uint32_t p0, uint64_t p1, uint64_t p2, uint32_t p3, result_void_error_code_t *result);
static inline result_void_error_code_t descriptor_advise(descriptor_t self, uint64_t offset, uint64_t length, advice_t advice) { result_void_error_code_t result; descriptor_advise_core((uint32_t)self, (uint64_t)offset, (uint64_t)length, (uint32_t)advice, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.sync-data") void descriptor_sync_data_core(uint32_t p0, result_void_error_code_t *result);
static inline result_void_error_code_t descriptor_sync_data(descriptor_t self) { result_void_error_code_t result; descriptor_sync_data_core((uint32_t)self, &result); return result; }
typedef struct { uint8_t is_err; union { descriptor_flags_t ok; error_code_t err; }; } result_descriptor_flags_error_code_t;
_Static_assert(sizeof(result_descriptor_flags_error_code_t) == 2 && _Alignof(result_descriptor_flags_error_code_t) == 1, "result_descriptor_flags_error_code_t");

IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.get-flags") void descriptor_get_flags_core(uint32_t p0, result_descriptor_flags_error_code_t *result);
static inline result_descriptor_flags_error_code_t descriptor_get_flags(descriptor_t self) { result_descriptor_flags_error_code_t result; descriptor_get_flags_core((uint32_t)self, &result); return result; }
typedef struct { uint8_t is_err; union { descriptor_type_t ok; error_code_t err; }; } result_descriptor_type_error_code_t;
_Static_assert(sizeof(result_descriptor_type_error_code_t) == 2 && _Alignof(result_descriptor_type_error_code_t) == 1, "result_descriptor_type_error_code_t");

IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.get-type") void descriptor_get_type_core(uint32_t p0, result_descriptor_type_error_code_t *result);
static inline result_descriptor_type_error_code_t descriptor_get_type(descriptor_t self) { result_descriptor_type_error_code_t result; descriptor_get_type_core((uint32_t)self, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.set-size") void descriptor_set_size_core(uint32_t p0, uint64_t p1, result_void_error_code_t *result);
static inline result_void_error_code_t descriptor_set_size(descriptor_t self, uint64_t size) { result_void_error_code_t result; descriptor_set_size_core((uint32_t)self, (uint64_t)size, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.set-times") void descriptor_set_times_core(uint32_t p0, uint32_t p1, uint64_t p2, uint32_t p3, uint32_t p4, uint64_t p5, uint32_t p6, result_void_error_code_t *result);
static inline result_void_error_code_t descriptor_set_times(descriptor_t self, new_timestamp_t data_access_timestamp, new_timestamp_t data_modification_timestamp) { result_void_error_code_t result; descriptor_set_times_core((uint32_t)self, (uint32_t)data_access_timestamp.tag, data_access_timestamp.tag == 2 ? (uint64_t)(uint64_t)data_access_timestamp.timestamp.seconds : 0, data_access_timestamp.tag == 2 ? (uint32_t)(uint32_t)data_access_timestamp.timestamp.nanoseconds : 0, (uint32_t)data_modification_timestamp.tag, data_modification_timestamp.tag == 2 ? (uint64_t)(uint64_t)data_modification_timestamp.timestamp.seconds : 0, data_modification_timestamp.tag == 2 ? (uint32_t)(uint32_t)data_modification_timestamp.timestamp.nanoseconds : 0, &result); return result; }
typedef struct { list_u8_t f0; uint8_t f1; } tuple_list_u8_bool_t;
_Static_assert(sizeof(tuple_list_u8_bool_t) == 12 && _Alignof(tuple_list_u8_bool_t) == 4, "tuple_list_u8_bool_t");

typedef struct { uint8_t is_err; union { tuple_list_u8_bool_t ok; error_code_t err; }; } result_tuple_list_u8_bool_error_code_t;
_Static_assert(sizeof(result_tuple_list_u8_bool_error_code_t) == 16 && _Alignof(result_tuple_list_u8_bool_error_code_t) == 4, "result_tuple_list_u8_bool_error_code_t");

IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.read") void descriptor_read_core(uint32_t p0, uint64_t p1, uint64_t p2, result_tuple_list_u8_bool_error_code_t *result);
static inline result_tuple_list_u8_bool_error_code_t descriptor_read(descriptor_t self, uint64_t length, uint64_t offset) { result_tuple_list_u8_bool_error_code_t result; descriptor_read_core((uint32_t)self, (uint64_t)length, (uint64_t)offset, &result); return result; }
typedef struct { uint8_t is_err; union { uint64_t ok; error_code_t err; }; } result_u64_error_code_t;
_Static_assert(sizeof(result_u64_error_code_t) == 16 && _Alignof(result_u64_error_code_t) == 8, "result_u64_error_code_t");

IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.write") void descriptor_write_core(uint32_t p0, uint32_t p1, uint32_t p2, uint64_t p3, result_u64_error_code_t *result);
static inline result_u64_error_code_t descriptor_write(descriptor_t self, list_u8_t buffer, uint64_t offset) { result_u64_error_code_t result; descriptor_write_core((uint32_t)self, (uint32_t)(uintptr_t)buffer.data, (uint32_t)buffer.size, (uint64_t)offset, &result); return result; }
typedef struct { uint8_t is_err; union { directory_entry_stream_t ok; error_code_t err; }; } result_directory_entry_stream_error_code_t;
_Static_assert(sizeof(result_directory_entry_stream_error_code_t) == 8 && _Alignof(result_directory_entry_stream_error_code_t) == 4, "result_directory_entry_stream_error_code_t");

IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.read-directory") void descriptor_read_directory_core(uint32_t p0, result_directory_entry_stream_error_code_t *result);
static inline result_directory_entry_stream_error_code_t descriptor_read_directory(descriptor_t self) { result_directory_entry_stream_error_code_t result; descriptor_read_directory_core((uint32_t)self, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.sync") void descriptor_sync_core(uint32_t p0, result_void_error_code_t *result);
static inline result_void_error_code_t descriptor_sync(descriptor_t self) { result_void_error_code_t result; descriptor_sync_core((uint32_t)self, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.create-directory-at") void descriptor_create_directory_at_core(uint32_t p0, uint32_t p1, uint32_t p2, result_void_error_code_t *result);
static inline result_void_error_code_t descriptor_create_directory_at(descriptor_t self, string_t path) { result_void_error_code_t result; descriptor_create_directory_at_core((uint32_t)self, (uint32_t)(uintptr_t)path.data, (uint32_t)path.size, &result); return result; }
typedef struct { uint8_t is_err; union { descriptor_stat_t ok; error_code_t err; }; } result_descriptor_stat_error_code_t;
_Static_assert(sizeof(result_descriptor_stat_error_code_t) == 104 && _Alignof(result_descriptor_stat_error_code_t) == 8, "result_descriptor_stat_error_code_t");

IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.stat") void descriptor_stat_core(uint32_t p0, result_descriptor_stat_error_code_t *result);
static inline result_descriptor_stat_error_code_t descriptor_stat(descriptor_t self) { result_descriptor_stat_error_code_t result; descriptor_stat_core((uint32_t)self, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.stat-at") void descriptor_stat_at_core(uint32_t p0, uint32_t p1, uint32_t p2, uint32_t p3, result_descriptor_stat_error_code_t *result);
static inline result_descriptor_stat_error_code_t descriptor_stat_at(descriptor_t self, path_flags_t path_flags, string_t path) { result_descriptor_stat_error_code_t result; descriptor_stat_at_core((uint32_t)self, (uint32_t)path_flags, (uint32_t)(uintptr_t)path.data, (uint32_t)path.size, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.set-times-at") void descriptor_set_times_at_core(uint32_t p0, uint32_t p1, uint32_t p2, uint32_t p3, uint32_t p4, uint64_t p5, uint32_t p6, uint32_t p7, uint64_t p8, uint32_t p9, result_void_error_code_t *result);
static inline result_void_error_code_t descriptor_set_times_at(descriptor_t self, path_flags_t path_flags, string_t path, new_timestamp_t data_access_timestamp, new_timestamp_t data_modification_timestamp) { result_void_error_code_t result; descriptor_set_times_at_core((uint32_t)self, (uint32_t)path_flags, (uint32_t)(uintptr_t)path.data, (uint32_t)path.size, (uint32_t)data_access_timestamp.tag, data_access_timestamp.tag == 2 ? (uint64_t)(uint64_t)data_access_timestamp.timestamp.seconds : 0, data_access_timestamp.tag == 2 ? (uint32_t)(uint32_t)data_access_timestamp.timestamp.nanoseconds : 0, (uint32_t)data_modification_timestamp.tag, data_modification_timestamp.tag == 2 ? (uint64_t)(uint64_t)data_modification_timestamp.timestamp.seconds : 0, data_modification_timestamp.tag == 2 ? (uint32_t)(uint32_t)data_modification_timestamp.timestamp.nanoseconds : 0, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.link-at") void descriptor_link_at_core(uint32_t p0, uint32_t p1, uint32_t p2, uint32_t p3, uint32_t p4, uint32_t p5, uint32_t p6, result_void_error_code_t *result);
static inline result_void_error_code_t descriptor_link_at(descriptor_t self, path_flags_t old_path_flags, string_t old_path, descriptor_t new_descriptor, string_t new_path) { result_void_error_code_t result; descriptor_link_at_core((uint32_t)self, (uint32_t)old_path_flags, (uint32_t)(uintptr_t)old_path.data, (uint32_t)old_path.size, (uint32_t)new_descriptor, (uint32_t)(uintptr_t)new_path.data, (uint32_t)new_path.size, &result); return result; }
typedef struct { uint8_t is_err; union { descriptor_t ok; error_code_t err; }; } result_descriptor_error_code_t;
_Static_assert(sizeof(result_descriptor_error_code_t) == 8 && _Alignof(result_descriptor_error_code_t) == 4, "result_descriptor_error_code_t");

IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.open-at") void descriptor_open_at_core(uint32_t p0, uint32_t p1, uint32_t p2, uint32_t p3, uint32_t p4, uint32_t p5, result_descriptor_error_code_t *result);
static inline result_descriptor_error_code_t descriptor_open_at(descriptor_t self, path_flags_t path_flags, string_t path, open_flags_t open_flags, descriptor_flags_t flags) { result_descriptor_error_code_t result; descriptor_open_at_core((uint32_t)self, (uint32_t)path_flags, (uint32_t)(uintptr_t)path.data, (uint32_t)path.size, (uint32_t)open_flags, (uint32_t)flags, &result); return result; }
typedef struct { uint8_t is_err; union { string_t ok; error_code_t err; }; } result_string_error_code_t;
_Static_assert(sizeof(result_string_error_code_t) == 12 && _Alignof(result_string_error_code_t) == 4, "result_string_error_code_t");

IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.readlink-at") void descriptor_readlink_at_core(uint32_t p0, uint32_t p1, uint32_t p2, result_string_error_code_t *result);
static inline result_string_error_code_t descriptor_readlink_at(descriptor_t self, string_t path) { result_string_error_code_t result; descriptor_readlink_at_core((uint32_t)self, (uint32_t)(uintptr_t)path.data, (uint32_t)path.size, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.remove-directory-at") void descriptor_remove_directory_at_core(uint32_t p0, uint32_t p1, uint32_t p2, result_void_error_code_t *result);
static inline result_void_error_code_t descriptor_remove_directory_at(descriptor_t self, string_t path) { result_void_error_code_t result; descriptor_remove_directory_at_core((uint32_t)self, (uint32_t)(uintptr_t)path.data, (uint32_t)path.size, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.rename-at") void descriptor_rename_at_core(uint32_t p0, uint32_t p1, uint32_t p2, uint32_t p3, uint32_t p4, uint32_t p5, result_void_error_code_t *result);
static inline result_void_error_code_t descriptor_rename_at(descriptor_t self, string_t old_path, descriptor_t new_descriptor, string_t new_path) { result_void_error_code_t result; descriptor_rename_at_core((uint32_t)self, (uint32_t)(uintptr_t)old_path.data, (uint32_t)old_path.size, (uint32_t)new_descriptor, (uint32_t)(uintptr_t)new_path.data, (uint32_t)new_path.size, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.symlink-at") void descriptor_symlink_at_core(uint32_t p0, uint32_t p1, uint32_t p2, uint32_t p3, uint32_t p4, result_void_error_code_t *result);
static inline result_void_error_code_t descriptor_symlink_at(descriptor_t self, string_t old_path, string_t new_path) { result_void_error_code_t result; descriptor_symlink_at_core((uint32_t)self, (uint32_t)(uintptr_t)old_path.data, (uint32_t)old_path.size, (uint32_t)(uintptr_t)new_path.data, (uint32_t)new_path.size, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.unlink-file-at") void descriptor_unlink_file_at_core(uint32_t p0, uint32_t p1, uint32_t p2, result_void_error_code_t *result);
static inline result_void_error_code_t descriptor_unlink_file_at(descriptor_t self, string_t path) { result_void_error_code_t result; descriptor_unlink_file_at_core((uint32_t)self, (uint32_t)(uintptr_t)path.data, (uint32_t)path.size, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.is-same-object") uint32_t descriptor_is_same_object_core(uint32_t p0, uint32_t p1);
static inline uint8_t descriptor_is_same_object(descriptor_t self, descriptor_t other) { return (uint8_t)descriptor_is_same_object_core((uint32_t)self, (uint32_t)other); }
typedef struct { uint8_t is_err; union { metadata_hash_value_t ok; error_code_t err; }; } result_metadata_hash_value_error_code_t;
_Static_assert(sizeof(result_metadata_hash_value_error_code_t) == 24 && _Alignof(result_metadata_hash_value_error_code_t) == 8, "result_metadata_hash_value_error_code_t");

IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.metadata-hash") void descriptor_metadata_hash_core(uint32_t p0, result_metadata_hash_value_error_code_t *result);
static inline result_metadata_hash_value_error_code_t descriptor_metadata_hash(descriptor_t self) { result_metadata_hash_value_error_code_t result; descriptor_metadata_hash_core((uint32_t)self, &result); return result; }
IMPORT("wasi:filesystem/types@0.2.12", "[method]descriptor.metadata-hash-at") void descriptor_metadata_hash_at_core(uint32_t p0, uint32_t p1, uint32_t p2, uint32_t p3, result_metadata_hash_value_error_code_t *result);
static inline result_metadata_hash_value_error_code_t descriptor_metadata_hash_at(descriptor_t self, path_flags_t path_flags, string_t path) { result_metadata_hash_value_error_code_t result; descriptor_metadata_hash_at_core((uint32_t)self, (uint32_t)path_flags, (uint32_t)(uintptr_t)path.data, (uint32_t)path.size, &result); return result; }
typedef struct { uint8_t is_some; directory_entry_t some; } option_directory_entry_t;
_Static_assert(sizeof(option_directory_entry_t) == 16 && _Alignof(option_directory_entry_t) == 4, "option_directory_entry_t");

typedef struct { uint8_t is_err; union { option_directory_entry_t ok; error_code_t err; }; } result_option_directory_entry_error_code_t;
_Static_assert(sizeof(result_option_directory_entry_error_code_t) == 20 && _Alignof(result_option_directory_entry_error_code_t) == 4, "result_option_directory_entry_error_code_t");

IMPORT("wasi:filesystem/types@0.2.12", "[method]directory-entry-stream.read-directory-entry") void directory_entry_stream_read_directory_entry_core(uint32_t p0, result_option_directory_entry_error_code_t *result);
static inline result_option_directory_entry_error_code_t directory_entry_stream_read_directory_entry(directory_entry_stream_t self) { result_option_directory_entry_error_code_t result; directory_entry_stream_read_directory_entry_core((uint32_t)self, &result); return result; }
typedef struct { uint8_t is_some; error_code_t some; } option_error_code_t;
_Static_assert(sizeof(option_error_code_t) == 2 && _Alignof(option_error_code_t) == 1, "option_error_code_t");

IMPORT("wasi:filesystem/types@0.2.12", "filesystem-error-code") void types_filesystem_error_code_core(uint32_t p0, option_error_code_t *result);
static inline option_error_code_t types_filesystem_error_code(error_t err) { option_error_code_t result; types_filesystem_error_code_core((uint32_t)err, &result); return result; }

/* wasi:filesystem/preopens@0.2.12 */

typedef struct { descriptor_t f0; string_t f1; } tuple_descriptor_string_t;
_Static_assert(sizeof(tuple_descriptor_string_t) == 12 && _Alignof(tuple_descriptor_string_t) == 4, "tuple_descriptor_string_t");

typedef struct { const tuple_descriptor_string_t *data; size_t size; } list_tuple_descriptor_string_t;
_Static_assert(sizeof(list_tuple_descriptor_string_t) == 8 && _Alignof(list_tuple_descriptor_string_t) == 4, "list_tuple_descriptor_string_t");

IMPORT("wasi:filesystem/preopens@0.2.12", "get-directories") void preopens_get_directories_core(list_tuple_descriptor_string_t *result);
static inline list_tuple_descriptor_string_t preopens_get_directories(void) { list_tuple_descriptor_string_t result; preopens_get_directories_core(&result); return result; }

/* wasi:cli/environment@0.2.12 */

typedef struct { string_t f0; string_t f1; } tuple_string_string_t;
_Static_assert(sizeof(tuple_string_string_t) == 16 && _Alignof(tuple_string_string_t) == 4, "tuple_string_string_t");

typedef struct { const tuple_string_string_t *data; size_t size; } list_tuple_string_string_t;
_Static_assert(sizeof(list_tuple_string_string_t) == 8 && _Alignof(list_tuple_string_string_t) == 4, "list_tuple_string_string_t");

IMPORT("wasi:cli/environment@0.2.12", "get-environment") void environment_get_environment_core(list_tuple_string_string_t *result);
static inline list_tuple_string_string_t environment_get_environment(void) { list_tuple_string_string_t result; environment_get_environment_core(&result); return result; }
typedef struct { const string_t *data; size_t size; } list_string_t;
_Static_assert(sizeof(list_string_t) == 8 && _Alignof(list_string_t) == 4, "list_string_t");

IMPORT("wasi:cli/environment@0.2.12", "get-arguments") void environment_get_arguments_core(list_string_t *result);
static inline list_string_t environment_get_arguments(void) { list_string_t result; environment_get_arguments_core(&result); return result; }
typedef struct { uint8_t is_some; string_t some; } option_string_t;
_Static_assert(sizeof(option_string_t) == 12 && _Alignof(option_string_t) == 4, "option_string_t");

IMPORT("wasi:cli/environment@0.2.12", "initial-cwd") void environment_initial_cwd_core(option_string_t *result);
static inline option_string_t environment_initial_cwd(void) { option_string_t result; environment_initial_cwd_core(&result); return result; }

/* wasi:cli/exit@0.2.12 */

typedef struct { uint8_t is_err; } result_void_void_t;
_Static_assert(sizeof(result_void_void_t) == 1 && _Alignof(result_void_void_t) == 1, "result_void_void_t");

IMPORT("wasi:cli/exit@0.2.12", "exit") void exit_exit_core(uint32_t p0);
static inline void exit_exit(result_void_void_t status) { exit_exit_core((uint32_t)status.is_err); }
IMPORT("wasi:cli/exit@0.2.12", "exit-with-code") void exit_exit_with_code_core(uint32_t p0);
static inline void exit_exit_with_code(uint8_t status_code) { exit_exit_with_code_core((uint32_t)status_code); }

/* wasi:cli/stdin@0.2.12 */

IMPORT("wasi:cli/stdin@0.2.12", "get-stdin") uint32_t stdin_get_stdin_core(void);
static inline input_stream_t stdin_get_stdin(void) { return (input_stream_t)stdin_get_stdin_core(); }

/* wasi:cli/stdout@0.2.12 */

IMPORT("wasi:cli/stdout@0.2.12", "get-stdout") uint32_t stdout_get_stdout_core(void);
static inline output_stream_t stdout_get_stdout(void) { return (output_stream_t)stdout_get_stdout_core(); }

/* wasi:cli/stderr@0.2.12 */

IMPORT("wasi:cli/stderr@0.2.12", "get-stderr") uint32_t stderr_get_stderr_core(void);
static inline output_stream_t stderr_get_stderr(void) { return (output_stream_t)stderr_get_stderr_core(); }

/* wasi:cli/terminal-input@0.2.12 */

typedef uint32_t terminal_input_t;

IMPORT("wasi:cli/terminal-input@0.2.12", "[resource-drop]terminal-input") void terminal_input_drop(terminal_input_t self);

/* wasi:cli/terminal-output@0.2.12 */

typedef uint32_t terminal_output_t;

IMPORT("wasi:cli/terminal-output@0.2.12", "[resource-drop]terminal-output") void terminal_output_drop(terminal_output_t self);

/* wasi:cli/terminal-stdin@0.2.12 */

typedef struct { uint8_t is_some; terminal_input_t some; } option_terminal_input_t;
_Static_assert(sizeof(option_terminal_input_t) == 8 && _Alignof(option_terminal_input_t) == 4, "option_terminal_input_t");

IMPORT("wasi:cli/terminal-stdin@0.2.12", "get-terminal-stdin") void terminal_stdin_get_terminal_stdin_core(option_terminal_input_t *result);
static inline option_terminal_input_t terminal_stdin_get_terminal_stdin(void) { option_terminal_input_t result; terminal_stdin_get_terminal_stdin_core(&result); return result; }

/* wasi:cli/terminal-stdout@0.2.12 */

typedef struct { uint8_t is_some; terminal_output_t some; } option_terminal_output_t;
_Static_assert(sizeof(option_terminal_output_t) == 8 && _Alignof(option_terminal_output_t) == 4, "option_terminal_output_t");

IMPORT("wasi:cli/terminal-stdout@0.2.12", "get-terminal-stdout") void terminal_stdout_get_terminal_stdout_core(option_terminal_output_t *result);
static inline option_terminal_output_t terminal_stdout_get_terminal_stdout(void) { option_terminal_output_t result; terminal_stdout_get_terminal_stdout_core(&result); return result; }

/* wasi:cli/terminal-stderr@0.2.12 */

IMPORT("wasi:cli/terminal-stderr@0.2.12", "get-terminal-stderr") void terminal_stderr_get_terminal_stderr_core(option_terminal_output_t *result);
static inline option_terminal_output_t terminal_stderr_get_terminal_stderr(void) { option_terminal_output_t result; terminal_stderr_get_terminal_stderr_core(&result); return result; }

#endif
