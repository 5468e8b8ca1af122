/* A program that traps is no program that exits. */
#define OWN_RUN
#include "case.h"

__attribute__((export_name("wasi:cli/run@0.2.12#run"))) uint32_t run(void) { __builtin_trap(); }
