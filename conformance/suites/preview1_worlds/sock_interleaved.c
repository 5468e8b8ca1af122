/* Two connections by turns, among files and with polls in between: what is sent on one comes back on that one, in order, and a
 * poll tells how much waits there. */
#include "sock.h"

static void test(void) {
    fd_t peers[2] = {accept_next(0), accept_next(0)}, file = create("f");
    char got[64];
    int owed[2] = {0, 0}, sent[2] = {0, 0}, back[2] = {0, 0};
    for (int turn = 0; turn < 400; turn++) {
        int which = turn * 7 % 5 % 2, size = 1 + turn % 9;
        for (int i = 0; i < size; i++) got[i] = (char)('a' + (sent[which] + i + which) % 26);
        OK(turn % 3 ? transmit(peers[which], got, (size_u32)size) : write_once(peers[which], got, (size_u32)size));
        EQ(moved, size);
        sent[which] += size, owed[which] += size;
        write_all(file, "x", 1);
        if (turn % 4) continue;
        for (which = 0; which < 2; which++) {
            subs[0] = on_fd(1, EVENT_FD_READ, peers[which]);
            subs[1] = on_clock(2, MONOTONIC, 1000 * MS, 0);
            if (!owed[which]) continue;
            size_u32 n = poll(2);
            const struct event *e = event_of(1, n);
            IS(e && e->nbytes == (uint64_t)owed[which]);
            OK(turn % 8 ? receive(peers[which], got, sizeof got, 0) : read_once(peers[which], got, sizeof got));
            IS(moved >= 1 && (int)moved <= owed[which]);
            for (size_u32 i = 0; i < moved; i++) EQ(got[i], 'a' + (back[which] + (int)i + which) % 26);
            back[which] += (int)moved, owed[which] -= (int)moved;
        }
    }
    EQ(stat_of_fd(file).size, 400);
    OK(fd_close(peers[0]));
    /* The other one isn't touched by that. */
    OK(transmit(peers[1], "last", 4));
    EQ(moved, 4);
}
