/* A disk whose files say by name how they fail ("read.IO"): each function on an open one tells just that. */
#include "../preview1/check.h"

enum { DISK = 4 };
static char data[8];
static const struct iovec in = {data, 8};
static const struct ciovec out = {"text", 4};
static size_u32 n;

static fd_t on_disk(const char *name) {
    fd_t fd = NO_FD;
    OK(path_open(DISK, 0, NAMED(name), O_CREAT, RW, grantable, 0, &fd));
    return fd;
}

static fd_t directory_on_disk(const char *name) {
    fd_t fd = NO_FD;
    OK(path_create_directory(DISK, NAMED(name)));
    OK(path_open(DISK, 0, NAMED(name), O_DIRECTORY, RO, grantable, 0, &fd));
    return fd;
}

static void test(void) {
    struct filestat st;
    FAILS(EIO, fd_read(on_disk("read.IO"), &in, 1, &n));
    FAILS(EIO, fd_pread(on_disk("read.IO"), &in, 1, 0, &n));

    static const struct { const char *name; int error; } writes[] = {
        {"write.IO", EIO}, {"write.NOSPC", ENOSPC}, {"write.DQUOT", EDQUOT}, {"write.FBIG", EFBIG},
    };
    for (size_u32 i = 0; i < sizeof writes / sizeof *writes; i++) {
        FAILS(writes[i].error, fd_write(on_disk(writes[i].name), &out, 1, &n));
        FAILS(writes[i].error, fd_pwrite(on_disk(writes[i].name), &out, 1, 0, &n));
    }
    fd_t fd = on_disk("append.DQUOT");
    OK(fd_write(fd, &out, 1, &n));
    OK(fd_fdstat_set_flags(fd, APPEND));
    FAILS(EDQUOT, fd_write(fd, &out, 1, &n));
    FAILS(EDQUOT, fd_pwrite(fd, &out, 1, 0, &n));

    FAILS(EIO, fd_allocate(on_disk("allocate.IO"), 0, 1));
    FAILS(ENOSPC, fd_allocate(on_disk("allocate.NOSPC"), 0, 1));
    FAILS(ENOTSUP, fd_allocate(on_disk("allocate.NOTSUP"), 0, 1));
    FAILS(EIO, fd_filestat_set_size(on_disk("truncate.IO"), 1));
    FAILS(ENOSPC, fd_filestat_set_size(on_disk("truncate.NOSPC"), 1));
    FAILS(EPERM, fd_filestat_set_size(on_disk("truncate.PERM"), 1));

    static const struct { const char *name; int error; } syncs[] = {
        {"sync.IO", EIO}, {"sync.NOSPC", ENOSPC}, {"sync.DQUOT", EDQUOT},
    };
    for (size_u32 i = 0; i < sizeof syncs / sizeof *syncs; i++) {
        FAILS(syncs[i].error, fd_sync(on_disk(syncs[i].name)));
        FAILS(syncs[i].error, fd_datasync(on_disk(syncs[i].name)));
    }

    FAILS(EIO, fd_filestat_get(on_disk("stat_file.IO"), &st));
    FAILS(EACCES, fd_filestat_set_times(on_disk("set_file_times.ACCES"), 1, 1, ATIM | MTIM));
    FAILS(EPERM, fd_filestat_set_times(on_disk("set_file_times.PERM"), 1, 1, ATIM | MTIM));
    FAILS(EROFS, fd_filestat_set_times(on_disk("set_file_times.ROFS"), 1, 1, ATIM | MTIM));
    FAILS(EIO, fd_filestat_set_times(on_disk("set_file_times.IO"), 1, 1, ATIM | MTIM));
    FAILS(EIO, fd_readdir(directory_on_disk("entries.IO"), data, 8, 0, &n));

    /* The number is free whatever the disk says at the end. */
    fd = on_disk("close.IO");
    FAILS(EIO, fd_close(fd));
    FAILS(EBADF, fd_close(fd));
    fd = on_disk("close.IO");
    fd_t other = on_disk("f");
    FAILS(EIO, fd_renumber(other, fd));
    FAILS(EBADF, fd_close(other));
    OK(fd_write(fd, &out, 1, &n));
    EQ(n, 4);
}
