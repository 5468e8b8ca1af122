/* The offset of a time zone is less than a day, both functions tell the same, and a zone has a name. */
#include "case.h"

static void test(void) {
    datetime_t now = wall_clock_now();
    int32_t offset = timezone_utc_offset(now);
    timezone_display_t shown = timezone_display(now);
    IS(offset > -86400 && offset < 86400);
    EQ(shown.utc_offset, offset);
    IS(shown.name.size > 0);
    IS(shown.in_daylight_saving_time <= 1);
}
