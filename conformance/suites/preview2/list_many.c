/* A directory of five hundred files, each of which comes once. */
#include "case.h"

static void test(void) {
    char name[] = "f000";
    for (int i = 0; i < 500; i++) {
        name[1] = (char)('0' + i / 100), name[2] = (char)('0' + i / 10 % 10), name[3] = (char)('0' + i % 10);
        descriptor_drop(open_in((string_t){name, 4}, CREATE, WRITE));
    }
    directory_entry_stream_t all = OK(descriptor_read_directory(root()));
    memset(block, 0, 500);
    int count = 0;
    for (option_directory_entry_t next; (next = OK(directory_entry_stream_read_directory_entry(all))).is_some; count++) {
        const char *n = next.some.name.data;
        IS(next.some.name.size == 4 && n[0] == 'f');
        int number = (n[1] - '0') * 100 + (n[2] - '0') * 10 + n[3] - '0';
        IS(number >= 0 && number < 500);
        EQ(block[number]++, 0);
    }
    EQ(count, 500);
    directory_entry_stream_drop(all);
}
