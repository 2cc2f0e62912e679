/* POSIX: TCP sockets with absolute deadlines.
 *
 * A blocking call costs one system call where it can: the socket's own timer (SO_RCVTIMEO) is set only when the
 * one that it has does not fit the deadline, and sends do not wait until the socket's buffer is full. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bobbin/error.h"
#include "port.h"
#include "port_posix.h"

#define LISTENERS_MAX 10 /* of one port_accept */

static int fd_of(const struct port_socket *socket)
{
    return (int)socket->handle;
}

static void to_address(const struct sockaddr_storage *from, struct port_address *to)
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
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return port_posix_error(errno);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* accepted sockets have it too */
    if (address->sa_family == AF_INET6)
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
    struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_any};
    int result = listen_at((struct sockaddr *)&any6, sizeof any6, true, backlog, listener);
    if (result != BOBBIN_UNSUPPORTED && result != BOBBIN_NO_ADDRESS)
        return result;
    /* The kernel has no IPv6. */
    struct sockaddr_in any4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    any4.sin_addr.s_addr = htonl(INADDR_ANY);
    return listen_at((struct sockaddr *)&any4, sizeof any4, false, backlog, listener);
}

int port_listen(struct port_socket *listener, const char *address, uint16_t port, int backlog)
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
    to_address(&local, address);
    return 0;
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
            to_address(&from, peer);
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
        int error = set_timer(fd_of(socket), SO_RCVTIMEO, &socket->recv_ms, deadline);
        if (error < 0)
            return error;
        ssize_t got = recv(fd_of(socket), buffer, size, 0);
        if (got >= 0)
            return (int)got;
        if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
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
#if defined(SYS_sendmsg) && UINTPTR_MAX > UINT32_MAX
    /* musl's function copies the message beside 1 KiB of control data that it may have, onto the client's stack. The
     * kernel takes the struct of either C library as it is, on 64-bit machines. */
    return syscall(SYS_sendmsg, fd, &message, flags);
#else
    return sendmsg(fd, &message, flags);
#endif
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
        ssize_t went = send_pieces(fd_of(socket), left + first, count - first, flags | MSG_NOSIGNAL | wait);
        if (went >= 0) {
            total += (size_t)went;
            first = advance(left, first, count, (size_t)went);
        } else if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
            return port_posix_error(errno);
        }
        if (sent != NULL)
            *sent = total;
        if (first == count)
            break;
        wait = 0;
        int error = set_timer(fd_of(socket), SO_SNDTIMEO, &socket->send_ms, deadline);
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
