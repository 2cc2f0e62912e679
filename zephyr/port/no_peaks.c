/* Zephyr without CONFIG_BOBBIN_STACK_PEAKS. */
#include "port.h"

size_t port_stack_peak(const void *stack, size_t size)
{
    (void)stack;
    (void)size;
    return 0;
}
