/* POSIX: a file to a socket, by sendfile where the file system has it. Clients' threads. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bobbin/error.h"
#include "port_files.h"
#include "port_posix.h"

_Static_assert(sizeof(off_t) == 8, "files over 2 GiB need _FILE_OFFSET_BITS=64");

#define CHUNK_BYTES (256 << 10) /* a sendfile: some 25 ms of a slow card, so that deadlines are kept */
#define COPY_BYTES  192

static int wait_for_room(int fd, uint64_t deadline)
{
    struct pollfd waiting = {.fd = fd, .events = POLLOUT};
    int ready = poll(&waiting, 1, deadline == PORT_NEVER ? -1 : port_posix_left_ms(deadline));
    return ready < 0 && errno != EINTR ? port_posix_error(errno) : 0;
}

/* For file systems without sendfile: small pieces, which the system joins. The count that went, or -1 and errno; 0 at
 * the file's end. */
static ssize_t copy_piece(int fd, int file, off_t *at, size_t length)
{
    char piece[COPY_BYTES];
    bool more = length > sizeof piece;
    ssize_t got = pread(file, piece, more ? sizeof piece : length, *at);
    if (got <= 0)
        return got;
    ssize_t went = send(fd, piece, (size_t)got, MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0));
    if (went > 0)
        *at += went;
    return went;
}

/* The socket does not block. */
static int send_bytes(int fd, int file, off_t at, uint64_t left, uint64_t deadline, uint64_t *sent)
{
    bool copies = false;
    while (left > 0) {
        if (port_posix_left_ms(deadline) == 0)
            return BOBBIN_TIMEOUT;
        size_t length = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
        ssize_t went = copies ? copy_piece(fd, file, &at, length) : sendfile(fd, file, &at, length);
        if (went == 0)
            return BOBBIN_FAILED;
        if (went > 0) {
            left -= (uint64_t)went;
            *sent += (uint64_t)went;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            int error = wait_for_room(fd, deadline);
            if (error < 0)
                return error;
        } else if (!copies && (errno == EINVAL || errno == ENOSYS)) {
            copies = true;
        } else if (errno != EINTR) {
            return port_posix_error(errno);
        }
    }
    return 0;
}

int port_send_file(struct port_socket *socket, const struct port_piece *pieces, size_t count,
                   const struct port_file *file, uint64_t offset, uint64_t length, uint64_t deadline, uint64_t *sent)
{
    static const int on = 1;
    int fd = (int)socket->handle;
    size_t head = 0;
    if (sent != NULL)
        *sent = 0;
    if (count >= PORT_PIECES || offset > (uint64_t)INT64_MAX || length > (uint64_t)INT64_MAX - offset)
        return BOBBIN_INVALID;
    int result = port_posix_send(socket, pieces, count, length > 0 ? MSG_MORE : 0, deadline, &head);
    uint64_t total = head;
    if (result == 0 && length > 0) {
        /* sendfile takes no flags, and a blocking one on a slow peer may wait for the socket's timer several times
         * over. It also raises SIGPIPE, which threads of port_thread_start block. */
        fcntl(fd, F_SETFL, O_NONBLOCK);
        result = send_bytes(fd, (int)file->handle, (off_t)offset, length, deadline, &total);
        fcntl(fd, F_SETFL, 0);
        if (result < 0) /* what waits for more leaves now */
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    if (sent != NULL)
        *sent = total;
    return result;
}
