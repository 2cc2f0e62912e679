/* POSIX: what errno says, as the core's errors. Any thread. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "bobbin/error.h"
#include "port_posix.h"

int port_posix_error(int number)
{
    static const struct {
        uint8_t number;
        int8_t error;
    } errors[] = {{EAGAIN, BOBBIN_TIMEOUT},
                  {EWOULDBLOCK, BOBBIN_TIMEOUT},
                  {ETIMEDOUT, BOBBIN_TIMEOUT},
                  {ECONNRESET, BOBBIN_CLOSED},
                  {ECONNABORTED, BOBBIN_CLOSED},
                  {EPIPE, BOBBIN_CLOSED},
                  {ENOTCONN, BOBBIN_CLOSED},
                  {ESHUTDOWN, BOBBIN_CLOSED},
                  {ENOMEM, BOBBIN_NO_MEMORY},
                  {ENOBUFS, BOBBIN_NO_MEMORY},
                  {EMFILE, BOBBIN_NO_FILES},
                  {ENFILE, BOBBIN_NO_FILES},
                  {EADDRINUSE, BOBBIN_IN_USE},
                  {EACCES, BOBBIN_DENIED},
                  {EPERM, BOBBIN_DENIED},
                  {EADDRNOTAVAIL, BOBBIN_NO_ADDRESS},
                  {EAFNOSUPPORT, BOBBIN_UNSUPPORTED},
                  {EPROTONOSUPPORT, BOBBIN_UNSUPPORTED},
                  {EOPNOTSUPP, BOBBIN_UNSUPPORTED},
                  {ENOSYS, BOBBIN_UNSUPPORTED},
                  {EINVAL, BOBBIN_INVALID}};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].number == number)
            return errors[i].error;
    return BOBBIN_FAILED;
}
