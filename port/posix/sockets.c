/* POSIX: TCP sockets with absolute deadlines: listening, receiving, sending. How clients are waited for, and how who
 * waits is woken, differs from system to system: accept.c, beside system.h.
 *
 * A blocking call costs one system call where it can: the socket's own timer (SO_RCVTIMEO) is set only when the
 * one that it has does not fit the deadline, and sends do not wait until the socket's buffer is full. */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bobbin/error.h"
#include "port.h"
#include "port_posix.h"
#include "system.h"

static int fd_of(const struct port_socket *socket)
{
    return (int)socket->handle;
}

void port_posix_from(const struct sockaddr_storage *from, struct port_address *to)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    memset(to, 0, sizeof *to);
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)from;
        to->version = 4;
        to->port = ntohs(v4->sin_port);
        memcpy(to->ip, &v4->sin_addr, 4);
        return;
    }
    if (!port_posix_has_ipv6())
        return;
    const struct sockaddr_in6 *v6 = (const void *)from;
    to->port = ntohs(v6->sin6_port);
    if (memcmp(&v6->sin6_addr, mapped, sizeof mapped) == 0) {
        to->version = 4;
        memcpy(to->ip, (const uint8_t *)&v6->sin6_addr + sizeof mapped, 4);
        return;
    }
    to->version = 6;
    to->scope = v6->sin6_scope_id;
    memcpy(to->ip, &v6->sin6_addr, 16);
}

static int listen_at(const struct sockaddr *address, socklen_t length, bool both, int backlog,
                     struct port_socket *listener)
{
    static const int on = 1, off = 0;
    int fd = socket(address->sa_family, SOCK_STREAM | SYSTEM_CLOEXEC, 0);
    if (fd < 0)
        return port_posix_error(errno);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* accepted sockets have it too */
    if (port_posix_has_ipv6() && address->sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, both ? &off : &on, sizeof on);
    if (bind(fd, address, length) != 0 || listen(fd, backlog) != 0) {
        int error = errno == EINVAL ? BOBBIN_NO_ADDRESS : port_posix_error(errno);
        close(fd);
        return error;
    }
    memset(listener, 0, sizeof *listener);
    listener->handle = fd;
    return 0;
}

static int listen_everywhere(struct port_socket *listener, uint16_t port, int backlog)
{
    int result = BOBBIN_UNSUPPORTED;
    struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_any};
    if (port_posix_has_ipv6())
        result = listen_at((struct sockaddr *)&any6, sizeof any6, true, backlog, listener);
    if (result != BOBBIN_UNSUPPORTED && result != BOBBIN_NO_ADDRESS)
        return result;
    /* The kernel has no IPv6. */
    struct sockaddr_in any4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    any4.sin_addr.s_addr = htonl(INADDR_ANY);
    return listen_at((struct sockaddr *)&any4, sizeof any4, false, backlog, listener);
}

int port_posix_listen(struct port_socket *listener, const char *address, uint16_t port, int backlog)
{
    if (address == NULL)
        return listen_everywhere(listener, port, backlog);
    struct sockaddr_storage at;
    socklen_t length = port_posix_parse(&at, address, port);
    if (length == 0)
        return BOBBIN_NO_ADDRESS;
    return listen_at((struct sockaddr *)&at, length, false, backlog, listener);
}

int port_local_address(const struct port_socket *listener, struct port_address *address)
{
    struct sockaddr_storage local;
    socklen_t length = sizeof local;
    if (getsockname(fd_of(listener), (struct sockaddr *)&local, &length) != 0)
        return port_posix_error(errno);
    port_posix_from(&local, address);
    return 0;
}

/* A timer that ends sooner than the deadline is kept: the call is made again for the rest. */
static int set_timer(int fd, int option, uint32_t *now_ms, uint64_t deadline)
{
    uint32_t left = (uint32_t)port_posix_left_ms(deadline);
    if (left == 0)
        return BOBBIN_TIMEOUT;
    if (*now_ms >= left - left / 4 && *now_ms <= left + PORT_LATE_MS / 4 && *now_ms != 0)
        return 0;
    struct timeval timer = {.tv_sec = (time_t)(left / 1000), .tv_usec = (suseconds_t)(left % 1000) * 1000};
    if (deadline == PORT_NEVER)
        timer = (struct timeval){0};
    if (setsockopt(fd, SOL_SOCKET, option, &timer, sizeof timer) != 0)
        return port_posix_error(errno);
    *now_ms = left;
    return 0;
}

int port_recv(struct port_socket *socket, void *buffer, size_t size, uint64_t deadline)
{
    if (size > INT_MAX)
        size = INT_MAX;
    for (;;) {
        if (system_ended(socket))
            return BOBBIN_CLOSED;
        int error = set_timer(fd_of(socket), SO_RCVTIMEO, &socket->recv_ms, system_recv_until(socket, deadline));
        if (error < 0)
            return error;
        ssize_t got = recv(fd_of(socket), buffer, size, 0);
        if (got >= 0)
            return (int)got;
        if (errno != EINTR && (system_finished(socket) || !system_busy(errno)))
            return port_posix_error(errno);
    }
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

/* A single piece, the common case, is 2% of a request's CPU cheaper by send. */
static ssize_t send_pieces(int fd, struct iovec *pieces, size_t count, int flags)
{
    if (count == 1)
        return send(fd, pieces[0].iov_base, pieces[0].iov_len, flags);
    /* The count is a size_t with glibc and an int with musl: a byte goes into both. */
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = (uint8_t)count};
    return system_sendmsg(fd, &message, flags);
}

int port_posix_send(struct port_socket *socket, const struct port_piece *pieces, size_t count, int flags,
                    uint64_t deadline, size_t *sent)
{
    struct iovec left[PORT_PIECES];
    size_t total = 0, first = 0;
    if (sent != NULL)
        *sent = 0;
    if (count > PORT_PIECES)
        return BOBBIN_INVALID;
    for (size_t i = 0; i < count; i++)
        left[i] = (struct iovec){.iov_base = (void *)(uintptr_t)pieces[i].data, .iov_len = pieces[i].length};
    first = advance(left, 0, count, 0);
    int wait = MSG_DONTWAIT; /* mostly there is room in the socket, and no timer is needed */
    while (first < count) {
        if (system_ended(socket))
            return BOBBIN_CLOSED;
        ssize_t went = send_pieces(fd_of(socket), left + first, count - first, flags | SYSTEM_NO_SIGNAL | wait);
        if (went >= 0) {
            total += (size_t)went;
            first = advance(left, first, count, (size_t)went);
        } else if (errno != EINTR && !system_busy(errno)) {
            return port_posix_error(errno);
        }
        if (sent != NULL)
            *sent = total;
        if (first == count)
            break;
        wait = 0;
        int error = set_timer(fd_of(socket), SO_SNDTIMEO, &socket->send_ms, system_send_until(deadline));
        if (error < 0)
            return error;
    }
    return 0;
}

int port_send(struct port_socket *socket, const struct port_piece *pieces, size_t count, uint64_t deadline,
              size_t *sent)
{
    return port_posix_send(socket, pieces, count, 0, deadline, sent);
}
