/* A disk whose files say by name how they fail ("unlink.IO"): each function that takes a path tells just that. */
#include "../preview1/check.h"

enum { DISK = 4 };
static fd_t opened;

static int open_on_disk(const char *name, uint32_t oflags, uint64_t rights) {
    int error = path_open(DISK, 0, NAMED(name), oflags, rights, grantable, 0, &opened);
    if (!error) OK(fd_close(opened));
    return error;
}

static void file_on_disk(const char *name) { OK(open_on_disk(name, O_CREAT, RW)); }

struct row { const char *name; int error; };
#define EACH(table) (const struct row *row = table; row->name; row++)

static void test(void) {
    char data[8];
    size_u32 n;
    struct filestat st;
    file_on_disk("f");

    static const struct row opens[] = {
        {"open_file.ACCES", EACCES}, {"open_file.DQUOT", EDQUOT}, {"open_file.FBIG", EFBIG}, {"open_file.IO", EIO},
        {"open_file.NFILE", ENFILE}, {"open_file.NOMEM", ENOMEM}, {"open_file.NOSPC", ENOSPC},
        {"open_file.NOTSUP", ENOTSUP}, {"open_file.PERM", EPERM}, {"open_file.ROFS", EROFS},
        {"open_file.TXTBSY", ETXTBSY}, {"stat.IO", EIO}, {0, 0},
    };
    for EACH(opens) FAILS(row->error, open_on_disk(row->name, O_CREAT, RW));

    static const struct row directories[] = {
        {"make_directory.ACCES", EACCES}, {"make_directory.DQUOT", EDQUOT}, {"make_directory.IO", EIO},
        {"make_directory.MLINK", EMLINK}, {"make_directory.NOSPC", ENOSPC}, {"make_directory.ROFS", EROFS}, {0, 0},
    };
    for EACH(directories) FAILS(row->error, path_create_directory(DISK, NAMED(row->name)));

    static const struct row stats[] = {{"stat.ACCES", EACCES}, {"stat.IO", EIO}, {0, 0}};
    for EACH(stats) FAILS(row->error, path_filestat_get(DISK, 0, NAMED(row->name), &st));

    static const struct row times[] = {
        {"set_times.ACCES", EACCES}, {"set_times.IO", EIO}, {"set_times.PERM", EPERM}, {"set_times.ROFS", EROFS}, {0, 0},
    };
    for EACH(times) {
        file_on_disk(row->name);
        FAILS(row->error, path_filestat_set_times(DISK, 0, NAMED(row->name), 1, 1, ATIM | MTIM));
    }

    static const struct row links[] = {
        {"link.ACCES", EACCES}, {"link.DQUOT", EDQUOT}, {"link.IO", EIO}, {"link.MLINK", EMLINK}, {"link.NOSPC", ENOSPC},
        {"link.ROFS", EROFS}, {0, 0},
    };
    for EACH(links) FAILS(row->error, path_link(DISK, 0, NAME("f"), DISK, NAMED(row->name)));

    static const struct row targets[] = {{"readlink.ACCES", EACCES}, {"readlink.IO", EIO}, {0, 0}};
    for EACH(targets) {
        OK(path_symlink(NAME("f"), DISK, NAMED(row->name)));
        FAILS(row->error, path_readlink(DISK, NAMED(row->name), data, 8, &n));
    }

    static const struct row removals[] = {
        {"remove_directory.ACCES", EACCES}, {"remove_directory.BUSY", EBUSY}, {"remove_directory.IO", EIO},
        {"remove_directory.ROFS", EROFS}, {0, 0},
    };
    for EACH(removals) {
        OK(path_create_directory(DISK, NAMED(row->name)));
        FAILS(row->error, path_remove_directory(DISK, NAMED(row->name)));
    }

    static const struct row renames[] = {
        {"rename.ACCES", EACCES}, {"rename.BUSY", EBUSY}, {"rename.DQUOT", EDQUOT}, {"rename.IO", EIO},
        {"rename.MLINK", EMLINK}, {"rename.NOSPC", ENOSPC}, {"rename.ROFS", EROFS}, {"rename.TXTBSY", ETXTBSY}, {0, 0},
    };
    for EACH(renames) FAILS(row->error, path_rename(DISK, NAME("f"), DISK, NAMED(row->name)));

    static const struct row symlinks[] = {
        {"symlink.ACCES", EACCES}, {"symlink.DQUOT", EDQUOT}, {"symlink.IO", EIO}, {"symlink.NOSPC", ENOSPC},
        {"symlink.ROFS", EROFS}, {0, 0},
    };
    for EACH(symlinks) FAILS(row->error, path_symlink(NAME("f"), DISK, NAMED(row->name)));

    static const struct row unlinks[] = {
        {"unlink.ACCES", EACCES}, {"unlink.BUSY", EBUSY}, {"unlink.IO", EIO}, {"unlink.ROFS", EROFS},
        {"unlink.TXTBSY", ETXTBSY}, {0, 0},
    };
    for EACH(unlinks) {
        file_on_disk(row->name);
        FAILS(row->error, path_unlink_file(DISK, NAMED(row->name)));
    }

    /* Nothing of all that has moved the file. */
    OK(open_on_disk("f", 0, RW));
}
