/* The raw imports of WASI Preview 1, declared from the standard's text, with no libc in between.
 *
 * A guest that defines WASI_UNSTABLE before it includes this gets the module's older name and its older layouts:
 * a 56-byte filestat, a 56-byte subscription with a clock identifier, and whence in the order CUR END SET.
 *
 * One that is given sockets defines FIRST_DIRECTORY: they stand before the directories.
 */
#ifndef WASI_RAW_H
#define WASI_RAW_H

#include <stddef.h>
#include <stdint.h>

#ifdef WASI_UNSTABLE
#define WASI_MODULE "wasi_unstable"
#else
#define WASI_MODULE "wasi_snapshot_preview1"
#endif
#ifndef FIRST_DIRECTORY
#define FIRST_DIRECTORY 3
#endif
#define WASI(name) __attribute__((import_module(WASI_MODULE), import_name(#name))) int name

typedef uint32_t fd_t;
typedef uint32_t size_u32;

enum errno_value {
    SUCCESS, E2BIG, EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, EALREADY, EBADF, EBADMSG, EBUSY, ECANCELED,
    ECHILD, ECONNABORTED, ECONNREFUSED, ECONNRESET, EDEADLK, EDESTADDRREQ, EDOM, EDQUOT, EEXIST, EFAULT, EFBIG,
    EHOSTUNREACH, EIDRM, EILSEQ, EINPROGRESS, EINTR, EINVAL, EIO, EISCONN, EISDIR, ELOOP, EMFILE, EMLINK, EMSGSIZE,
    EMULTIHOP, ENAMETOOLONG, ENETDOWN, ENETRESET, ENETUNREACH, ENFILE, ENOBUFS, ENODEV, ENOENT, ENOEXEC, ENOLCK,
    ENOLINK, ENOMEM, ENOMSG, ENOPROTOOPT, ENOSPC, ENOSYS, ENOTCONN, ENOTDIR, ENOTEMPTY, ENOTRECOVERABLE, ENOTSOCK,
    ENOTSUP, ENOTTY, ENXIO, EOVERFLOW, EOWNERDEAD, EPERM, EPIPE, EPROTO, EPROTONOSUPPORT, EPROTOTYPE, ERANGE, EROFS,
    ESPIPE, ESRCH, ESTALE, ETIMEDOUT, ETXTBSY, EXDEV, ENOTCAPABLE
};

enum { REALTIME, MONOTONIC, PROCESS_CPUTIME, THREAD_CPUTIME };
enum { UNKNOWN, BLOCK_DEVICE, CHARACTER_DEVICE, DIRECTORY, REGULAR_FILE, SOCKET_DGRAM, SOCKET_STREAM, SYMBOLIC_LINK };
enum { FOLLOW = 1 };                                                   /* lookupflags */
enum { O_CREAT = 1, O_DIRECTORY = 2, O_EXCL = 4, O_TRUNC = 8 };        /* oflags */
enum { APPEND = 1, DSYNC = 2, NONBLOCK = 4, RSYNC = 8, SYNC = 16 };    /* fdflags */
enum { ATIM = 1, ATIM_NOW = 2, MTIM = 4, MTIM_NOW = 8 };               /* fstflags */
enum { NORMAL, SEQUENTIAL, RANDOM, WILLNEED, DONTNEED, NOREUSE };      /* advice */
enum { SHUT_RD = 1, SHUT_WR = 2 };                                     /* sdflags */
enum { RECV_PEEK = 1, RECV_WAITALL = 2 };                              /* riflags */
enum { EVENT_CLOCK, EVENT_FD_READ, EVENT_FD_WRITE };
enum { ABSTIME = 1 };                                                  /* subclockflags */
enum { SIGNAL_NONE, SIGNAL_TERM = 15, SIGNAL_CHLD, SIGNAL_STOP = 18, SIGNAL_TTOU = 21, SIGNAL_URG, SIGNAL_WINCH = 27 };
#ifdef WASI_UNSTABLE
enum { SEEK_CUR, SEEK_END, SEEK_SET };
#else
enum { SEEK_SET, SEEK_CUR, SEEK_END };
#endif

#define RIGHT(bit) ((uint64_t)1 << (bit))
#define RIGHT_FD_DATASYNC RIGHT(0)
#define RIGHT_FD_READ RIGHT(1)
#define RIGHT_FD_SEEK RIGHT(2)
#define RIGHT_FD_FDSTAT_SET_FLAGS RIGHT(3)
#define RIGHT_FD_SYNC RIGHT(4)
#define RIGHT_FD_TELL RIGHT(5)
#define RIGHT_FD_WRITE RIGHT(6)
#define RIGHT_FD_ADVISE RIGHT(7)
#define RIGHT_FD_ALLOCATE RIGHT(8)
#define RIGHT_PATH_CREATE_DIRECTORY RIGHT(9)
#define RIGHT_PATH_CREATE_FILE RIGHT(10)
#define RIGHT_PATH_LINK_SOURCE RIGHT(11)
#define RIGHT_PATH_LINK_TARGET RIGHT(12)
#define RIGHT_PATH_OPEN RIGHT(13)
#define RIGHT_FD_READDIR RIGHT(14)
#define RIGHT_PATH_READLINK RIGHT(15)
#define RIGHT_PATH_RENAME_SOURCE RIGHT(16)
#define RIGHT_PATH_RENAME_TARGET RIGHT(17)
#define RIGHT_PATH_FILESTAT_GET RIGHT(18)
#define RIGHT_PATH_FILESTAT_SET_SIZE RIGHT(19)
#define RIGHT_PATH_FILESTAT_SET_TIMES RIGHT(20)
#define RIGHT_FD_FILESTAT_GET RIGHT(21)
#define RIGHT_FD_FILESTAT_SET_SIZE RIGHT(22)
#define RIGHT_FD_FILESTAT_SET_TIMES RIGHT(23)
#define RIGHT_PATH_SYMLINK RIGHT(24)
#define RIGHT_PATH_REMOVE_DIRECTORY RIGHT(25)
#define RIGHT_PATH_UNLINK_FILE RIGHT(26)
#define RIGHT_POLL_FD_READWRITE RIGHT(27)
#define RIGHT_SOCK_SHUTDOWN RIGHT(28)
#define RIGHT_SOCK_ACCEPT RIGHT(29)

struct iovec { void *data; size_u32 size; };
struct ciovec { const void *data; size_u32 size; };

struct fdstat { uint8_t type; uint16_t flags; uint64_t rights; uint64_t inheriting; };

struct filestat {
    uint64_t dev, ino;
    uint8_t type;
#ifdef WASI_UNSTABLE
    uint32_t nlink;
#else
    uint64_t nlink;
#endif
    uint64_t size, atim, mtim, ctim;
};

struct dirent { uint64_t next, ino; uint32_t namelen; uint8_t type; };

struct prestat { uint8_t tag; size_u32 namelen; };

struct clock_subscription {
#ifdef WASI_UNSTABLE
    uint64_t identifier;
#endif
    uint32_t id;
    uint64_t timeout, precision;
    uint16_t flags;
};

struct subscription {
    uint64_t userdata;
    uint8_t type;
    union { struct clock_subscription clock; fd_t fd; } u;
};

struct event { uint64_t userdata; uint16_t error; uint8_t type; uint64_t nbytes; uint16_t flags; };

_Static_assert(sizeof(struct fdstat) == 24, "fdstat");
_Static_assert(sizeof(struct dirent) == 24, "dirent");
_Static_assert(sizeof(struct prestat) == 8, "prestat");
_Static_assert(sizeof(struct event) == 32, "event");
#ifdef WASI_UNSTABLE
_Static_assert(sizeof(struct filestat) == 56, "filestat");
_Static_assert(sizeof(struct subscription) == 56, "subscription");
#else
_Static_assert(sizeof(struct filestat) == 64, "filestat");
_Static_assert(sizeof(struct subscription) == 48, "subscription");
#endif

WASI(args_get)(char **argv, char *data);
WASI(args_sizes_get)(size_u32 *count, size_u32 *size);
WASI(environ_get)(char **environ, char *data);
WASI(environ_sizes_get)(size_u32 *count, size_u32 *size);
WASI(clock_res_get)(uint32_t id, uint64_t *resolution);
WASI(clock_time_get)(uint32_t id, uint64_t precision, uint64_t *time);
WASI(fd_advise)(fd_t fd, uint64_t offset, uint64_t size, uint32_t advice);
WASI(fd_allocate)(fd_t fd, uint64_t offset, uint64_t size);
WASI(fd_close)(fd_t fd);
WASI(fd_datasync)(fd_t fd);
WASI(fd_fdstat_get)(fd_t fd, struct fdstat *out);
WASI(fd_fdstat_set_flags)(fd_t fd, uint32_t flags);
WASI(fd_fdstat_set_rights)(fd_t fd, uint64_t rights, uint64_t inheriting);
WASI(fd_filestat_get)(fd_t fd, struct filestat *out);
WASI(fd_filestat_set_size)(fd_t fd, uint64_t size);
WASI(fd_filestat_set_times)(fd_t fd, uint64_t atim, uint64_t mtim, uint32_t flags);
WASI(fd_pread)(fd_t fd, const struct iovec *v, size_u32 n, uint64_t offset, size_u32 *count);
WASI(fd_prestat_get)(fd_t fd, struct prestat *out);
WASI(fd_prestat_dir_name)(fd_t fd, char *name, size_u32 size);
WASI(fd_pwrite)(fd_t fd, const struct ciovec *v, size_u32 n, uint64_t offset, size_u32 *count);
WASI(fd_read)(fd_t fd, const struct iovec *v, size_u32 n, size_u32 *count);
WASI(fd_readdir)(fd_t fd, void *buffer, size_u32 size, uint64_t cookie, size_u32 *used);
WASI(fd_renumber)(fd_t from, fd_t to);
WASI(fd_seek)(fd_t fd, int64_t offset, uint32_t whence, uint64_t *position);
WASI(fd_sync)(fd_t fd);
WASI(fd_tell)(fd_t fd, uint64_t *position);
WASI(fd_write)(fd_t fd, const struct ciovec *v, size_u32 n, size_u32 *count);
WASI(path_create_directory)(fd_t dir, const char *path, size_u32 n);
WASI(path_filestat_get)(fd_t dir, uint32_t lookup, const char *path, size_u32 n, struct filestat *out);
WASI(path_filestat_set_times)(fd_t dir, uint32_t lookup, const char *path, size_u32 n, uint64_t atim, uint64_t mtim,
                              uint32_t flags);
WASI(path_link)(fd_t old_dir, uint32_t lookup, const char *old, size_u32 old_n, fd_t dir, const char *path, size_u32 n);
WASI(path_open)(fd_t dir, uint32_t lookup, const char *path, size_u32 n, uint32_t oflags, uint64_t rights,
                uint64_t inheriting, uint32_t fdflags, fd_t *fd);
WASI(path_readlink)(fd_t dir, const char *path, size_u32 n, void *buffer, size_u32 size, size_u32 *used);
WASI(path_remove_directory)(fd_t dir, const char *path, size_u32 n);
WASI(path_rename)(fd_t old_dir, const char *old, size_u32 old_n, fd_t dir, const char *path, size_u32 n);
WASI(path_symlink)(const char *target, size_u32 target_n, fd_t dir, const char *path, size_u32 n);
WASI(path_unlink_file)(fd_t dir, const char *path, size_u32 n);
WASI(poll_oneoff)(const struct subscription *in, struct event *out, size_u32 n, size_u32 *count);
__attribute__((import_module(WASI_MODULE), import_name("proc_exit"), noreturn)) void proc_exit(uint32_t code);
WASI(proc_raise)(uint32_t signal);
WASI(random_get)(void *buffer, size_u32 size);
WASI(sched_yield)(void);
#ifndef WASI_UNSTABLE
WASI(sock_accept)(fd_t fd, uint32_t fdflags, fd_t *out);
#endif
WASI(sock_recv)(fd_t fd, const struct iovec *v, size_u32 n, uint32_t flags, size_u32 *count, uint16_t *out_flags);
WASI(sock_send)(fd_t fd, const struct ciovec *v, size_u32 n, uint32_t flags, size_u32 *count);
WASI(sock_shutdown)(fd_t fd, uint32_t how);

#endif
