/* Reading directories by whole entries: what the fd_readdir cases share. */
#ifndef READDIR_H
#define READDIR_H

#include "check.h"

struct entry { uint64_t next, ino; uint8_t type; uint32_t namelen; char name[256]; };

static uint8_t listing[65536];

/* The entry at `at` in `listing`, which `used` bytes of are filled; 0 when it isn't there as a whole. */
static size_u32 entry_at(struct entry *out, size_u32 at, size_u32 used) {
    struct dirent head;
    if (used - at < sizeof head) return 0;
    memcpy(&head, listing + at, sizeof head);
    if (used - at - sizeof head < head.namelen) return 0;
    IS(head.namelen > 0 && head.namelen < 256);
    out->next = head.next, out->ino = head.ino, out->type = head.type, out->namelen = head.namelen;
    memcpy(out->name, listing + at + sizeof head, head.namelen);
    out->name[head.namelen] = 0;
    return sizeof head + head.namelen;
}

/* The entry that `cookie` leads to; 0 at the end of the directory. A small `size` makes the host cut. */
static int entry_after(fd_t dir, uint64_t cookie, size_u32 size, struct entry *out) {
    size_u32 used = 0;
    OK(fd_readdir(dir, listing, size, cookie, &used));
    IS(used <= size);
    if (entry_at(out, 0, used)) return 1;
    /* Too little for one entry can only be told when the buffer is full. */
    IS(used == 0);
    return 0;
}

static int is_named(const struct entry *e, const char *name) {
    return e->namelen == length_of(name) && same(e->name, name, e->namelen);
}

/* Walk the whole directory with buffers of `size`; how many times `name` came up, and how many entries in all. */
static int count_of(fd_t dir, const char *name, size_u32 size, int *total) {
    struct entry e;
    uint64_t cookie = 0;
    int found = 0;
    *total = 0;
    while (1) {
        size_u32 used = 0, at = 0, step;
        OK(fd_readdir(dir, listing, size, cookie, &used));
        IS(used <= size);
        while ((step = entry_at(&e, at, used))) {
            at += step, cookie = e.next;
            ++*total;
            found += is_named(&e, name);
        }
        if (used < size) return found;
        IS(at > 0);
    }
}

#endif
