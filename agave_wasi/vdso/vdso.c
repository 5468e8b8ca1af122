/* The vDSO: host calls that are answered beside the guest, without entering the kernel.

   It knows the plain case of each call and nothing else: a regular file in memory whose record lies in the kernel's RAM, sound
   pointers, no error. In any other case it has changed nothing and calls the kernel's own function, so what is refused, trapped or
   waited for is decided in one place. A call that is interrupted (timeout, Ctrl-C) may stop at a loop or a call: what must
   be changed together is changed in a straight line. And there is no stack in memory: a call that ends in a trap would leave its
   part of it taken, and an instance may be called again after a trap. */

#include "vdso.h"

#define IMPORT(space, label) __attribute__((import_module(#space), import_name(#label)))
#define EXPORT(label) __attribute__((export_name(#label)))
#define KEY_BLOCK 64
#define TRANSFER_MAX 0x7FFFF000ull
#define RANDOM_MAX (1u << 20)
#define OFFSET_LIMIT (1ull << 62)
#define RIGHTS_ALL ((1u << 30) - 1)
#define RIGHT_READ (1u << 1)
#define RIGHT_WRITE (1u << 6)
#define APPEND 1
#define LITTLE 16
enum { CREATE = 1, DIRECTORY = 2, EXCLUSIVE = 4, TRUNCATE = 8 };
enum { SET, CUR, END };

/* The guest's memory, which is another one than ours. */
IMPORT(guest, load32) u32 guest_load32(u32 at);
IMPORT(guest, store32) void guest_store32(u32 at, u32 value);
IMPORT(guest, store64) void guest_store64(u32 at, u64 value);
IMPORT(guest, pages) u32 guest_pages(void);
IMPORT(guest, give) void guest_give(u32 at, const void *from, u32 size);
IMPORT(guest, zero) void guest_zero(u32 at, u32 size);
IMPORT(guest, take) void guest_take(void *to, u32 at, u32 size);

/* What the kernel does for us: bring a thing here (1 if it has), give a file more room. */
IMPORT(kernel, wake) void kernel_wake(void);
IMPORT(kernel, adopt_descriptor) u32 kernel_adopt_descriptor(u32 fd);
IMPORT(kernel, adopt_inode) u32 kernel_adopt_inode(u32 inode);
IMPORT(kernel, grow) u32 kernel_grow(u32 inode, u64 size);
IMPORT(kernel, refill) u32 kernel_refill(void);

static struct page *const page = (struct page *)PAGE;

/* SUCCESS, without the kernel: it counts these, to see what we are worth. */
#define ANSWERED (page->answered++, 0)

static int outside(u32 at, u32 size) { return (u64)at + size > (u64)guest_pages() << 16; }

static int misplaced(u32 at, u32 size) { return at & (size > 8 ? 7 : size - 1) || outside(at, size); }

static u64 now(void) { return page->start + page->elapsed; }

/* Descriptors */

static struct descriptor *slot_of(u32 fd) { return (struct descriptor *)page->fds + fd; }

static struct descriptor *find(u32 fd, u32 wanted) {
    if (!page->awake) {
        if (++page->calls < AWAKE_AFTER) return 0;
        page->calls = 0;
        kernel_wake();
        if (!page->awake) return 0;
    }
    if (fd >= page->limit) return 0;
    struct descriptor *slot = slot_of(fd);
    if (slot->state == wanted) return slot;
    if (slot->state == STATE_KERNEL && slot->patience && !--slot->patience && kernel_adopt_descriptor(fd))
        return slot->state == wanted ? slot : 0;
    return 0;
}

static struct inode *file_of(struct descriptor *slot) { return (struct inode *)slot->inode; }

/* The bytes that the vectors ask for, or -1; the vectors themselves are copied, for reading may overwrite them. */
static long long gather(u32 at, u32 count) {
    u64 total = 0;
    if (at & 3 || count > VECTORS || outside(at, 8 * count)) return -1;
    for (u32 i = 0; i < count; i++) {
        u32 start = page->vectors[2 * i] = guest_load32(at + 8 * i);
        u32 size = page->vectors[2 * i + 1] = guest_load32(at + 8 * i + 4);
        if (outside(start, size)) return -1;
        total += size;
    }
    return total > TRANSFER_MAX ? -1 : (long long)total;
}

static long long read_at(struct inode *file, u64 offset, u32 vectors, u32 count, u32 result) {
    if (misplaced(result, 4) || offset > OFFSET_LIMIT) return -1;
    long long total = gather(vectors, count);
    if (total < 0) return -1;
    u64 left = file->size > offset ? file->size - offset : 0;
    if (left > (u64)total) left = total;
    if (file->atime <= file->mtime) file->atime = now();
    total = left;
    for (u32 i = 0; left; i++) {
        u32 at = page->vectors[2 * i], size = page->vectors[2 * i + 1] < left ? page->vectors[2 * i + 1] : left;
        u32 there = file->stored <= offset ? 0 : file->stored - offset < size ? file->stored - offset : size;
        if (there) guest_give(at, (const char *)file->data + offset, there);
        if (there < size) guest_zero(at + there, size - there); /* the hole at the end */
        offset += size;
        left -= size;
    }
    guest_store32(result, total);
    return total;
}

static long long write_at(struct inode *file, u64 offset, u32 vectors, u32 count, u32 result) {
    if (misplaced(result, 4) || offset > OFFSET_LIMIT) return -1;
    long long total = gather(vectors, count);
    if (total <= 0) return -1;
    u64 end = offset + total;
    struct filesystem *fs = (struct filesystem *)file->fs;
    if (end > file->stored) {
        if (end > fs->max_file_size || (offset > file->stored && offset - file->stored >= SPARSE_GAP)) return -1;
        if (fs->used_bytes > fs->max_bytes || end - file->stored > fs->max_bytes - fs->used_bytes) return -1;
        if (end > file->capacity && !kernel_grow((u32)file, end)) return -1;
        if (offset > file->stored) __builtin_memset((char *)file->data + file->stored, 0, offset - file->stored);
    }
    char *to = (char *)file->data + offset;
    for (u32 i = 0; i < count; i++) {
        guest_take(to, page->vectors[2 * i], page->vectors[2 * i + 1]);
        to += page->vectors[2 * i + 1];
    }
    guest_store32(result, total);
    if (end > file->stored) {
        fs->used_bytes += end - file->stored;
        file->stored = end;
        if (end > file->size) file->size = end;
    }
    file->mtime = file->ctime = page->start + page->elapsed;
    return total;
}

IMPORT(kernel, fd_read) u32 kernel_fd_read(u32 fd, u32 vectors, u32 count, u32 result);
EXPORT(fd_read) u32 fd_read(u32 fd, u32 vectors, u32 count, u32 result) {
    struct descriptor *slot = find(fd, STATE_RAM);
    if (slot && slot->access & READABLE) {
        long long done = read_at(file_of(slot), slot->offset, vectors, count, result);
        if (done >= 0) {
            slot->offset += done;
            return ANSWERED;
        }
    }
    return kernel_fd_read(fd, vectors, count, result);
}

IMPORT(kernel, fd_pread) u32 kernel_fd_pread(u32 fd, u32 vectors, u32 count, u64 offset, u32 result);
EXPORT(fd_pread) u32 fd_pread(u32 fd, u32 vectors, u32 count, u64 offset, u32 result) {
    struct descriptor *slot = find(fd, STATE_RAM);
    if (slot && slot->access & READABLE && read_at(file_of(slot), offset, vectors, count, result) >= 0) return ANSWERED;
    return kernel_fd_pread(fd, vectors, count, offset, result);
}

IMPORT(kernel, fd_write) u32 kernel_fd_write(u32 fd, u32 vectors, u32 count, u32 result);
EXPORT(fd_write) u32 fd_write(u32 fd, u32 vectors, u32 count, u32 result) {
    struct descriptor *slot = find(fd, STATE_RAM);
    if (slot && slot->access & WRITABLE) {
        u64 offset = slot->status & APPEND ? file_of(slot)->size : slot->offset;
        long long done = write_at(file_of(slot), offset, vectors, count, result);
        if (done >= 0) {
            slot->offset = offset + done;
            return ANSWERED;
        }
    }
    return kernel_fd_write(fd, vectors, count, result);
}

IMPORT(kernel, fd_pwrite) u32 kernel_fd_pwrite(u32 fd, u32 vectors, u32 count, u64 offset, u32 result);
EXPORT(fd_pwrite) u32 fd_pwrite(u32 fd, u32 vectors, u32 count, u64 offset, u32 result) {
    struct descriptor *slot = find(fd, STATE_RAM);
    if (slot && slot->access & WRITABLE && !(slot->status & APPEND)
        && write_at(file_of(slot), offset, vectors, count, result) >= 0)
        return ANSWERED;
    return kernel_fd_pwrite(fd, vectors, count, offset, result);
}

IMPORT(kernel, fd_seek) u32 kernel_fd_seek(u32 fd, long long delta, u32 whence, u32 result);
EXPORT(fd_seek) u32 fd_seek(u32 fd, long long delta, u32 whence, u32 result) {
    struct descriptor *slot = find(fd, STATE_RAM);
    if (slot && whence <= END && !misplaced(result, 8) && slot->offset < OFFSET_LIMIT
        && delta < (long long)OFFSET_LIMIT && delta > -(long long)OFFSET_LIMIT) {
        u64 base = whence == SET ? 0 : whence == CUR ? slot->offset : file_of(slot)->size;
        if ((long long)base + delta >= 0) {
            guest_store64(result, base + delta);
            slot->offset = base + delta;
            return ANSWERED;
        }
    }
    return kernel_fd_seek(fd, delta, whence, result);
}

IMPORT(kernel, fd_tell) u32 kernel_fd_tell(u32 fd, u32 result);
EXPORT(fd_tell) u32 fd_tell(u32 fd, u32 result) {
    struct descriptor *slot = find(fd, STATE_RAM);
    if (!slot || misplaced(result, 8)) return kernel_fd_tell(fd, result);
    guest_store64(result, slot->offset);
    return ANSWERED;
}

IMPORT(kernel, fd_fdstat_get) u32 kernel_fd_fdstat_get(u32 fd, u32 result);
EXPORT(fd_fdstat_get) u32 fd_fdstat_get(u32 fd, u32 result) {
    struct descriptor *slot = find(fd, STATE_RAM);
    if (!slot || misplaced(result, 24)) return kernel_fd_fdstat_get(fd, result);
    /* The padding between the fields stays the guest's. */
    guest_give(result, &slot->type, 1);
    guest_give(result + 2, &slot->status, 2);
    guest_store64(result + 8, slot->rights);
    guest_store64(result + 16, slot->inheriting);
    return ANSWERED;
}

/* The padding behind the type stays the guest's. */
static void give_attributes(u32 result, const struct inode *inode) {
    guest_give(result, &inode->device, 17);
    guest_give(result + 24, &inode->nlink, 40);
}

IMPORT(kernel, fd_filestat_get) u32 kernel_fd_filestat_get(u32 fd, u32 result);
EXPORT(fd_filestat_get) u32 fd_filestat_get(u32 fd, u32 result) {
    struct descriptor *slot = find(fd, STATE_RAM);
    if (!slot || misplaced(result, 64)) return kernel_fd_filestat_get(fd, result);
    give_attributes(result, file_of(slot));
    return ANSWERED;
}

IMPORT(kernel, fd_filestat_set_size) u32 kernel_fd_filestat_set_size(u32 fd, u64 size);
EXPORT(fd_filestat_set_size) u32 fd_filestat_set_size(u32 fd, u64 size) {
    struct descriptor *slot = find(fd, STATE_RAM);
    if (!slot || !(slot->access & WRITABLE)) return kernel_fd_filestat_set_size(fd, size);
    struct inode *file = file_of(slot);
    struct filesystem *fs = (struct filesystem *)file->fs;
    if (size > fs->max_file_size) return kernel_fd_filestat_set_size(fd, size);
    if (size < file->stored) {
        fs->used_bytes -= file->stored - size;
        file->stored = size;
    }
    file->size = size;
    file->mtime = file->ctime = page->start + page->elapsed;
    return ANSWERED;
}

/* Blocks and records of the kernel's RAM: free ones are linked by their first word. */

static void *take_record(void) {
    u32 at = page->free[RECORD_CLASS];
    page->free[RECORD_CLASS] = *(u32 *)at;
    return (void *)at;
}

/* At least three: an inode, its entry, and a directory's buckets. */
static int has_records(void) {
    u32 one = page->free[RECORD_CLASS], two = one ? *(u32 *)one : 0;
    return (two && *(u32 *)two) || kernel_refill();
}

#define GIVE_BACK(block, class) (*(u32 *)(block) = page->free[class], page->free[class] = (u32)(block))

/* Names */

struct place {
    struct inode *directory;
    struct entry *entry; /* 0 if nothing has that name */
    u32 *link;           /* what leads to the entry, or would */
    const u8 *name;
    u32 length, hash;
};
static struct place place, old; /* where a walk has ended, and where the one before had */

static u32 crc32(const u8 *name, u32 length) {
    static const u32 nibbles[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
        0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };
    u32 sum = ~0u;
    for (u32 i = 0; i < length; i++) {
        sum ^= name[i];
        sum = nibbles[sum & 15] ^ sum >> 4;
        sum = nibbles[sum & 15] ^ sum >> 4;
    }
    return ~sum;
}

static int same(const u8 *one, const u8 *other, u32 length) {
    for (u32 i = 0; i < length; i++)
        if (one[i] != other[i]) return 0;
    return 1;
}

static void look_up(struct inode *directory, const u8 *name, u32 length) {
    u32 hash = crc32(name, length);
    u32 *link = (u32 *)directory->data + (hash & (directory->capacity - 1));
    struct entry *entry;
    while ((entry = (struct entry *)*link)) {
        if (entry->hash == hash && entry->length == length && same(entry->name, name, length)) break;
        link = &entry->next;
    }
    place = (struct place){directory, entry, link, name, length, hash};
}

/* The inode, once it lives here as the kind that is wanted; 0 if it doesn't. */
static struct inode *living(u32 at, u32 kind) {
    struct inode *inode = (struct inode *)at;
    if (inode->kind == KIND_OTHER && inode->patience && !--inode->patience) kernel_adopt_inode(at);
    return inode->kind == kind ? inode : 0;
}

/* Walk a plain path: names between single slashes, through directories that live here. */
static int walk(u32 fd, u32 path, u32 length) {
    struct descriptor *slot = find(fd, STATE_DIRECTORY);
    if (!slot || !length || length >= PATH_MAX || outside(path, length)) return 0;
    guest_take(page->path, path, length);
    page->path[length] = '/';
    struct inode *here = living(slot->inode, KIND_DIRECTORY);
    u32 start = 0;
    for (u32 i = 0; i <= length && here; i++) {
        u8 byte = page->path[i];
        if (byte == 0 || byte >= 0x80) return 0;
        if (byte != '/') continue;
        const u8 *name = page->path + start;
        u32 size = i - start;
        if (!size || size > NAME_MAX || (name[0] == '.' && (size == 1 || (size == 2 && name[1] == '.')))) return 0;
        look_up(here, name, size);
        if (i == length) return 1;
        if (!place.entry) return 0;
        here = living(place.entry->inode, KIND_DIRECTORY);
        start = i + 1;
    }
    return 0;
}

static u32 lowest_free(void) {
    u64 *bits = (u64 *)page->bits;
    u32 word = 0;
    while (bits[word] == ~0ull) word++;
    return 64 * word + __builtin_ctzll(~bits[word]);
}

/* Fill an entry for a name that is free; it isn't there yet. */
static struct entry *new_entry(u32 inode) {
    struct entry *entry = take_record();
    entry->next = 0;
    entry->hash = place.hash;
    entry->inode = inode;
    entry->length = place.length;
    entry->cookie = place.directory->next_cookie;
    __builtin_memcpy(entry->name, place.name, place.length);
    return entry;
}

#define CHANGED(directory) \
    (directory)->version++, (directory)->mtime = (directory)->ctime = page->start + page->elapsed
#define ADD(new) \
    *place.link = (u32)(new), place.directory->next_cookie++, place.directory->stored++, CHANGED(place.directory)
#define REMOVE(from) \
    *(from).link = (from).entry->next, (from).directory->stored--, CHANGED((from).directory), \
        GIVE_BACK((from).entry, RECORD_CLASS)

static int has_room(const struct inode *directory) { return directory->nlink && directory->stored < directory->capacity; }

/* A new inode of that kind under a name that is free; 0 if it must be made by the kernel. */
static u32 create(u32 kind) {
    struct inode *directory = place.directory;
    struct filesystem *fs = (struct filesystem *)directory->fs;
    if (!has_room(directory) || fs->used_inodes >= fs->max_inodes || !has_records()) return 0;
    struct inode *inode = take_record();
    struct entry *entry = new_entry((u32)inode);
    u64 time = now();
    *inode = (struct inode){
        .device = fs->number, .number = fs->next_inode, .type = FILE_TYPE, .nlink = 1, .atime = time, .mtime = time,
        .ctime = time, .kind = kind, .fs = directory->fs, .names = 1, .parent = (u32)directory,
    };
    if (kind == KIND_DIRECTORY) {
        inode->type = DIRECTORY_TYPE;
        inode->nlink = 2;
        inode->next_cookie = FIRST_COOKIE;
        inode->data = (u32)take_record();
        inode->capacity = 1 << RECORD_CLASS >> 2;
        __builtin_memset((void *)inode->data, 0, 1 << RECORD_CLASS);
        directory->nlink++;
    }
    fs->next_inode++;
    fs->used_inodes++;
    ADD(entry);
    return (u32)inode;
}

/* May the last name of this file go without the kernel's noticing? */
static int disposable(const struct inode *file) { return !(file->flags & KNOWN) && file->nlink == 1 && !file->opens; }

#define DISPOSE(file) \
    do { \
        struct filesystem *fs = (struct filesystem *)(file)->fs; \
        fs->used_inodes--, fs->used_bytes -= (file)->stored; \
        if ((file)->capacity) GIVE_BACK((file)->data, __builtin_ctz((file)->capacity)); \
        GIVE_BACK(file, RECORD_CLASS); \
    } while (0)

IMPORT(kernel, path_open)
u32 kernel_path_open(u32 fd, u32 follow, u32 path, u32 length, u32 oflags, u64 base, u64 inheriting, u32 fdflags, u32 result);
EXPORT(path_open)
u32 path_open(u32 fd, u32 follow, u32 path, u32 length, u32 oflags, u64 base, u64 inheriting, u32 fdflags, u32 result) {
    if (follow > 1 || oflags > 15 || oflags & DIRECTORY || base > RIGHTS_ALL || inheriting > RIGHTS_ALL || fdflags > 31
        || misplaced(result, 4) || !walk(fd, path, length) || page->count >= page->limit)
        goto kernel;
    u32 at;
    if (place.entry) {
        at = place.entry->inode;
        if (!living(at, KIND_FILE) || (oflags & EXCLUSIVE && oflags & CREATE)) goto kernel;
    } else {
        if (!(oflags & CREATE) || !(at = create(KIND_FILE))) goto kernel;
    }
    struct inode *file = (struct inode *)at;
    u32 number = lowest_free();
    u32 write = (base & RIGHT_WRITE) != 0;
    u32 read = !write || base & RIGHT_READ;
    if (oflags & (CREATE | TRUNCATE)) write = 1;
    struct descriptor *slot = slot_of(number);
    guest_store32(result, number);
    if (oflags & TRUNCATE) {
        ((struct filesystem *)file->fs)->used_bytes -= file->stored;
        file->stored = file->size = 0;
        file->mtime = file->ctime = page->start + page->elapsed;
    }
    file->opens++;
    slot->offset = 0;
    slot->inode = at;
    slot->state = STATE_RAM;
    slot->access = (read ? READABLE : 0) | (write ? WRITABLE : 0);
    slot->type = FILE_TYPE;
    slot->status = fdflags;
    slot->rights = slot->inheriting = page->shown[(read ? 1 : 0) | (write ? 2 : 0)];
    ((u64 *)page->bits)[number / 64] |= 1ull << number % 64;
    page->count++;
    return ANSWERED;
kernel:
    return kernel_path_open(fd, follow, path, length, oflags, base, inheriting, fdflags, result);
}

IMPORT(kernel, fd_close) u32 kernel_fd_close(u32 fd);
EXPORT(fd_close) u32 fd_close(u32 fd) {
    if (!page->awake || fd >= page->limit || slot_of(fd)->state != STATE_RAM) return kernel_fd_close(fd);
    struct descriptor *slot = slot_of(fd);
    struct inode *file = file_of(slot);
    if (file->opens == 1 && !file->nlink) return kernel_fd_close(fd);
    file->opens--;
    slot->state = STATE_CLOSED;
    ((u64 *)page->bits)[fd / 64] &= ~(1ull << fd % 64);
    page->count--;
    return ANSWERED;
}

IMPORT(kernel, path_filestat_get) u32 kernel_path_filestat_get(u32 fd, u32 follow, u32 path, u32 length, u32 result);
EXPORT(path_filestat_get) u32 path_filestat_get(u32 fd, u32 follow, u32 path, u32 length, u32 result) {
    if (follow > 1 || misplaced(result, 64) || !walk(fd, path, length) || !place.entry) goto kernel;
    struct inode *inode = (struct inode *)place.entry->inode;
    if (!living((u32)inode, KIND_FILE) && inode->kind != KIND_DIRECTORY) goto kernel;
    give_attributes(result, inode);
    return ANSWERED;
kernel:
    return kernel_path_filestat_get(fd, follow, path, length, result);
}

IMPORT(kernel, path_unlink_file) u32 kernel_path_unlink_file(u32 fd, u32 path, u32 length);
EXPORT(path_unlink_file) u32 path_unlink_file(u32 fd, u32 path, u32 length) {
    if (!walk(fd, path, length) || !place.entry) goto kernel;
    struct inode *file = living(place.entry->inode, KIND_FILE);
    if (!file || !disposable(file)) goto kernel;
    REMOVE(place);
    DISPOSE(file);
    return ANSWERED;
kernel:
    return kernel_path_unlink_file(fd, path, length);
}

IMPORT(kernel, path_create_directory) u32 kernel_path_create_directory(u32 fd, u32 path, u32 length);
EXPORT(path_create_directory) u32 path_create_directory(u32 fd, u32 path, u32 length) {
    if (walk(fd, path, length) && !place.entry && create(KIND_DIRECTORY)) return ANSWERED;
    return kernel_path_create_directory(fd, path, length);
}

IMPORT(kernel, path_remove_directory) u32 kernel_path_remove_directory(u32 fd, u32 path, u32 length);
EXPORT(path_remove_directory) u32 path_remove_directory(u32 fd, u32 path, u32 length) {
    if (!walk(fd, path, length) || !place.entry) goto kernel;
    struct inode *directory = (struct inode *)place.entry->inode;
    if (directory->kind != KIND_DIRECTORY || directory->flags & KNOWN || directory->stored) goto kernel;
    REMOVE(place);
    place.directory->nlink--;
    ((struct filesystem *)directory->fs)->used_inodes--;
    GIVE_BACK(directory->data, 2 + __builtin_ctz(directory->capacity));
    GIVE_BACK(directory, RECORD_CLASS);
    return ANSWERED;
kernel:
    return kernel_path_remove_directory(fd, path, length);
}

/* Of files alone. The new entry comes before the old one goes, so at no time is there none. */
IMPORT(kernel, path_rename)
u32 kernel_path_rename(u32 old_fd, u32 old_path, u32 old_length, u32 new_fd, u32 new_path, u32 new_length);
EXPORT(path_rename)
u32 path_rename(u32 old_fd, u32 old_path, u32 old_length, u32 new_fd, u32 new_path, u32 new_length) {
    if (!walk(old_fd, old_path, old_length) || !place.entry) goto kernel;
    old = place;
    if (!walk(new_fd, new_path, new_length) || place.directory->fs != old.directory->fs) goto kernel;
    struct inode *file = (struct inode *)old.entry->inode;
    if (file->patience && file->patience <= LITTLE) file->patience = 1; /* the kernel's renaming would begin to count anew */
    file = living(old.entry->inode, KIND_FILE);
    if (!file) goto kernel;
    if (place.entry) {
        struct inode *replaced = living(place.entry->inode, KIND_FILE);
        if (!replaced || replaced == file || !disposable(replaced)) goto kernel;
        place.entry->inode = (u32)file;
        CHANGED(place.directory);
        DISPOSE(replaced);
    } else {
        if (!has_room(place.directory) || !has_records()) goto kernel;
        struct entry *entry = new_entry((u32)file);
        ADD(entry);
    }
    REMOVE(old);
    file->ctime = page->start + page->elapsed;
    return ANSWERED;
kernel:
    return kernel_path_rename(old_fd, old_path, old_length, new_fd, new_path, new_length);
}

/* The clock, which each reading moves on */

IMPORT(kernel, clock_time_get) u32 kernel_clock_time_get(u32 clock, u64 precision, u32 result);
EXPORT(clock_time_get) u32 clock_time_get(u32 clock, u64 precision, u32 result) {
    u64 elapsed = page->elapsed + page->step;
    if (!page->has_clock || clock > 1 || misplaced(result, 8) || elapsed >= OFFSET_LIMIT)
        return kernel_clock_time_get(clock, precision, result);
    page->elapsed = elapsed;
    guest_store64(result, clock ? elapsed : page->start + elapsed);
    return ANSWERED;
}

/* The entropy: ChaCha20's key stream, with the block's number in words 12 and 13 */

#define ROTATE(x, bits) ((x) << (bits) | (x) >> (32 - (bits)))
#define QUARTER(a, b, c, d) \
    a += b, d = ROTATE(d ^ a, 16), c += d, b = ROTATE(b ^ c, 12), a += b, d = ROTATE(d ^ a, 8), c += d, b = ROTATE(b ^ c, 7)

static void make_block(u64 number) {
    static u32 first[16] = {0x61707865, 0x3320646E, 0x79622D32, 0x6B206574}, s[16];
    for (u32 i = 0; i < 8; i++) first[4 + i] = page->key[i];
    first[12] = number, first[13] = number >> 32;
    for (u32 i = 0; i < 16; i++) s[i] = first[i];
    for (u32 i = 0; i < 10; i++) {
        QUARTER(s[0], s[4], s[8], s[12]), QUARTER(s[1], s[5], s[9], s[13]);
        QUARTER(s[2], s[6], s[10], s[14]), QUARTER(s[3], s[7], s[11], s[15]);
        QUARTER(s[0], s[5], s[10], s[15]), QUARTER(s[1], s[6], s[11], s[12]);
        QUARTER(s[2], s[7], s[8], s[13]), QUARTER(s[3], s[4], s[9], s[14]);
    }
    for (u32 i = 0; i < 16; i++) ((u32 *)page->stream)[i] = s[i] + first[i];
    page->block = number;
}

IMPORT(kernel, random_get) u32 kernel_random_get(u32 at, u32 size);
EXPORT(random_get) u32 random_get(u32 at, u32 size) {
    if (!page->has_entropy || size > RANDOM_MAX || outside(at, size)) return kernel_random_get(at, size);
    u64 taken = page->taken, end = taken + size;
    while (taken < end) {
        u32 within = taken % KEY_BLOCK;
        u32 piece = KEY_BLOCK - within < end - taken ? KEY_BLOCK - within : end - taken;
        if (page->block != taken / KEY_BLOCK) make_block(taken / KEY_BLOCK);
        guest_give(at, page->stream + within, piece);
        at += piece;
        taken += piece;
    }
    page->taken = end;
    return ANSWERED;
}
