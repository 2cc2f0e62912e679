/* Listening sockets that whoever started the program has opened for it. Main thread. */
#include "handed.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"
#include "values.h"

#define FIRST_DESCRIPTOR 3

int handed_find(struct handed *handed)
{
    const char *of = getenv("LISTEN_PID"), *many = getenv("LISTEN_FDS");
    uint64_t pid, count;

    handed->count = 0;
    if (of == NULL || many == NULL || !value_number(of, &pid) || pid != (uint64_t)getpid() ||
        !value_number(many, &count))
        return 0;
    if (count > BOBBIN_LISTENERS) {
        say_error("%s sockets were handed over (LISTEN_FDS), and %u can be listened on\n", many,
                  (unsigned)BOBBIN_LISTENERS);
        return -1;
    }
    for (; handed->count < count; handed->count++) {
        int fd = FIRST_DESCRIPTOR + (int)handed->count;

        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
        handed->sockets[handed->count] = fd;
    }
    return 0;
}

void handed_complain(size_t index)
{
    const char *name = getenv("LISTEN_FDNAMES"); /* "http:https": of each, in their order */

    for (size_t i = 0; name != NULL && i < index; i++) {
        name = strchr(name, ':');
        name = name == NULL ? NULL : name + 1;
    }
    if (name == NULL)
        name = "";
    say_error("socket %zu of those handed over (LISTEN_FDS)%s%.*s%s is no TCP socket that listens\n", index + 1,
              *name != '\0' ? ", '" : "", (int)strcspn(name, ":"), name, *name != '\0' ? "'," : "");
}
