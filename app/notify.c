/* What the service manager that started the program gets to know. Main thread.
 * Written out here, as a static program has no libsystemd. */
#include "notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "values.h"

/* Open from the start: clients may take every descriptor there is. */
static int fd = -1;

/* The manager's address and its length; 0: there is none, or one of a kind that is not known here (vsock). */
static socklen_t manager(struct sockaddr_un *address)
{
    const char *name = getenv("NOTIFY_SOCKET");
    size_t length = name == NULL ? 0 : strlen(name);

    if (length < 2 || length >= sizeof address->sun_path || (name[0] != '/' && name[0] != '@'))
        return 0;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, name, length);
    if (name[0] == '@') {
        address->sun_path[0] = '\0'; /* abstract: the name has a length and no end */
        return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    }
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
}

static void notify(const char *text)
{
    struct sockaddr_un address;
    socklen_t length = manager(&address);

    if (fd >= 0 && length != 0)
        (void)sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)(const void *)&address, length);
}

void notify_ready(unsigned port)
{
    /* A manager that does not read is waited for a moment only: the main thread has signals to answer. */
    static const struct timeval patience = {.tv_sec = 2};
    struct sockaddr_un address;
    char text[64 + VALUE_TEXT] = "READY=1\nSTATUS=Listening on port ";

    if (manager(&address) == 0)
        return;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    value_print_number(port, text + strlen(text));
    notify(text);
}

void notify_stopping(void)
{
    notify("STOPPING=1");
}

void notify_alive(void)
{
    notify("WATCHDOG=1");
}

uint64_t notify_beat_ms(void)
{
    const char *limit = getenv("WATCHDOG_USEC"), *of = getenv("WATCHDOG_PID");
    uint64_t usec, pid;

    if (getenv("NOTIFY_SOCKET") == NULL || limit == NULL || !value_number(limit, &usec))
        return 0;
    if (of != NULL && (!value_number(of, &pid) || pid != (uint64_t)getpid()))
        return 0;
    return usec / 2000 > 0 ? usec / 2000 : usec > 0;
}
