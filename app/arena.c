/* The memory of a server, mapped once at start. Main thread. */
#include "arena.h"

#include <sys/mman.h>

void *arena_map(size_t bytes)
{
    void *arena =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

    if (arena == MAP_FAILED)
        return NULL;
    /* A huge page would make stacks resident that nobody has used. Kernels without huge pages refuse the advice. */
    (void)madvise(arena, bytes, MADV_NOHUGEPAGE);
    return arena;
}

void arena_unmap(void *arena, size_t bytes)
{
    (void)munmap(arena, bytes);
}
