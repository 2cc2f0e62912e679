/* What both targets share. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert: it must hold in every build. */
static inline void must(int holds)
{
    if (!holds)
        abort();
}

/* Numbers that hang on the input alone, so that each crash comes again, and that leave the corpus readable. */
static inline uint32_t random_of(const uint8_t *data, size_t size)
{
    uint32_t state = 2166136261u;
    for (size_t i = 0; i < size; i++)
        state = (state ^ data[i]) * 16777619u;
    return state | 1;
}

static inline size_t next_random(uint32_t *state, size_t below)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state % below;
}

#endif
