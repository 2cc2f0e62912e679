/* What errno means. Main thread. The C library's strerror knows three times as many, 2 KB more of them in a static
 * program. */
#include "why.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "values.h"

#define REASONS(ROW)                                                                                                \
    ROW(EPERM, "Operation not permitted")                                                                           \
    ROW(ENOENT, "No such file or directory")                                                                        \
    ROW(EIO, "I/O error")                                                                                           \
    ROW(ENXIO, "No such device or address")                                                                         \
    ROW(ENOMEM, "Out of memory")                                                                                    \
    ROW(EACCES, "Permission denied")                                                                                \
    ROW(ENOTDIR, "Not a directory")                                                                                 \
    ROW(EISDIR, "Is a directory")                                                                                   \
    ROW(EINVAL, "Invalid argument")                                                                                 \
    ROW(ENFILE, "Too many open files in the system")                                                                \
    ROW(EMFILE, "Too many open files")                                                                              \
    ROW(ETXTBSY, "Text file busy")                                                                                  \
    ROW(EFBIG, "File too large")                                                                                    \
    ROW(ENOSPC, "No space left on device")                                                                          \
    ROW(EROFS, "Read-only file system")                                                                             \
    ROW(EPIPE, "Broken pipe")                                                                                       \
    ROW(ENAMETOOLONG, "File name too long")                                                                         \
    ROW(ELOOP, "Too many symbolic links")                                                                           \
    ROW(EILSEQ, "Not a text")                                                                                       \
    ROW(EAFNOSUPPORT, "Address family not supported")                                                               \
    ROW(EADDRNOTAVAIL, "Address not available")                                                                     \
    ROW(ENETDOWN, "Network is down")                                                                                \
    ROW(ENETUNREACH, "Network unreachable")                                                                         \
    ROW(ECONNRESET, "Connection reset by peer")                                                                     \
    ROW(ETIMEDOUT, "Operation timed out")                                                                           \
    ROW(ECONNREFUSED, "Connection refused")                                                                         \
    ROW(EHOSTUNREACH, "Host is unreachable")                                                                        \
    ROW(EDQUOT, "Quota exceeded")

#define ROOM(number, text)  char of_##number[sizeof text];
#define TEXT(number, text)  text,
#define PLACE(number, text) {number, offsetof(struct texts, of_##number)},

/* Found by their offsets: each pointer would be a relocation too, 12 bytes in all. */
static const struct texts {
    REASONS(ROOM)
} texts = {REASONS(TEXT)};

static const struct {
    uint16_t number, at;
} places[] = {REASONS(PLACE)};

const char *why_text(int number)
{
    static char unknown[sizeof "error " + VALUE_TEXT] = "error ";

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i].number == number)
            return (const char *)&texts + places[i].at;
    value_print_number((uint64_t)number, unknown + strlen("error "));
    return unknown;
}
