/* `bobbin connect`: a TCP client that sends what is typed and prints what comes back. Main thread, the only one.
 * The socket does not block: a server that waits for us to read would else wait for ever while we send. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands.h"
#include "names.h"
#include "port_posix.h"
#include "say.h"
#include "why.h"

#define ADDRESSES 16 /* of a name; more are not tried */

struct talk {
    int socket;
    const char *why;   /* what failed last; NULL: nothing did */
    bool input_ended;  /* stdin is at its end */
    bool finished;     /* our side of the stream is ended */
    size_t start, end; /* of what was read from stdin and is not sent yet */
    char input[4096];
    char answer[4096];
};

/* False: `why` tells. */
static bool connect_to(struct talk *talk, const struct sockaddr_storage *address, socklen_t length)
{
    talk->socket = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (talk->socket >= 0 && connect(talk->socket, (const struct sockaddr *)address, length) == 0)
        return true;
    talk->why = why_text(errno);
    if (talk->socket >= 0)
        close(talk->socket);
    return false;
}

static bool connect_number(struct talk *talk, const char *host, uint16_t port)
{
    struct sockaddr_storage address;
    socklen_t length = port_posix_parse(&address, host, port);

    return length != 0 && connect_to(talk, &address, length);
}

static bool connect_name(struct talk *talk, const char *host, uint16_t port)
{
    struct name_address found[ADDRESSES];
    size_t count = names_find(host, found, ADDRESSES, &talk->why);

    for (size_t i = 0; i < count; i++) {
        struct sockaddr_storage address;
        socklen_t length = port_posix_address(&address, found[i].family, found[i].ip, port);

        if (connect_to(talk, &address, length))
            return true;
    }
    return false;
}

static bool connect_any(struct talk *talk, const char *host, uint16_t port)
{
    /* localhost is always this machine, also where no file says so (RFC 6761 §6.3). */
    if (strcasecmp(host, "localhost") == 0)
        return connect_number(talk, "::1", port) || connect_number(talk, "127.0.0.1", port);
    return connect_number(talk, host, port) || (talk->why == NULL && connect_name(talk, host, port));
}

/* How many bytes can go out now: a line; what is left at the end of the input; a line longer than the room. */
static size_t sendable(const struct talk *talk)
{
    const char *start = talk->input + talk->start;
    size_t length = talk->end - talk->start;
    const char *newline = memchr(start, '\n', length);

    if (newline != NULL)
        return (size_t)(newline - start) + 1;
    return talk->input_ended || length == sizeof talk->input ? length : 0;
}

static bool read_input(struct talk *talk)
{
    ssize_t count;

    if (talk->start > 0) {
        memmove(talk->input, talk->input + talk->start, talk->end - talk->start);
        talk->end -= talk->start;
        talk->start = 0;
    }
    count = read(STDIN_FILENO, talk->input + talk->end, sizeof talk->input - talk->end);
    if (count < 0)
        return errno == EINTR || errno == EAGAIN;
    talk->input_ended = count == 0;
    talk->end += (size_t)count;
    return true;
}

/* A line a time: each leaves at once, in a segment of its own. A server that does not listen any more may still
 * talk: what it says is read before its end is. */
static void send_line(struct talk *talk)
{
    ssize_t count = send(talk->socket, talk->input + talk->start, sendable(talk), MSG_NOSIGNAL | MSG_DONTWAIT);

    if (count >= 0) {
        talk->start += (size_t)count;
    } else if (errno != EINTR && errno != EAGAIN) {
        talk->input_ended = talk->finished = true;
        talk->start = talk->end = 0;
    }
}

/* Waits, and moves what can be moved. Returns -1 to go on, else the exit status; errno tells of a failure. */
static int talk_once(struct talk *talk)
{
    bool can_send = sendable(talk) > 0;
    bool has_room = !talk->input_ended && !can_send;
    struct pollfd ready[] = {{.fd = talk->socket, .events = (short)(POLLIN | (can_send ? POLLOUT : 0))},
                             {.fd = has_room ? STDIN_FILENO : -1, .events = POLLIN}};

    if (talk->input_ended && talk->start == talk->end && !talk->finished) {
        shutdown(talk->socket, SHUT_WR);
        talk->finished = true;
    }
    if (poll(ready, 2, -1) < 0 && errno != EINTR)
        return EXIT_FAILED;
    if (ready[0].revents & (POLLIN | POLLHUP | POLLERR)) {
        ssize_t count = recv(talk->socket, talk->answer, sizeof talk->answer, MSG_DONTWAIT);

        if (count == 0)
            return EXIT_OK;
        if (count < 0 && errno != EINTR && errno != EAGAIN)
            return EXIT_FAILED;
        if (count > 0 && !say_bytes(STDOUT_FILENO, talk->answer, (size_t)count))
            return EXIT_FAILED;
    }
    if (ready[0].revents & POLLOUT)
        send_line(talk);
    return ready[1].revents != 0 && !read_input(talk) ? EXIT_FAILED : -1;
}

int connect_run(const char *host, uint16_t port)
{
    static struct talk talk;
    const int on = 1;
    int status;

    if (!connect_any(&talk, host, port)) {
        say_error("cannot connect to %s port %u: %s\n", host, (unsigned)port, talk.why);
        return EXIT_FAILED;
    }
    (void)setsockopt(talk.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    do
        status = talk_once(&talk);
    while (status < 0);
    if (status != EXIT_OK)
        say_error("the talk with %s port %u broke off: %s\n", host, (unsigned)port, why_text(errno));
    close(talk.socket);
    return status;
}
