/* lwIP: listeners, and the threads that wait at them.
 *
 * lwIP can neither interrupt a listener nor close one that somebody polls. So its own waiting is not used: sockets of
 * listeners do not block, and whoever finds nobody to accept waits here, until lwIP's callback tells of a client, or
 * the listener is interrupted. All threads of a server wait at the first of its listeners, and a client wakes one. */
#include <stdatomic.h>
#include <string.h>

#include "bobbin/error.h"
#include "lwip/api.h"
#include "lwip/tcp.h"
#include "lwip/tcpip.h"
#include "pools.h"
#include "port_lwip.h"

struct listener {
    atomic_bool taken, interrupted;
    atomic_int first; /* where those wait who wait at this one: a place in `rows` */
    bool adopted;
    int number;
    struct port_mutex mutex; /* what follows */
    struct port_cond arrived;
    unsigned arrivals;
};

static struct listener rows[BOBBIN_LWIP_LISTENERS]; /* taken and given back under the core lock */
static netconn_callback sockets_callback;           /* lwIP's own, which wakes who polls */

/* port_socket.bell is the row's place, from 1 on. */
static struct listener *row_of(const struct port_socket *socket)
{
    return &rows[socket->bell - 1];
}

bool port_lwip_is_listener(const struct port_socket *socket)
{
    return socket->bell != 0;
}

static struct listener *first_of(struct listener *row)
{
    return &rows[atomic_load(&row->first)];
}

/* -- opening -- */

/* A client is there to be accepted, or it is a connection's own event: that has its listener's callback too. On any
 * thread, under the core lock. */
static void on_event(struct netconn *conn, enum netconn_evt event, u16_t length)
{
    sockets_callback(conn, event, length);
    if (conn->state != NETCONN_LISTEN || event != NETCONN_EVT_RCVPLUS)
        return;
    for (int i = 0; i < BOBBIN_LWIP_LISTENERS; i++) {
        if (!atomic_load(&rows[i].taken) || port_lwip_netconn(rows[i].number) != conn)
            continue;
        struct listener *first = first_of(&rows[i]);
        port_mutex_lock(&first->mutex);
        first->arrivals++;
        port_cond_signal(&first->arrived);
        port_mutex_unlock(&first->mutex);
    }
}

/* Under the core lock. */
static struct listener *free_row(void)
{
    for (int i = 0; i < BOBBIN_LWIP_LISTENERS; i++) {
        if (!atomic_load(&rows[i].taken))
            return &rows[i];
    }
    return NULL;
}

/* Under the core lock: from now on events of the socket are seen here. */
static int take_row(struct port_socket *listener, int number, bool adopted)
{
    struct netconn *conn = port_lwip_netconn(number);
    struct listener *row = free_row();
    if (row == NULL)
        return BOBBIN_NO_FILES;
    if (port_mutex_init(&row->mutex) < 0)
        return BOBBIN_NO_MEMORY;
    if (port_cond_init(&row->arrived) < 0) {
        port_mutex_destroy(&row->mutex);
        return BOBBIN_NO_MEMORY;
    }
    row->number = number;
    row->adopted = adopted;
    row->arrivals = 0;
    atomic_store(&row->interrupted, false);
    atomic_store(&row->first, (int)(row - rows));
    atomic_store(&row->taken, true);
    if (conn->callback != on_event) {
        sockets_callback = conn->callback;
        conn->callback = on_event;
    }
    netconn_set_nonblocking(conn, 1);
    memset(listener, 0, sizeof *listener);
    listener->handle = number;
    listener->bell = row - rows + 1;
    return 0;
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
    if (address != NULL && !port_lwip_parse(address, &ip))
        return BOBBIN_NO_ADDRESS;
    LOCK_TCPIP_CORE();
    int error = port_lwip_check_listen(&ip, address == NULL, port);
    UNLOCK_TCPIP_CORE();
    if (error < 0)
        return error;
    socklen_t length = port_lwip_sockaddr(&at, &ip, port);
    int number = lwip_socket(at.ss_family, SOCK_STREAM, 0);
    if (number < 0)
        return BOBBIN_NO_FILES;
    error = listen_with(number, &at, length, address == NULL, backlog);
    if (error == 0) {
        LOCK_TCPIP_CORE();
        error = take_row(listener, number, false);
        UNLOCK_TCPIP_CORE();
    }
    if (error < 0)
        lwip_close(number);
    return error;
}

int port_adopt(struct port_socket *listener, intptr_t handle)
{
    int error = BOBBIN_INVALID;
    LOCK_TCPIP_CORE();
    const struct netconn *conn = handle < 0 || handle > INT32_MAX ? NULL : port_lwip_netconn((int)handle);
    if (conn != NULL && NETCONNTYPE_GROUP(netconn_type(conn)) == NETCONN_TCP && conn->state == NETCONN_LISTEN)
        error = take_row(listener, (int)handle, true);
    UNLOCK_TCPIP_CORE();
    return error;
}

int port_local_address(const struct port_socket *listener, struct port_address *address)
{
    struct sockaddr_storage local;
    socklen_t length = sizeof local;
    if (lwip_getsockname((int)listener->handle, (struct sockaddr *)&local, &length) != 0)
        return port_lwip_error();
    port_lwip_address(&local, address);
    return 0;
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

/* TIMEOUT: nobody is there now. Who died before being accepted, or found no memory, is passed over. */
static int take_client(const struct port_socket *listeners, size_t count, struct port_socket *client,
                       struct port_address *peer)
{
    static const int on = 1;
    int error = BOBBIN_TIMEOUT;
    for (size_t i = 0; i < count; i += error != BOBBIN_CLOSED) { /* the same again behind one that died */
        struct sockaddr_storage from;
        socklen_t length = sizeof from;
        int number = lwip_accept((int)listeners[i].handle, (struct sockaddr *)&from, &length);
        if (number >= 0) {
            lwip_setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            memset(client, 0, sizeof *client);
            client->handle = number;
            port_lwip_address(&from, peer);
            return 0;
        }
        error = port_lwip_error();
        if (error != BOBBIN_TIMEOUT && error != BOBBIN_CLOSED)
            return error;
    }
    return BOBBIN_TIMEOUT;
}

/* Waits until there was another arrival than those that were `seen`. */
static int wait_for_arrival(struct listener *first, unsigned seen, const struct port_socket *listeners, size_t count,
                            uint64_t deadline)
{
    int error = 0;
    port_mutex_lock(&first->mutex);
    while (first->arrivals == seen && error == 0 && !any_interrupted(listeners, count))
        error = port_cond_wait(&first->arrived, &first->mutex, deadline);
    port_mutex_unlock(&first->mutex);
    return error;
}

static unsigned arrivals_at(struct listener *first)
{
    port_mutex_lock(&first->mutex);
    unsigned arrivals = first->arrivals;
    port_mutex_unlock(&first->mutex);
    return arrivals;
}

int port_accept(const struct port_socket *listeners, size_t count, struct port_socket *client,
                struct port_address *peer, uint64_t deadline)
{
    if (count == 0 || count > BOBBIN_LWIP_LISTENERS)
        return BOBBIN_INVALID;
    struct listener *first = row_of(listeners);
    for (size_t i = 0; i < count; i++)
        atomic_store(&row_of(&listeners[i])->first, (int)(first - rows));
    /* After a time-out once more: the wake-up for a client may have gone to this thread. */
    for (bool late = false;; ) {
        unsigned seen = arrivals_at(first);
        if (any_interrupted(listeners, count))
            return BOBBIN_CLOSED;
        int error = take_client(listeners, count, client, peer);
        if (error != BOBBIN_TIMEOUT || late)
            return error;
        late = wait_for_arrival(first, seen, listeners, count, deadline) == BOBBIN_TIMEOUT;
    }
}

/* -- ending -- */

/* lwIP resets a connection that is not wanted. */
static err_t refuse(void *unused, struct tcp_pcb *newcomer, err_t error)
{
    (void)unused;
    (void)newcomer;
    (void)error;
    return ERR_VAL;
}

/* From now on: else they would wait for somebody who has left. An adopted listener's are its owner's. */
static void refuse_newcomers(const struct listener *row)
{
    LOCK_TCPIP_CORE();
    struct netconn *conn = port_lwip_netconn(row->number);
    if (!row->adopted && conn != NULL && conn->pcb.tcp != NULL)
        tcp_accept(conn->pcb.tcp, refuse);
    UNLOCK_TCPIP_CORE();
}

void port_lwip_interrupt_listener(struct port_socket *socket)
{
    struct listener *row = row_of(socket);
    atomic_store(&row->interrupted, true);
    refuse_newcomers(row);
    struct listener *first = first_of(row);
    port_mutex_lock(&first->mutex);
    port_cond_broadcast(&first->arrived);
    port_mutex_unlock(&first->mutex);
}

void port_lwip_close_listener(struct port_socket *socket)
{
    struct listener *row = row_of(socket);
    if (!row->adopted)
        lwip_close(row->number);
    LOCK_TCPIP_CORE();
    atomic_store(&row->taken, false);
    UNLOCK_TCPIP_CORE();
    port_cond_destroy(&row->arrived);
    port_mutex_destroy(&row->mutex);
}
