/* Paths are UTF-8: bytes that aren't are ILSEQ for every function. */
#include "path_table.h"

static void test(void) {
    make_file("source", "s");
    EVERY(EILSEQ, EINVAL, NAME("\xff"), 0);
    EVERY(EILSEQ, EINVAL, NAME("a\xfe"), 0);
    EVERY(EILSEQ, EINVAL, NAME("\x80"), 0);         /* a continuation without a start */
    EVERY(EILSEQ, EINVAL, NAME("caf\xc3"), 0);      /* a start without a continuation */
    EVERY(EILSEQ, EINVAL, NAME("\xe2\x82"), 0);
    EVERY(EILSEQ, EINVAL, NAME("\xc0\xaf"), 0);     /* an overlong slash */
    EVERY(EILSEQ, EINVAL, NAME("\xed\xa0\x80"), 0); /* a surrogate */
    EVERY(EILSEQ, EINVAL, NAME("\xf4\x90\x80\x80"), 0); /* past U+10FFFF */
    EVERY(EILSEQ, EINVAL, NAME("d/\xff/e"), 0);
    EITHER(EILSEQ, EINVAL, path_symlink(NAME("\xff"), ROOT, NAME("l")));
    EITHER(EILSEQ, EINVAL, path_link(ROOT, FOLLOW, NAME("\xff"), ROOT, NAME("l")));
    FAILS(ENOENT, stat_errno("l"));
}
