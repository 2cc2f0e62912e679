/* `bobbin connect`: a TCP client that sends what is typed and prints what comes back. Main thread, the only one.
 * The socket does not block: a server that waits for us to read would else wait for ever while we send. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands.h"

struct talk {
    int socket;
    bool input_ended;  /* stdin is at its end */
    bool finished;     /* our side of the stream is ended */
    size_t start, end; /* of what was read from stdin and is not sent yet */
    char input[4096];
    char answer[4096];
};

/* A socket connected to the first address that answers; -1, and why. */
static int connect_any(const char *host, const char *port, const char **why)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *all;
    /* localhost is always this machine, also where no file says so (RFC 6761 §6.3). */
    int fd = -1, result = getaddrinfo(strcasecmp(host, "localhost") == 0 ? NULL : host, port, &hints, &all);

    if (result != 0) {
        *why = result == EAI_SYSTEM ? strerror(errno) : gai_strerror(result);
        return -1;
    }
    *why = "No address";
    for (const struct addrinfo *at = all; at != NULL && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) == 0)
            break;
        *why = strerror(errno);
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(all);
    return fd;
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

static bool print_all(const char *data, size_t length)
{
    while (length > 0) {
        ssize_t count = write(STDOUT_FILENO, data, length);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        data += count;
        length -= (size_t)count;
    }
    return true;
}

/* Waits, and moves what can be moved. Returns -1 to go on, else the exit status; `*why` tells of a failure. */
static int talk_once(struct talk *talk, const char **why)
{
    bool can_send = sendable(talk) > 0;
    bool has_room = !talk->input_ended && !can_send;
    struct pollfd ready[] = {{.fd = talk->socket, .events = (short)(POLLIN | (can_send ? POLLOUT : 0))},
                             {.fd = has_room ? STDIN_FILENO : -1, .events = POLLIN}};

    if (talk->input_ended && talk->start == talk->end && !talk->finished) {
        shutdown(talk->socket, SHUT_WR);
        talk->finished = true;
    }
    if (poll(ready, 2, -1) < 0 && errno != EINTR) {
        *why = strerror(errno);
        return EXIT_FAILED;
    }
    if (ready[0].revents & (POLLIN | POLLHUP | POLLERR)) {
        ssize_t count = recv(talk->socket, talk->answer, sizeof talk->answer, MSG_DONTWAIT);

        if (count == 0)
            return EXIT_OK;
        if (count < 0 && errno != EINTR && errno != EAGAIN) {
            *why = strerror(errno);
            return EXIT_FAILED;
        }
        if (count > 0 && !print_all(talk->answer, (size_t)count)) {
            *why = strerror(errno);
            return EXIT_FAILED;
        }
    }
    if (ready[0].revents & POLLOUT)
        send_line(talk);
    if (ready[1].revents != 0 && !read_input(talk)) {
        *why = strerror(errno);
        return EXIT_FAILED;
    }
    return -1;
}

int connect_run(const char *host, const char *port)
{
    static struct talk talk;
    const char *why = NULL;
    const int on = 1;
    int status;

    talk.socket = connect_any(host, port, &why);
    if (talk.socket < 0) {
        fprintf(stderr, "bobbin: cannot connect to %s port %s: %s\n", host, port, why);
        return EXIT_FAILED;
    }
    (void)setsockopt(talk.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    do
        status = talk_once(&talk, &why);
    while (status < 0);
    if (status != EXIT_OK)
        fprintf(stderr, "bobbin: the talk with %s port %s broke off: %s\n", host, port, why);
    close(talk.socket);
    return status;
}
