/* What has a name already isn't made again: directory, file, link, dangling link. */
#include "case.h"

static void test(void) {
    make_directory(S("sub"));
    make_file(S("file"), B("x"));
    DONE(descriptor_symlink_at(root(), S("nothing"), S("link")));
    FAILS(EXIST, descriptor_create_directory_at(root(), S("sub")));
    FAILS(EXIST, descriptor_create_directory_at(root(), S("file")));
    FAILS(EXIST, descriptor_create_directory_at(root(), S("link")));
}
