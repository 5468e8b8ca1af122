/* read-directory gives every entry once, with its type, and neither . nor .. */
#include "case.h"

static void test(void) {
    make_file(S("file"), B("x"));
    make_directory(S("sub"));
    make_file(S("sub/inner"), B("x"));
    DONE(descriptor_symlink_at(root(), S("file"), S("link")));
    directory_entry_stream_t all = OK(descriptor_read_directory(root()));
    int file = 0, sub = 0, link = 0, count = 0;
    while (1) {
        option_directory_entry_t next = OK(directory_entry_stream_read_directory_entry(all));
        if (!next.is_some) break;
        directory_entry_t e = next.some;
        count++;
        file += is_text(e.name, "file") && e.type == DESCRIPTOR_TYPE_REGULAR_FILE;
        sub += is_text(e.name, "sub") && e.type == DESCRIPTOR_TYPE_DIRECTORY;
        link += is_text(e.name, "link") && e.type == DESCRIPTOR_TYPE_SYMBOLIC_LINK;
    }
    IS(file == 1 && sub == 1 && link == 1 && count == 3);
    EQ(OK(directory_entry_stream_read_directory_entry(all)).is_some, 0);
    directory_entry_stream_drop(all);
}
