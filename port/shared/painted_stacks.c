/* Stacks that are painted before a thread has them: what is another colour later was used. Any thread. */
#include <string.h>

#include "port.h"

#define PAINT 0xA5 /* FreeRTOS's own too, which it looks for when it checks for overflows */

void port_stack_paint(void *stack, size_t size)
{
    memset(stack, PAINT, size);
}

size_t port_stack_peak(const void *stack, size_t size)
{
    const unsigned char *bytes = stack;
    size_t untouched = 0;
    while (untouched < size && bytes[untouched] == PAINT)
        untouched++;
    return size - untouched;
}
