/* The memory of a server, mapped once at start. Main thread. */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

/* Zeroed pages, aligned to them, that become RAM when they are first touched; NULL: errno says why. */
void *arena_map(size_t bytes);
void arena_unmap(void *arena, size_t bytes);

#endif
