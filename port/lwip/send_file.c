/* lwIP: a file to a socket. There is no sendfile between a file of the system's and a stack of our own: small pieces,
 * which Nagle's algorithm joins to whole segments. Clients' threads. */
#include "bobbin/error.h"
#include "lwip/tcp.h"
#include "port_files.h"
#include "port_lwip.h"

#define PIECE_BYTES 384 /* on the client's stack */

/* Off, what is less than a segment waits until all before it is confirmed, or until more comes. */
static void send_at_once(struct port_socket *socket, int on)
{
    (void)lwip_setsockopt((int)socket->handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int send_bytes(struct port_socket *socket, const struct port_file *file, uint64_t offset, uint64_t length,
                      uint64_t deadline, uint64_t *sent)
{
    char room[PIECE_BYTES];

    while (length > 0) {
        struct port_piece piece = {.data = room, .length = 0};
        size_t went;
        int got = port_file_read(file, offset, room, length < sizeof room ? (size_t)length : sizeof room);

        if (got <= 0)
            return BOBBIN_FAILED;
        if (deadline <= port_clock_ms())
            return BOBBIN_TIMEOUT;
        piece.length = (size_t)got;
        offset += piece.length;
        length -= piece.length;
        if (length == 0)
            send_at_once(socket, 1); /* the last: all that waits leaves with it */
        int result = port_send(socket, &piece, 1, deadline, &went);
        *sent += went;
        if (result < 0)
            return result;
    }
    return 0;
}

int port_send_file(struct port_socket *socket, const struct port_piece *pieces, size_t count,
                   const struct port_file *file, uint64_t offset, uint64_t length, uint64_t deadline, uint64_t *sent)
{
    size_t head = 0;

    if (sent != NULL)
        *sent = 0;
    if (count >= PORT_PIECES || offset > (uint64_t)INT64_MAX || length > (uint64_t)INT64_MAX - offset)
        return BOBBIN_INVALID;
    if (length > 0)
        send_at_once(socket, 0);
    int result = port_send(socket, pieces, count, deadline, &head);
    uint64_t total = head;
    if (result == 0 && length > 0)
        result = send_bytes(socket, file, offset, length, deadline, &total);
    if (result < 0)
        send_at_once(socket, 1);
    if (sent != NULL)
        *sent = total;
    return result;
}
