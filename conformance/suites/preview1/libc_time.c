/* wasi-libc's clocks, sleeping, polling and random numbers. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s, errno %d\n", __FILE_NAME__, __LINE__, #condition, errno); \
            return 1; \
        } \
    } while (0)

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(void) {
    struct timespec t = {0, 3000000};
    char a[32], b[32];
    long long start = now();
    CHECK(!nanosleep(&t, 0) && now() - start >= 3000000);
    start = now();
    CHECK(!usleep(2000) && now() - start >= 2000000);
    CHECK(!clock_getres(CLOCK_MONOTONIC, &t) && t.tv_sec == 0 && t.tv_nsec > 0);
    CHECK(!clock_gettime(CLOCK_REALTIME, &t) && time(0) >= t.tv_sec);
    start = now();
    CHECK(poll(0, 0, 2) == 0 && now() - start >= 2000000);
    struct pollfd out = {1, POLLOUT, 0};
    CHECK(poll(&out, 1, 10000) == 1 && out.revents == POLLOUT);
    CHECK(!getentropy(a, sizeof a) && !getentropy(b, sizeof b) && memcmp(a, b, sizeof a));
    return 0;
}
