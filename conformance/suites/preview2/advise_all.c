/* Every advice is taken for a file, whatever the place; it changes nothing. */
#include "case.h"

static void test(void) {
    make_file(S("data"), B("0123456789"));
    descriptor_t file = open_in(S("data"), 0, READ | WRITE);
    for (advice_t advice = ADVICE_NORMAL; advice <= ADVICE_NO_REUSE; advice++) {
        DONE(descriptor_advise(file, 0, 10, advice));
        DONE(descriptor_advise(file, 5, 0, advice));
        DONE(descriptor_advise(file, 100, 100, advice));
    }
    descriptor_drop(file);
    HOLDS(S("data"), "0123456789");
}
