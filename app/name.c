/* The device's name: found once at start, then only read. */
#include "name.h"

#include <unistd.h>

#define NAME_BYTES 64

const char *name_find(const char *given)
{
    static char host[NAME_BYTES + 1];

    if (given != NULL)
        return given;
    if (gethostname(host, sizeof host) != 0)
        return "bobbin";
    host[NAME_BYTES] = '\0'; /* a longer name may come without one */
    return host;
}
