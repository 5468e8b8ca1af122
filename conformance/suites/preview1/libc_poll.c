/* wasi-libc's ways to wait: nanosleep, poll with a timeout, and select, on files, on stdin at its end, and on nothing. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/select.h>
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
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(void) {
    long long start = now();
    struct timespec pause = {0, 4000000};
    CHECK(!nanosleep(&pause, NULL) && now() - start >= 4000000);
    start = now();
    CHECK(usleep(3000) == 0 && now() - start >= 3000000);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 2000000;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    CHECK(!clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL));
    CHECK(now() >= until.tv_sec * 1000000000LL + until.tv_nsec);

    int fd = open("f", O_CREAT | O_RDWR, 0666);
    CHECK(fd >= 0 && write(fd, "text", 4) == 4);
    struct pollfd files[2] = {{fd, POLLIN, 0}, {fd, POLLOUT, 0}};
    CHECK(poll(files, 1, 30000) == 1 && files[0].revents & POLLIN);
    CHECK(poll(files + 1, 1, 30000) == 1 && files[1].revents & POLLOUT);
    files[0].fd = -1; /* left out */
    CHECK(poll(files, 2, 30000) == 1 && !files[0].revents);

    fd_set writable;
    FD_ZERO(&writable);
    FD_SET(fd, &writable);
    struct timeval limit = {30, 0};
    CHECK(select(fd + 1, NULL, &writable, NULL, &limit) == 1 && FD_ISSET(fd, &writable));
    start = now();
    limit.tv_sec = 0, limit.tv_usec = 2000;
    CHECK(select(0, NULL, NULL, NULL, &limit) == 0 && now() - start >= 2000000);
    return 0;
}
