/* Zephyr: how deep a stack was used, as the kernel tells it of a thread that runs. */
#include <zephyr/kernel.h>

#include "port.h"

struct search {
    uintptr_t stack;
    size_t size, peak;
};

static void look(const struct k_thread *thread, void *argument)
{
    struct search *search = argument;
    size_t unused;
    if (thread->stack_info.start - search->stack < search->size && k_thread_stack_space_get(thread, &unused) == 0)
        search->peak = thread->stack_info.size - unused;
}

size_t port_stack_peak(const void *stack, size_t size)
{
    struct search search = {(uintptr_t)stack, size, 0};
    k_thread_foreach_unlocked(look, &search);
    return search.peak;
}
