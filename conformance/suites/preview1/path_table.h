/* Every function that takes a path, as one table: the path under test goes in one place, the others are sound. */
#ifndef PATH_TABLE_H
#define PATH_TABLE_H

#include "check.h"

enum operation {
    MKDIR, STAT, STAT_FOLLOW, UTIME, UTIME_FOLLOW, LINK_FROM, LINK_TO, OPEN, OPEN_FOLLOW, OPEN_DIRECTORY, CREATE,
    READLINK, RMDIR, RENAME_FROM, RENAME_TO, SYMLINK_AT, UNLINK, OPERATIONS
};

/* Apply one function to a path. The scene needs a file "source" for LINK_TO and RENAME_TO. */
static int apply(enum operation operation, const char *path, size_u32 n) {
    char buffer[16];
    struct filestat st;
    size_u32 used;
    fd_t fd;
    int error;
    switch (operation) {
    case MKDIR: return path_create_directory(ROOT, path, n);
    case STAT: return path_filestat_get(ROOT, 0, path, n, &st);
    case STAT_FOLLOW: return path_filestat_get(ROOT, FOLLOW, path, n, &st);
    case UTIME: return path_filestat_set_times(ROOT, 0, path, n, 0, 0, ATIM_NOW | MTIM_NOW);
    case UTIME_FOLLOW: return path_filestat_set_times(ROOT, FOLLOW, path, n, 0, 0, ATIM_NOW | MTIM_NOW);
    case LINK_FROM: return path_link(ROOT, 0, path, n, ROOT, NAME("linked"));
    case LINK_TO: return path_link(ROOT, 0, NAME("source"), ROOT, path, n);
    case READLINK: return path_readlink(ROOT, path, n, buffer, sizeof buffer, &used);
    case RMDIR: return path_remove_directory(ROOT, path, n);
    case RENAME_FROM: return path_rename(ROOT, path, n, ROOT, NAME("renamed"));
    case RENAME_TO: return path_rename(ROOT, NAME("source"), ROOT, path, n);
    case SYMLINK_AT: return path_symlink(NAME("target"), ROOT, path, n);
    case UNLINK: return path_unlink_file(ROOT, path, n);
    default: break;
    }
    error = path_open(ROOT, operation == OPEN_FOLLOW ? FOLLOW : 0, path, n,
                      operation == CREATE ? O_CREAT : operation == OPEN_DIRECTORY ? O_DIRECTORY : 0,
                      operation == CREATE ? RW : RO, grantable, 0, &fd);
    if (!error) OK(fd_close(fd));
    return error;
}

static const char *const operation_names[] = {
    "path_create_directory", "path_filestat_get", "path_filestat_get follow", "path_filestat_set_times",
    "path_filestat_set_times follow", "path_link from", "path_link to", "path_open", "path_open follow",
    "path_open DIRECTORY", "path_open CREAT", "path_readlink", "path_remove_directory", "path_rename from",
    "path_rename to", "path_symlink", "path_unlink_file"
};

/* EVERY(want, other, path, size, except): each function but those of `except` (a bit each) answers one of the two. */
#define EVERY(want, other, ...) every(__FILE_NAME__, __LINE__, want, other, __VA_ARGS__)
#define BIT(operation) (1u << (operation))

static void every(const char *file, int line, int want, int other, const char *path, size_u32 n, uint32_t except) {
    for (int i = 0; i < OPERATIONS; i++)
        if (!(except & BIT(i))) expect_errno(file, line, operation_names[i], apply(i, path, n), want, other, want);
}

#endif
