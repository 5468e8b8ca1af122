/* A run that returns an error is a program that failed. */
#define OWN_RUN
#include "case.h"

__attribute__((export_name("wasi:cli/run@0.2.12#run"))) uint32_t run(void) { return 1; }
