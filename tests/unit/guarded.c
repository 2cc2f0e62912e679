/* Maps the memory of guarded.h. */
#define _GNU_SOURCE
#include "guarded.h"

#include "unit.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

void guarded_open(struct guarded *guarded)
{
    guarded->mapped = GUARDED_BYTES + page_bytes();
    void *memory = mmap(NULL, guarded->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    guarded->memory = memory;
    assert_int_equal(mprotect(guarded->memory + GUARDED_BYTES, page_bytes(), PROT_NONE), 0);
}

void guarded_close(struct guarded *guarded)
{
    munmap(guarded->memory, guarded->mapped);
}

char *guarded_room(struct guarded *guarded, size_t length)
{
    assert_true(length <= GUARDED_BYTES);
    return guarded->memory + GUARDED_BYTES - length;
}

char *guarded_copy(struct guarded *guarded, const void *data, size_t length)
{
    char *room = guarded_room(guarded, length);
    if (length > 0)
        memmove(room, data, length);
    return room;
}
