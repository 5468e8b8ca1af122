/* No path leads out of the preopened directory: `..`, absolute paths, and links to either, for every function. */
#include "path_table.h"

/* All but three functions don't follow a link at the end of a path, so they act on the link itself. */
#define ON_LINK (~(BIT(STAT_FOLLOW) | BIT(UTIME_FOLLOW) | BIT(OPEN_FOLLOW)))

static void test(void) {
    make_file("source", "s");
    make_dir("d");
    make_dir("d/e");
    make_link("..", "up");
    make_link("../x", "out");
    make_link("d/../../x", "around");
    make_link("d/e", "down");
    EVERY(EPERM, ENOTCAPABLE, NAME(".."), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("../x"), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("../"), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("./.."), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("d/../.."), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("d/../../x"), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("d/e/../../../d"), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("/"), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("/d"), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("//d"), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("up/x"), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("out/x"), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("around/x"), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("d/../up/x"), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("down/../../../x"), 0);
    EVERY(EPERM, ENOTCAPABLE, NAME("up"), ON_LINK);
    EVERY(EPERM, ENOTCAPABLE, NAME("out"), ON_LINK);
    EVERY(EPERM, ENOTCAPABLE, NAME("around"), ON_LINK);
    /* Up and down inside is no escape. */
    OK(stat_errno("d/../source"));
    OK(stat_errno("d/e/../../source"));
    OK(stat_errno("down/../../source"));
    OK(stat_errno("d/.."));
}
