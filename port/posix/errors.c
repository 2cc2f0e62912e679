/* POSIX: what errno says, as the core's errors. Any thread. */
#include <errno.h>

#include "bobbin/error.h"
#include "port_posix.h"

int port_posix_error(int number)
{
    switch (number) {
    case EAGAIN:
#if EWOULDBLOCK != EAGAIN
    case EWOULDBLOCK:
#endif
    case ETIMEDOUT:
        return BOBBIN_TIMEOUT;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENOTCONN:
    case ESHUTDOWN:
        return BOBBIN_CLOSED;
    case ENOMEM:
    case ENOBUFS:
        return BOBBIN_NO_MEMORY;
    case EMFILE:
    case ENFILE:
        return BOBBIN_NO_FILES;
    case EADDRINUSE:
        return BOBBIN_IN_USE;
    case EACCES:
    case EPERM:
        return BOBBIN_DENIED;
    case EADDRNOTAVAIL:
        return BOBBIN_NO_ADDRESS;
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
    case EOPNOTSUPP:
    case ENOSYS:
        return BOBBIN_UNSUPPORTED;
    case EINVAL:
        return BOBBIN_INVALID;
    default:
        return BOBBIN_FAILED;
    }
}
