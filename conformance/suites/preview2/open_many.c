/* Two hundred descriptors at once, each with a file of its own. */
#include "case.h"

static void test(void) {
    char name[] = "f00";
    descriptor_t all[200];
    for (int i = 0; i < 200; i++) {
        name[0] = (char)('a' + i / 100), name[1] = (char)('0' + i / 10 % 10), name[2] = (char)('0' + i % 10);
        all[i] = open_in((string_t){name, 3}, CREATE, READ | WRITE);
        write_all(all[i], (list_u8_t){(uint8_t *)name, 3}, 0);
    }
    for (int i = 0; i < 200; i++) {
        EQ(read_all(all[i], block, 10, 0), 3);
        EQ((block[0] - 'a') * 100 + (block[1] - '0') * 10 + block[2] - '0', i);
        descriptor_drop(all[i]);
    }
}
