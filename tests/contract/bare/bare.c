/* As much of cmocka and of a heap as the contract suite's threads and locks need. */
#include "bare.h"

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *running;

void *aligned_alloc(size_t alignment, size_t bytes)
{
    static size_t used;
    uintptr_t end = (uintptr_t)bare_heap + bare_heap_bytes;
    uintptr_t block = ((uintptr_t)bare_heap + used + alignment - 1) / alignment * alignment;
    if (block > end || bytes > end - block)
        return NULL;
    used = block + bytes - (uintptr_t)bare_heap;
    return (void *)block;
}

void *malloc(size_t bytes)
{
    return aligned_alloc(16, bytes);
}

void free(void *block)
{
    (void)block;
}

void cmocka_check(bool holds, const char *what)
{
    if (holds)
        return;
    bare_say("not so: ", what);
    bare_halt("a test failed:", running);
}

void cmocka_set_test_filter(const char *filter)
{
    (void)filter;
}

static bool is_left_out(const char *name)
{
    for (const char *const *left_out = bare_left_out; left_out != NULL && *left_out != NULL; left_out++)
        if (strcmp(*left_out, name) == 0)
            return true;
    return false;
}

int cmocka_run_all(const char *group, const struct CMUnitTest *tests, unsigned count)
{
    void *state = NULL;
    bare_say("group ", group);
    for (unsigned i = 0; i < count; i++) {
        running = tests[i].name;
        if (is_left_out(running)) {
            bare_say("left out ", running);
            continue;
        }
        tests[i].setup(&state);
        tests[i].run(&state);
        tests[i].teardown(&state);
        bare_say("ok ", running);
    }
    return 0;
}
