/* Linux: waiting for clients, and waking who waits. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bobbin/error.h"
#include "port.h"
#include "port_posix.h"

#define LISTENERS_MAX 10 /* of one port_accept */

static int fd_of(const struct port_socket *socket)
{
    return (int)socket->handle;
}

int port_listen(struct port_socket *listener, const char *address, uint16_t port, int backlog)
{
    return port_posix_listen(listener, address, port, backlog);
}

/* shutdown() would end the listener for everybody who shares it: those who wait here look at a bell too, which stays
 * rung. */
int port_adopt(struct port_socket *listener, intptr_t handle)
{
    static const int on = 1;
    struct sockaddr_storage local;
    socklen_t length = sizeof local, int_length = sizeof(int);
    int fd = (int)handle, listens = 0, bell;
    if (getsockname(fd, (struct sockaddr *)&local, &length) != 0 ||
        (local.ss_family != AF_INET && local.ss_family != AF_INET6) ||
        getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &int_length) != 0 || !listens ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        return BOBBIN_INVALID;
    bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (bell < 0)
        return port_posix_error(errno);
    memset(listener, 0, sizeof *listener);
    listener->handle = handle;
    listener->bell = (intptr_t)bell + 1;
    return 0;
}

/* The listener that has a client, or an error. */
static int wait_for_listener(const struct port_socket *listeners, size_t count, uint64_t deadline)
{
    struct pollfd waiting[2 * LISTENERS_MAX]; /* the listeners, and then their bells */
    for (size_t i = 0; i < count; i++) {
        int fd = fd_of(&listeners[i]);
        int flags = fcntl(fd, F_GETFL);
        if (flags >= 0 && (flags & O_NONBLOCK) == 0)
            fcntl(fd, F_SETFL, flags | O_NONBLOCK);
        waiting[i] = (struct pollfd){.fd = fd, .events = POLLIN};
        waiting[count + i] = (struct pollfd){.fd = (int)listeners[i].bell - 1, .events = POLLIN}; /* -1: none */
    }
    for (;;) {
        int ready = poll(waiting, (nfds_t)(2 * count), deadline == PORT_NEVER ? -1 : port_posix_left_ms(deadline));
        if (ready == 0 && port_posix_left_ms(deadline) == 0)
            return BOBBIN_TIMEOUT;
        if (ready < 0 && errno != EINTR)
            return port_posix_error(errno);
        for (size_t i = 2 * count; ready > 0 && i > 0; i--) /* the bells first */
            if (waiting[i - 1].revents != 0)
                return i > count ? BOBBIN_CLOSED : (int)i - 1;
    }
}

/* What accept can say about a connection that died in the queue, or about the network behind it (accept(2)). */
static bool of_that_client(int number)
{
    return number == ECONNABORTED || number == EPROTO || number == ENETDOWN || number == ENOPROTOOPT ||
           number == EHOSTDOWN || number == EHOSTUNREACH || number == ENETUNREACH || number == ENONET ||
           number == EOPNOTSUPP || number == EPERM;
}

int port_accept(const struct port_socket *listeners, size_t count, struct port_socket *client,
                struct port_address *peer, uint64_t deadline)
{
    if (count == 0 || count > LISTENERS_MAX)
        return BOBBIN_INVALID;
    /* One listener for ever: the kernel's queue of blocked accepts is the fastest way to take turns. Else poll
     * finds one that is ready; another thread may be quicker, so accept must not block then. */
    bool blocking = count == 1 && listeners->bell == 0 && deadline == PORT_NEVER;
    for (;;) {
        int at = 0;
        if (!blocking && (at = wait_for_listener(listeners, count, deadline)) < 0)
            return at;
        struct sockaddr_storage from;
        socklen_t length = sizeof from;
        int fd = accept4(fd_of(&listeners[at]), (struct sockaddr *)&from, &length, SOCK_CLOEXEC);
        if (fd >= 0) {
            memset(client, 0, sizeof *client);
            client->handle = fd;
            port_posix_from(&from, peer);
            return 0;
        }
        if (errno == EINVAL || errno == EBADF)
            return BOBBIN_CLOSED; /* shut down by port_interrupt */
        if (errno == EAGAIN)
            blocking = false; /* the listener does not block: somebody else waits on it with a deadline */
        else if (errno != EINTR && !of_that_client(errno))
            return port_posix_error(errno);
    }
}

void port_finish(struct port_socket *socket)
{
    shutdown(fd_of(socket), SHUT_WR);
}

void port_interrupt(struct port_socket *socket)
{
    if (socket->bell != 0)
        (void)eventfd_write((int)socket->bell - 1, 1);
    else
        shutdown(fd_of(socket), SHUT_RDWR);
}

void port_close(struct port_socket *socket)
{
    close(socket->bell != 0 ? (int)socket->bell - 1 : fd_of(socket));
    socket->handle = -1;
}
