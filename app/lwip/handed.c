/* Sockets that are handed over are the system's, and of no use to another IP stack. Main thread. */
#include "handed.h"

int handed_find(struct handed *handed)
{
    handed->count = 0;
    return 0;
}

void handed_complain(size_t index)
{
    (void)index;
}
