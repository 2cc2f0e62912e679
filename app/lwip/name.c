/* The device's name: found once at start, then only read. */
#include "name.h"

#include <string.h>
#include <unistd.h>

#define NAME_BYTES 64

/* Not the host's own: beside the host this is a device of its own, and avahi may answer for the host. */
const char *name_find(const char *given)
{
    static const char behind[] = "-lwip";
    static char name[NAME_BYTES + sizeof behind];

    if (given != NULL)
        return given;
    if (gethostname(name, NAME_BYTES) != 0)
        return "bobbin";
    name[NAME_BYTES - 1] = '\0';
    name[strcspn(name, ".")] = '\0'; /* the domain is the host's */
    memcpy(name + strlen(name), behind, sizeof behind);
    return name;
}
