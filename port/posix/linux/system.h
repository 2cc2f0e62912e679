/* What the shared files of this port ask of their system: Linux. */
#ifndef SYSTEM_H
#define SYSTEM_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "port.h"

#define SYSTEM_CLOEXEC   SOCK_CLOEXEC
#define SYSTEM_NO_SIGNAL MSG_NOSIGNAL

typedef uint32_t system_scope; /* sin6_scope_id */

/* Whether a send that failed so may go well later. */
static inline bool system_busy(int number)
{
    return number == EAGAIN || number == EWOULDBLOCK;
}

/* Whether port_interrupt was called on the socket, or port_finish: here the system knows. */
static inline bool system_ended(const struct port_socket *socket)
{
    (void)socket;
    return false;
}

static inline bool system_finished(const struct port_socket *socket)
{
    (void)socket;
    return false;
}

static inline uint64_t system_recv_until(const struct port_socket *socket, uint64_t deadline)
{
    (void)socket;
    return deadline;
}

/* When a send that waits has to return, to look whether it was interrupted: shutdown() wakes it. */
static inline uint64_t system_send_until(uint64_t deadline)
{
    return deadline;
}

static inline ssize_t system_sendmsg(int fd, const struct msghdr *message, int flags)
{
#if defined(SYS_sendmsg) && UINTPTR_MAX > UINT32_MAX
    /* musl's function copies the message beside 1 KiB of control data that it may have, onto the client's stack. The
     * kernel takes the struct of either C library as it is, on 64-bit machines. */
    return syscall(SYS_sendmsg, fd, message, flags);
#else
    return sendmsg(fd, message, flags);
#endif
}

static inline int system_use_monotonic(pthread_condattr_t *attributes)
{
    return pthread_condattr_setclock(attributes, CLOCK_MONOTONIC);
}

#endif
