/* proc_raise with signals that end nothing: wasmtime doesn't have it (NOTSUP); elsewhere they are ignored. */
#include "check.h"

static void test(void) {
    static const uint32_t signals[] = {SIGNAL_NONE, SIGNAL_CHLD, SIGNAL_URG, SIGNAL_WINCH};
    for (int i = 0; i < 4; i++) ONE_OF(ENOTSUP, SUCCESS, ENOSYS, proc_raise(signals[i]));
}
