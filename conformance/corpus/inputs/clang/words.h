#pragma once
#include <stddef.h>

/* The number of words in `text`, and the longest one's length through `longest`. */
size_t count_words(const char *text, size_t *longest);
