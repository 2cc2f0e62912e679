/* What the shared files of port/posix ask of their system: Zephyr's POSIX layer. */
#ifndef SYSTEM_H
#define SYSTEM_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "port.h"

#define SYSTEM_CLOEXEC   0
#define SYSTEM_NO_SIGNAL 0 /* there are none */

/* What port_socket.bell holds here: of a listener the number of its turn (accept.c), 1 or more; of a client one of
 * these, which others may set. */
#define SYSTEM_ENDED    (-1)
#define SYSTEM_FINISHED (-2)

#define SYSTEM_SEND_MS  250 /* nothing wakes who waits to send: it looks so often whether it was interrupted */
#define SYSTEM_QUIET_MS 250 /* a peer that is silent so long after port_finish has sent all; ACKs come after 100 */

typedef uint8_t system_scope; /* sin6_scope_id */

int close(int fd); /* which newer <unistd.h> tells only with the whole of CONFIG_POSIX_API */

/* Whether a send that failed so may go well later: buffers have run out, or the peer's window is full. */
static inline bool system_busy(int number)
{
    return number == EAGAIN || number == ENOBUFS || number == ENOMEM;
}

/* Whether port_interrupt was called on the socket: shutdown() knows one direction only. Who looks too early sleeps
 * in a call that the shutdown() behind it wakes, so that no order is needed. */
static inline bool system_ended(const struct port_socket *socket)
{
    return __atomic_load_n(&socket->bell, __ATOMIC_RELAXED) == SYSTEM_ENDED;
}

static inline bool system_finished(const struct port_socket *socket)
{
    return socket->bell == SYSTEM_FINISHED;
}

/* Our end of the stream goes out with close() alone. What the peer still sends has to be read before: Zephyr 3.4
 * loses count of what it drops then, and keeps the connection for minutes. */
static inline uint64_t system_recv_until(const struct port_socket *socket, uint64_t deadline)
{
    uint64_t quiet = port_clock_ms() + SYSTEM_QUIET_MS;
    return system_finished(socket) && quiet < deadline ? quiet : deadline;
}

static inline uint64_t system_send_until(uint64_t deadline)
{
    uint64_t slice = port_clock_ms() + SYSTEM_SEND_MS;
    return deadline < slice ? deadline : slice;
}

static inline ssize_t system_sendmsg(int fd, const struct msghdr *message, int flags)
{
    return sendmsg(fd, message, flags);
}

#endif
