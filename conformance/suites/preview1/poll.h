/* Subscriptions, and polling with the checks that every answer has to pass. */
#ifndef POLL_H
#define POLL_H

#include "check.h"

#define MS ((uint64_t)1000000)

static struct subscription subs[16];
static struct event events[17];

static struct subscription on_clock(uint64_t userdata, uint32_t id, uint64_t timeout, uint16_t flags) {
    struct subscription s = {0};
    s.userdata = userdata, s.type = EVENT_CLOCK;
    s.u.clock.id = id, s.u.clock.timeout = timeout, s.u.clock.flags = flags;
    return s;
}

static struct subscription on_fd(uint64_t userdata, uint8_t type, fd_t fd) {
    struct subscription s = {0};
    s.userdata = userdata, s.type = type, s.u.fd = fd;
    return s;
}

/* Poll the first `n` of subs; how many events came. Each is one that was asked for, and none lies past the count. */
static size_u32 poll(size_u32 n) {
    size_u32 count = 0;
    memset(events, 0xaa, sizeof events);
    OK(poll_oneoff(subs, events, n, &count));
    IS(count >= 1 && count <= n);
    for (size_u32 i = 0; i < count; i++) {
        int asked = 0;
        for (size_u32 j = 0; j < n; j++)
            asked |= subs[j].userdata == events[i].userdata && subs[j].type == events[i].type;
        IS(asked);
    }
    IS(all(events + n, 0xaa, sizeof *events));
    return count;
}

static const struct event *event_of(uint64_t userdata, size_u32 count) {
    for (size_u32 i = 0; i < count; i++)
        if (events[i].userdata == userdata) return events + i;
    return 0;
}

static uint64_t now(uint32_t id) {
    uint64_t time = 0;
    OK(clock_time_get(id, 0, &time));
    return time;
}

#endif
