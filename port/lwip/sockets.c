/* lwIP: a client's TCP socket with absolute deadlines, on lwIP's socket API. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "bobbin/error.h"
#include "lwip/api.h"
#include "lwip/priv/sockets_priv.h"
#include "lwip/tcp.h"
#include "lwip/tcpip.h"
#include "port_lwip.h"

int port_lwip_error(void)
{
    switch (sys_arch_error()) {
    case EWOULDBLOCK:
    case ETIMEDOUT:
        return BOBBIN_TIMEOUT;
    case ECONNRESET:
    case ECONNABORTED:
    case ENOTCONN:
    case EBADF: /* interrupted, and not there any more */
        return BOBBIN_CLOSED;
    case ENOMEM:
    case ENOBUFS:
        return BOBBIN_NO_MEMORY;
    case ENFILE:
        return BOBBIN_NO_FILES;
    case EADDRINUSE:
        return BOBBIN_IN_USE;
    case EINVAL:
        return BOBBIN_INVALID;
    default:
        return BOBBIN_FAILED;
    }
}

struct netconn *port_lwip_netconn(int number)
{
    const struct lwip_sock *sock = lwip_socket_dbg_get_socket(number);
    return sock == NULL ? NULL : sock->conn;
}

/* Milliseconds from now to a deadline: 0 when it has passed, -1 for ever. */
static int left_ms(uint64_t deadline)
{
    uint64_t now = port_clock_ms();
    if (deadline == PORT_NEVER)
        return -1;
    if (deadline <= now)
        return 0;
    return deadline - now > INT_MAX ? INT_MAX : (int)(deadline - now);
}

static int number_of(const struct port_socket *socket)
{
    return (int)socket->handle;
}

/* -- receiving -- */

/* port_socket.send_ms is free for it: sending sets no timer. */
static bool has_ended(const struct port_socket *socket)
{
    return socket->send_ms != 0;
}

static void note_end(struct port_socket *socket)
{
    socket->send_ms = 1;
}

/* A timer that ends sooner than the deadline is kept: the call is made again for the rest. */
static int set_timer(struct port_socket *socket, uint64_t deadline)
{
    int left = left_ms(deadline);
    if (left == 0)
        return BOBBIN_TIMEOUT;
    uint32_t wanted = left < 0 ? 0 : (uint32_t)left, has = socket->recv_ms; /* 0 is for ever, for lwIP too */
    if (wanted == has || (wanted != 0 && has >= wanted - wanted / 4 && has <= wanted + PORT_LATE_MS / 4))
        return 0;
    left = (int)wanted;
    if (lwip_setsockopt(number_of(socket), SOL_SOCKET, SO_RCVTIMEO, &left, sizeof left) != 0)
        return port_lwip_error();
    socket->recv_ms = wanted;
    return 0;
}

int port_recv(struct port_socket *socket, void *buffer, size_t size, uint64_t deadline)
{
    if (size > INT_MAX)
        size = INT_MAX;
    if (has_ended(socket))
        return 0; /* lwIP says so once, and then fails */
    for (;;) {
        int error = set_timer(socket, deadline);
        if (error < 0)
            return error;
        ssize_t got = lwip_recv(number_of(socket), buffer, size, 0);
        if (got == 0)
            note_end(socket);
        if (got >= 0)
            return (int)got;
        error = port_lwip_error();
        if (error != BOBBIN_TIMEOUT)
            return error;
    }
}

/* -- sending -- */

/* The pieces that are not empty, which lwIP does not take; how many. */
static size_t fill(struct iovec *left, const struct port_piece *pieces, size_t count)
{
    size_t full = 0;
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].length > 0)
            left[full++] = (struct iovec){(void *)(uintptr_t)pieces[i].data, pieces[i].length};
    }
    return full;
}

/* Takes what was sent off the front of the pieces; the first that is left. */
static size_t advance(struct iovec *pieces, size_t first, size_t count, size_t sent)
{
    while (first < count && sent >= pieces[first].iov_len)
        sent -= pieces[first++].iov_len;
    if (first < count) {
        pieces[first].iov_base = (char *)pieces[first].iov_base + sent;
        pieces[first].iov_len -= sent;
    }
    return first;
}

/* Waits for room. lwIP's own timer of sending is a second late at worst. */
static int wait_for_room(int number, uint64_t deadline)
{
    struct pollfd room = {.fd = number, .events = POLLOUT};
    int left = left_ms(deadline);
    if (left == 0)
        return BOBBIN_TIMEOUT;
    return lwip_poll(&room, 1, left) < 0 ? BOBBIN_CLOSED : 0;
}

int port_send(struct port_socket *socket, const struct port_piece *pieces, size_t count, uint64_t deadline,
              size_t *sent)
{
    struct iovec left[PORT_PIECES];
    size_t total = 0, first = 0;
    if (sent != NULL)
        *sent = 0;
    if (count > PORT_PIECES)
        return BOBBIN_INVALID;
    count = fill(left, pieces, count);
    while (first < count) {
        struct msghdr message = {.msg_iov = left + first, .msg_iovlen = (int)(count - first)};
        ssize_t went = lwip_sendmsg(number_of(socket), &message, MSG_DONTWAIT);
        int error = went < 0 ? port_lwip_error() : 0;
        if (went > 0) {
            total += (size_t)went;
            first = advance(left, first, count, (size_t)went);
            if (sent != NULL)
                *sent = total;
        }
        if (error < 0 && error != BOBBIN_TIMEOUT && error != BOBBIN_NO_MEMORY)
            return error;
        if (first < count && (error = wait_for_room(number_of(socket), deadline)) < 0)
            return error;
    }
    return 0;
}

/* -- its end -- */

/* lwIP forgets a connection in TIME_WAIT without a word to its socket when it needs the memory for another: the
 * socket's owner would then act on somebody else's connection. It is so from port_finish until port_close. The pcb's
 * argument is its netconn, or nobody. */
static void forget(u8_t id, void *data)
{
    struct tcp_pcb *pcb = data;
    struct netconn *conn = pcb->callback_arg;
    (void)id;
    if (conn != NULL && conn->pcb.tcp == pcb)
        conn->pcb.tcp = NULL;
}

/* Under the core lock. */
static void watch(struct netconn *conn)
{
    static const struct tcp_ext_arg_callbacks callbacks = {.destroy = forget};
    struct tcp_pcb *pcb = conn == NULL ? NULL : conn->pcb.tcp;
    if (pcb == NULL)
        return;
    tcp_ext_arg_set(pcb, 0, pcb);
    tcp_ext_arg_set_callbacks(pcb, 0, &callbacks);
}

void port_finish(struct port_socket *socket)
{
    LOCK_TCPIP_CORE();
    watch(port_lwip_netconn(number_of(socket)));
    UNLOCK_TCPIP_CORE();
    lwip_shutdown(number_of(socket), SHUT_WR);
}

void port_interrupt(struct port_socket *socket)
{
    if (port_lwip_is_listener(socket))
        port_lwip_interrupt_listener(socket);
    else
        lwip_shutdown(number_of(socket), SHUT_RDWR);
}

/* Who sends on after our end, and is not read any more, is reset, as lwIP does before that end: the window would stay
 * shut, and the peer try for 20 s and more to get rid of what it has. */
static void reset_if_unread(int number)
{
    LOCK_TCPIP_CORE();
    struct netconn *conn = port_lwip_netconn(number);
    struct tcp_pcb *pcb = conn == NULL ? NULL : conn->pcb.tcp;
    if (pcb != NULL && (pcb->state == FIN_WAIT_1 || pcb->state == FIN_WAIT_2) &&
        (pcb->refused_data != NULL || pcb->rcv_wnd != TCP_WND_MAX(pcb)))
        tcp_abort(pcb);
    UNLOCK_TCPIP_CORE();
}

void port_close(struct port_socket *socket)
{
    if (port_lwip_is_listener(socket)) {
        port_lwip_close_listener(socket);
    } else {
        reset_if_unread(number_of(socket));
        lwip_close(number_of(socket));
    }
    socket->handle = -1;
}
