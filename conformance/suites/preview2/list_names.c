/* Names come as they were given: blanks, dots, letters beyond ASCII. */
#include "case.h"

static void test(void) {
    make_file(S(".hidden"), B(""));
    make_file(S("two words"), B(""));
    make_file(S("ärger€😀"), B(""));
    directory_entry_stream_t all = OK(descriptor_read_directory(root()));
    int seen = 0;
    for (option_directory_entry_t next; (next = OK(directory_entry_stream_read_directory_entry(all))).is_some;) {
        seen += is_text(next.some.name, ".hidden") ? 1 : is_text(next.some.name, "two words") ? 10 :
                is_text(next.some.name, "ärger€😀") ? 100 : 1000;
    }
    EQ(seen, 111);
    directory_entry_stream_drop(all);
}
