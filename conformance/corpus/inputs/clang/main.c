/* Counts the words of stdin, keeps a report in a file and says its arguments back. */
#include "words.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    char line[512];
    size_t total = 0, longest = 0, seen;
    FILE *report = fopen("/report.txt", "w");
    if (!report) return 1;
    while (fgets(line, sizeof line, stdin)) {
        size_t words = count_words(line, &seen);
        fprintf(report, "%zu %zu\n", words, seen);
        total += words;
        if (seen > longest) longest = seen;
    }
    fclose(report);
    for (int i = 1; i < argc; i++) printf("%d: %s\n", i, argv[i]);
    printf("%zu words, the longest has %zu letters, root %.6f\n", total, longest, sqrt((double)total));
    printf("greeting: %s\n", getenv("GREETING") ? getenv("GREETING") : "none");
    return (int)total;
}
