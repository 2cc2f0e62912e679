/*
 * Many clients at once: each connects, does one GET /hello and stays. With
 * --again all of them ask once more while all are connected. Prints how many
 * were answered, then keeps the connections until its standard input ends, so
 * that the caller can look at the server meanwhile.
 */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IN_FLIGHT = 64, EVENTS = 64 }; /* below every server's listen backlog */

struct hold {
    const struct load_options *options;
    struct load_client *clients;
    struct load_reply known;
    char request[128];
    size_t request_bytes;
    uint64_t deadline_ns;
    unsigned in_flight;
    unsigned answered; /* in this pass */
    unsigned lost;     /* refused, cut or answered wrongly */
    int epoll;
};

static void lose(struct hold *h, struct load_client *c)
{
    if (c->pending)
        h->in_flight--;
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    c->pending = 0;
    h->lost++;
}

static void ask(struct hold *h, struct load_client *c)
{
    c->pending = 1;
    h->in_flight++;
    c->connecting = false;
    if (send(c->fd, h->request, h->request_bytes, MSG_NOSIGNAL) == (ssize_t)h->request_bytes)
        return;
    c->connecting = errno == EAGAIN || errno == ENOTCONN;
    if (!c->connecting)
        lose(h, c);
}

static void open_one(struct hold *h, struct load_client *c)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};

    c->fd = load_connect(h->options->address, h->options->port, true);
    if (c->fd < 0 || epoll_ctl(h->epoll, EPOLL_CTL_ADD, c->fd, &event) < 0) {
        if (!h->lost)
            perror("load: connect");
        lose(h, c);
        return;
    }
    ask(h, c);
}

static void on_readable(struct hold *h, struct load_client *c)
{
    ssize_t got = recv(c->fd, c->in + c->used, sizeof c->in - c->used, 0);
    ssize_t length;

    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0 || !c->pending) {
        lose(h, c);
        return;
    }
    c->used += (size_t)got;
    length = load_check_reply(&h->known, c->in, c->used);
    if (length == 0)
        return;
    if (length < 0 || (size_t)length != c->used) {
        if (!h->lost)
            fprintf(stderr, "load: wrong reply: %.*s\n", (int)strcspn(c->in, "\r\n"), c->in);
        lose(h, c);
        return;
    }
    c->used = 0;
    c->pending = 0;
    h->in_flight--;
    h->answered++;
}

/* Handles what has come; false once the time is up. */
static bool turn(struct hold *h)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(h->epoll, events, EVENTS, 100);

    for (int i = 0; i < count; i++) {
        struct load_client *c = events[i].data.ptr;

        if (c->fd >= 0 && c->connecting && (events[i].events & EPOLLOUT)) {
            h->in_flight--;
            ask(h, c);
        }
        if (c->fd >= 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
            on_readable(h, c);
    }
    return load_now_ns() < h->deadline_ns;
}

static void connect_all(struct hold *h)
{
    unsigned next = 0;
    bool time_left = true;

    while (time_left && (next < h->options->connections || h->in_flight)) {
        while (next < h->options->connections && h->in_flight < IN_FLIGHT)
            open_one(h, &h->clients[next++]);
        time_left = turn(h);
    }
}

static void ask_all_again(struct hold *h)
{
    h->answered = 0;
    for (unsigned i = 0; i < h->options->connections; i++)
        if (h->clients[i].fd >= 0 && !h->clients[i].pending)
            ask(h, &h->clients[i]);
    while (h->in_flight && turn(h))
        ;
}

/* As far as it may: clients beyond it fail to connect and show as lost. */
static void raise_file_limit(rlim_t wanted)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur >= wanted)
        return;
    files.rlim_cur = wanted;
    if (files.rlim_max >= wanted)
        setrlimit(RLIMIT_NOFILE, &files);
    else if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){wanted, wanted}) < 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

int load_hold(const struct load_options *options)
{
    struct hold h = {.options = options};
    unsigned connected;
    uint64_t began = load_now_ns();
    char end;

    raise_file_limit(options->connections + 64);
    h.clients = calloc(options->connections, sizeof *h.clients);
    h.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!h.clients || h.epoll < 0) {
        perror("load");
        return 1;
    }
    h.request_bytes = load_format_request(h.request, sizeof h.request, options);
    h.deadline_ns = began + (uint64_t)options->timeout_ms * 1000000u;
    connect_all(&h);
    connected = h.answered;
    if (options->again)
        ask_all_again(&h);
    printf("{\"connections\": %u, \"connected\": %u, \"answered\": %u, \"seconds\": %.2f}\n",
           options->connections, connected, h.answered, (double)(load_now_ns() - began) / 1e9);
    fflush(stdout);
    while (read(STDIN_FILENO, &end, 1) > 0)
        ;
    free(h.clients);
    return 0;
}
