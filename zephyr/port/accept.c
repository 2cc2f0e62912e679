/* Zephyr: waiting for clients, and waking who waits.
 *
 * shutdown() is not for listeners here, and close() wakes one thread of those that wait in the system. So one waits
 * there, and the others for its turn: they get it when it has a client, or when the listener was closed under it. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <zephyr/kernel.h>

#include "bobbin/error.h"
#include "port.h"
#include "port_posix.h"
#include "system.h"
#include "timeout.h"

#define LISTENERS CONFIG_BOBBIN_LISTENERS

/* Who finds the backlog full is not answered, and knocks again; who finds no network context is refused by newer
 * Zephyr. So only those may wait at a listener for whom there is a context, beside its own, one for each thread and
 * another one of each that ends. */
#define WAITING (CONFIG_NET_MAX_CONTEXTS - LISTENERS - 2 * (CONFIG_BOBBIN_MAX_CLIENTS + 1))

enum turn_state { TURN_FREE, TURN_TAKEN, TURN_INTERRUPTED };

static struct turn {
    struct k_mutex lock; /* of whoever waits in the system */
    atomic_t state;
} turns[LISTENERS];

static struct turn *turn_of(const struct port_socket *listener)
{
    return &turns[listener->bell - 1];
}

static int fd_of(const struct port_socket *socket)
{
    return (int)socket->handle;
}

int port_listen(struct port_socket *listener, const char *address, uint16_t port, int backlog)
{
    size_t i = 0;
    while (i < LISTENERS && !atomic_cas(&turns[i].state, TURN_FREE, TURN_TAKEN))
        i++;
    if (i == LISTENERS)
        return BOBBIN_NO_FILES;
    if (backlog > WAITING)
        backlog = WAITING < 1 ? 1 : WAITING;
    int error = port_posix_listen(listener, address, port, backlog);
    if (error < 0) {
        atomic_set(&turns[i].state, TURN_FREE);
        return error;
    }
    k_mutex_init(&turns[i].lock);
    listener->bell = (intptr_t)i + 1;
    return 0;
}

int port_adopt(struct port_socket *listener, intptr_t handle)
{
    (void)listener;
    (void)handle;
    return BOBBIN_UNSUPPORTED;
}

static bool interrupted(const struct port_socket *listeners, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (atomic_get(&turn_of(&listeners[i])->state) == TURN_INTERRUPTED)
            return true;
    return false;
}

/* The listener that has a client, or an error. A wait in accept() may miss who comes between its look and its sleep;
 * one in poll() does not. */
static int wait_for_listener(const struct port_socket *listeners, size_t count, uint64_t deadline)
{
    struct pollfd waiting[LISTENERS];
    for (size_t i = 0; i < count; i++)
        waiting[i] = (struct pollfd){.fd = fd_of(&listeners[i]), .events = POLLIN};
    for (;;) {
        int ready = poll(waiting, (int)count, deadline == PORT_NEVER ? -1 : port_posix_left_ms(deadline));
        if (interrupted(listeners, count))
            return BOBBIN_CLOSED;
        if (ready < 0 && errno != EINTR)
            return port_posix_error(errno);
        for (size_t i = 0; ready > 0 && i < count; i++)
            if (waiting[i].revents != 0)
                return (int)i;
        if (port_posix_left_ms(deadline) == 0)
            return BOBBIN_TIMEOUT;
    }
}

static int accept_in_turn(const struct port_socket *listeners, size_t count, struct port_socket *client,
                          struct port_address *peer, uint64_t deadline)
{
    static const int on = 1;
    for (;;) {
        int at = interrupted(listeners, count) ? BOBBIN_CLOSED : wait_for_listener(listeners, count, deadline);
        if (at < 0)
            return at;
        struct sockaddr_storage from;
        socklen_t length = sizeof from;
        int fd = accept(fd_of(&listeners[at]), (struct sockaddr *)&from, &length);
        if (fd >= 0) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* not taken over from the listener */
            memset(client, 0, sizeof *client);
            client->handle = fd;
            port_posix_from(&from, peer);
            return 0;
        }
        if (errno == EBADF || errno == EINTR)
            return BOBBIN_CLOSED;
        if (errno != ECONNABORTED && errno != EAGAIN)
            return port_posix_error(errno);
    }
}

int port_accept(const struct port_socket *listeners, size_t count, struct port_socket *client,
                struct port_address *peer, uint64_t deadline)
{
    if (count == 0 || count > LISTENERS)
        return BOBBIN_INVALID;
    struct turn *turn = turn_of(&listeners[0]);
    if (k_mutex_lock(&turn->lock, timeout_until(deadline)) != 0)
        return BOBBIN_TIMEOUT;
    int result = accept_in_turn(listeners, count, client, peer, deadline);
    k_mutex_unlock(&turn->lock);
    return result;
}

void port_finish(struct port_socket *socket)
{
    intptr_t neither = 0;
    __atomic_compare_exchange_n(&socket->bell, &neither, SYSTEM_FINISHED, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

void port_interrupt(struct port_socket *socket)
{
    if (socket->bell > 0) {
        if (atomic_cas(&turn_of(socket)->state, TURN_TAKEN, TURN_INTERRUPTED))
            close(fd_of(socket));
        return;
    }
    __atomic_store_n(&socket->bell, SYSTEM_ENDED, __ATOMIC_RELAXED);
    shutdown(fd_of(socket), SHUT_RD); /* wakes who receives */
}

void port_close(struct port_socket *socket)
{
    if (socket->bell <= 0 || atomic_set(&turn_of(socket)->state, TURN_FREE) != TURN_INTERRUPTED)
        close(fd_of(socket));
    socket->handle = -1;
}

uint32_t port_posix_interface(const char *name)
{
    (void)name;
    return 0; /* by number only */
}
