/* A program as people write them: wasi-libc's stdio, on stdout, stderr and files. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s, errno %d\n", __FILE_NAME__, __LINE__, #condition, errno); \
            return 1; \
        } \
    } while (0)

int main(void) {
    char line[64];
    FILE *f = fopen("/f.txt", "w");
    CHECK(f);
    for (int i = 0; i < 1000; i++) CHECK(fprintf(f, "line %d\n", i) > 0);
    CHECK(ftell(f) == 8890);
    CHECK(!fclose(f));
    f = fopen("f.txt", "r+");
    CHECK(f);
    for (int i = 0; i < 1000; i++) {
        char want[16];
        snprintf(want, sizeof want, "line %d\n", i);
        CHECK(fgets(line, sizeof line, f) && !strcmp(line, want));
    }
    CHECK(!fgets(line, sizeof line, f) && feof(f));
    CHECK(!fseek(f, -9, SEEK_END) && fgets(line, sizeof line, f) && !strcmp(line, "line 999\n"));
    rewind(f);
    CHECK(fputs("LINE", f) >= 0 && !fclose(f));
    f = fopen("f.txt", "a+");
    CHECK(f && fputs("appended", f) >= 0 && !fclose(f));
    f = fopen("f.txt", "r");
    CHECK(f && fgets(line, sizeof line, f) && !strcmp(line, "LINE 0\n"));
    CHECK(!fseek(f, 8890, SEEK_SET) && fgets(line, sizeof line, f) && !strcmp(line, "appended"));
    CHECK(!fclose(f));
    CHECK(!rename("f.txt", "g.txt") && !fopen("f.txt", "r") && errno == ENOENT);
    CHECK(!remove("g.txt") && !fopen("g.txt", "r") && errno == ENOENT);
    CHECK(fopen("f.txt", "wx") && !fopen("f.txt", "wx") && errno == EEXIST);
    CHECK(getchar() == EOF);
    printf("printed %d %#x %s\n", 42, 42, "pi");
    fprintf(stderr, "to stderr\n");
    return 0;
}
