/* lwIP: listeners, and who waits at them.
 *
 * lwIP cannot interrupt a listener, only close it: then whoever waits returns, and its number may soon be another
 * socket's. So each of ours has a row here that says so. One that was adopted stays its owner's, and is not closed:
 * who waits at it waits for a bell too, which is a UDP socket that gets a word from itself. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "bobbin/error.h"
#include "lwip/api.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/priv/sockets_priv.h"
#include "lwip/tcpip.h"
#include "port_lwip.h"
#include "pools.h"

#define NO_BELL -1

struct listener {
    atomic_bool taken, interrupted;
    int bell;
};

static struct listener rows[BOBBIN_LWIP_LISTENERS];

/* port_socket.bell is the row's place, from 1 on. */
static struct listener *row_of(const struct port_socket *socket)
{
    return &rows[socket->bell - 1];
}

bool port_lwip_is_listener(const struct port_socket *socket)
{
    return socket->bell != 0;
}

static int number_of(const struct port_socket *socket)
{
    return (int)socket->handle;
}

/* -- opening -- */

static int take_row(struct port_socket *listener, int number, int bell)
{
    for (int i = 0; i < BOBBIN_LWIP_LISTENERS; i++) {
        if (atomic_exchange(&rows[i].taken, true))
            continue;
        rows[i].bell = bell;
        atomic_store(&rows[i].interrupted, false);
        memset(listener, 0, sizeof *listener);
        listener->handle = number;
        listener->bell = i + 1;
        return 0;
    }
    return BOBBIN_NO_FILES;
}

/* lwIP binds to any address, also to one that is not here. Under the core lock. */
static bool is_ours(const ip_addr_t *address)
{
    struct netif *netif;
    if (ip_addr_isany(address))
        return true;
    NETIF_FOREACH(netif)
    {
        if (IP_IS_V4(address) && ip4_addr_cmp(ip_2_ip4(address), netif_ip4_addr(netif)))
            return true;
#if LWIP_IPV6
        if (IP_IS_V6(address) && netif_get_ip6_addr_match(netif, ip_2_ip6(address)) >= 0)
            return true;
#endif
    }
    return false;
}

/* All of "192.168.0.7" or "fe80::1%e0"; lwIP also takes "1" for an address. */
static bool parse(const char *text, ip_addr_t *address)
{
    int dots = 0;
    for (const char *at = text; *at != '\0'; at++)
        dots += *at == '.';
    return (dots == 3 || strchr(text, ':') != NULL) && ipaddr_aton(text, address);
}

static socklen_t to_sockaddr(struct sockaddr_storage *to, const ip_addr_t *address, uint16_t port)
{
    memset(to, 0, sizeof *to);
#if LWIP_IPV6
    if (!IP_IS_V4(address)) {
        struct sockaddr_in6 *v6 = (void *)to;
        v6->sin6_len = sizeof *v6;
        v6->sin6_family = AF_INET6;
        v6->sin6_port = lwip_htons(port);
        inet6_addr_from_ip6addr(&v6->sin6_addr, ip_2_ip6(address));
        v6->sin6_scope_id = ip6_addr_zone(ip_2_ip6(address));
        return sizeof *v6;
    }
#endif
    struct sockaddr_in *v4 = (void *)to;
    v4->sin_len = sizeof *v4;
    v4->sin_family = AF_INET;
    v4->sin_port = lwip_htons(port);
    inet_addr_from_ip4addr(&v4->sin_addr, ip_2_ip4(address));
    return sizeof *v4;
}

static int listen_with(int number, const struct sockaddr_storage *at, socklen_t length, bool both, int backlog)
{
    static const int on = 1;
    lwip_setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
#if LWIP_IPV6
    if (at->ss_family == AF_INET6 && !both)
        lwip_setsockopt(number, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
#else
    (void)both;
#endif
    if (backlog < 1 || backlog > BOBBIN_LWIP_BACKLOG)
        backlog = BOBBIN_LWIP_BACKLOG;
    if (lwip_bind(number, (const struct sockaddr *)at, length) != 0 || lwip_listen(number, backlog) != 0)
        return port_lwip_error();
    return 0;
}

int port_listen(struct port_socket *listener, const char *address, uint16_t port, int backlog)
{
    struct sockaddr_storage at;
    ip_addr_t ip;
    memset(&ip, 0, sizeof ip);
#if LWIP_IPV6
    if (address == NULL)
        ip = *IP6_ADDR_ANY;
#endif
    if (address != NULL && !parse(address, &ip))
        return BOBBIN_NO_ADDRESS;
    LOCK_TCPIP_CORE();
    bool ours = is_ours(&ip);
    UNLOCK_TCPIP_CORE();
    if (!ours)
        return BOBBIN_NO_ADDRESS;
    socklen_t length = to_sockaddr(&at, &ip, port);
    int number = lwip_socket(at.ss_family, SOCK_STREAM, 0);
    if (number < 0)
        return BOBBIN_NO_FILES;
    int error = listen_with(number, &at, length, address == NULL, backlog);
    if (error == 0)
        error = take_row(listener, number, NO_BELL);
    if (error < 0)
        lwip_close(number);
    return error;
}

int port_local_address(const struct port_socket *listener, struct port_address *address)
{
    struct sockaddr_storage local;
    socklen_t length = sizeof local;
    if (lwip_getsockname(number_of(listener), (struct sockaddr *)&local, &length) != 0)
        return port_lwip_error();
    port_lwip_address(&local, address);
    return 0;
}

/* -- adopting -- */

/* A UDP socket that is connected to itself. */
static int make_bell(void)
{
#if LWIP_HAVE_LOOPIF
    struct sockaddr_in here = {.sin_len = sizeof here, .sin_family = AF_INET};
    socklen_t length = sizeof here;
    here.sin_addr.s_addr = PP_HTONL(INADDR_LOOPBACK);
    int bell = lwip_socket(AF_INET, SOCK_DGRAM, 0);
    if (bell < 0)
        return BOBBIN_NO_FILES;
    if (lwip_bind(bell, (struct sockaddr *)&here, sizeof here) == 0 &&
        lwip_getsockname(bell, (struct sockaddr *)&here, &length) == 0 &&
        lwip_connect(bell, (struct sockaddr *)&here, sizeof here) == 0)
        return bell;
    lwip_close(bell);
    return BOBBIN_NO_MEMORY;
#else
    return BOBBIN_UNSUPPORTED;
#endif
}

/* Under the core lock. */
static bool listens(int number)
{
    struct lwip_sock *sock = number < 0 ? NULL : lwip_socket_dbg_get_socket(number);
    return sock != NULL && sock->conn != NULL && NETCONNTYPE_GROUP(netconn_type(sock->conn)) == NETCONN_TCP &&
           sock->conn->state == NETCONN_LISTEN;
}

int port_adopt(struct port_socket *listener, intptr_t handle)
{
    LOCK_TCPIP_CORE();
    bool one = handle >= 0 && handle < LWIP_SOCKET_OFFSET + NUM_SOCKETS && listens((int)handle);
    UNLOCK_TCPIP_CORE();
    if (!one)
        return BOBBIN_INVALID;
    int bell = make_bell();
    if (bell < 0)
        return bell;
    int error = take_row(listener, (int)handle, bell);
    if (error < 0)
        lwip_close(bell);
    return error;
}

/* -- accepting -- */

static bool any_interrupted(const struct port_socket *listeners, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (atomic_load(&row_of(&listeners[i])->interrupted))
            return true;
    }
    return false;
}

/* Waits until one of them has a client; which one, or an error. All who wait are woken for each client. */
static int wait_for_listener(const struct port_socket *listeners, size_t count, uint64_t deadline)
{
    struct pollfd waiting[2 * BOBBIN_LWIP_LISTENERS];
    nfds_t all = 0;
    int on = 1;
    for (size_t i = 0; i < count; i++) {
        lwip_ioctl(number_of(&listeners[i]), FIONBIO, &on); /* another thread may be quicker */
        waiting[all++] = (struct pollfd){.fd = number_of(&listeners[i]), .events = POLLIN};
    }
    for (size_t i = 0; i < count; i++) {
        if (row_of(&listeners[i])->bell != NO_BELL)
            waiting[all++] = (struct pollfd){.fd = row_of(&listeners[i])->bell, .events = POLLIN};
    }
    for (;;) {
        int left = port_lwip_left_ms(deadline), ready = lwip_poll(waiting, all, left);
        if (any_interrupted(listeners, count))
            return BOBBIN_CLOSED;
        for (size_t i = 0; i < count && ready > 0; i++) {
            if (waiting[i].revents != 0)
                return (int)i;
        }
        if (ready < 0)
            return port_lwip_error();
        if (left >= 0 && port_lwip_left_ms(deadline) == 0)
            return BOBBIN_TIMEOUT;
    }
}

static int accept_at(const struct port_socket *listener, struct port_socket *client, struct port_address *peer)
{
    static const int on = 1;
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    int number = lwip_accept(number_of(listener), (struct sockaddr *)&from, &length);
    if (number < 0)
        return port_lwip_error();
    lwip_setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    memset(client, 0, sizeof *client);
    client->handle = number;
    port_lwip_address(&from, peer);
    return 0;
}

int port_accept(const struct port_socket *listeners, size_t count, struct port_socket *client,
                struct port_address *peer, uint64_t deadline)
{
    if (count == 0 || count > BOBBIN_LWIP_LISTENERS)
        return BOBBIN_INVALID;
    /* One listener for ever: those who wait in its mailbox are woken one by one. */
    bool blocking = count == 1 && row_of(listeners)->bell == NO_BELL && deadline == PORT_NEVER;
    for (;;) {
        int at = 0, error;
        if (any_interrupted(listeners, count))
            return BOBBIN_CLOSED;
        if (!blocking && (at = wait_for_listener(listeners, count, deadline)) < 0)
            return at;
        error = accept_at(&listeners[at], client, peer);
        if (error == 0 && any_interrupted(listeners, count)) {
            lwip_close(number_of(client));
            error = BOBBIN_CLOSED;
        }
        if (error == BOBBIN_TIMEOUT)
            blocking = false; /* somebody else waits with a deadline: the listener does not block */
        else if (error != BOBBIN_CLOSED || any_interrupted(listeners, count))
            return error;
        /* Else it died before it was accepted, or found no memory. */
    }
}

/* -- ending -- */

void port_lwip_interrupt_listener(struct port_socket *socket)
{
    struct listener *row = row_of(socket);
    if (atomic_exchange(&row->interrupted, true))
        return;
    if (row->bell == NO_BELL)
        lwip_close(number_of(socket));
    else
        lwip_send(row->bell, "", 1, 0);
}

void port_lwip_close_listener(struct port_socket *socket)
{
    struct listener *row = row_of(socket);
    if (row->bell != NO_BELL)
        lwip_close(row->bell);
    else if (!atomic_load(&row->interrupted))
        lwip_close(number_of(socket));
    atomic_store(&row->taken, false);
}
