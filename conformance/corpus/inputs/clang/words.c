#include "words.h"
#include <ctype.h>

size_t count_words(const char *text, size_t *longest) {
    size_t words = 0, length = 0;
    *longest = 0;
    for (;; text++) {
        if (*text && !isspace((unsigned char)*text)) {
            length++;
            continue;
        }
        words += length > 0;
        if (length > *longest) *longest = length;
        length = 0;
        if (!*text) return words;
    }
}
