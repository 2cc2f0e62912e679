/*
 * Requests a second, latency and the server's CPU time: each worker thread
 * keeps its share of the connections busy, the main thread sleeps and reads
 * the counters at both ends of the counted time.
 */
#include "load.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    REQUEST_BYTES = 128,
    EVENTS = 64,
    SUB_BITS = 6, /* 64 buckets for each doubling: 1.6 % */
    BUCKETS = 64 << SUB_BITS,
};

struct worker {
    pthread_t thread;
    const struct load_options *options;
    unsigned connections;
    struct load_client *clients;
    int epoll;
    char packet[LOAD_DEPTH_MAX * REQUEST_BYTES];
    size_t packet_bytes;
    struct load_reply known;
    const struct load_body *body; /* of the file asked for; NULL: Hello, World! */
    atomic_uint_fast64_t requests;
    atomic_uint_fast64_t received; /* bytes of such bodies, unfinished ones too */
    atomic_uint proved;            /* clients that have had a whole one */
    char error[160];
    uint32_t histogram[BUCKETS]; /* of ns, while recording */
};

static atomic_bool recording;
static atomic_bool stopping;

static bool fail(struct worker *w, const char *what, int error)
{
    if (!w->error[0])
        snprintf(w->error, sizeof w->error, "%s%s%s", what, error ? ": " : "",
                 error ? strerror(error) : "");
    atomic_store(&stopping, true);
    return false;
}

/* Values below 64 have a bucket each; above, the top 7 bits choose it. */
static unsigned bucket_of(uint64_t ns)
{
    unsigned shift = 0;

    while (ns >> (SUB_BITS + 1 + shift))
        shift++;
    return (shift << SUB_BITS) + (unsigned)(ns >> shift);
}

static double bucket_us(unsigned bucket)
{
    unsigned shift = bucket >> SUB_BITS ? (bucket >> SUB_BITS) - 1 : 0;

    return (double)((uint64_t)(bucket - (shift << SUB_BITS)) << shift) / 1000.0;
}

static void count_reply(struct worker *w, struct load_client *c, unsigned replies)
{
    uint64_t done = atomic_load_explicit(&w->requests, memory_order_relaxed);

    atomic_store_explicit(&w->requests, done + replies, memory_order_relaxed);
    if (atomic_load_explicit(&recording, memory_order_relaxed))
        w->histogram[bucket_of(load_now_ns() - c->sent_ns)]++;
}

/* Sends the packet; false with errno EAGAIN while still connecting. */
static bool send_packet(struct worker *w, struct load_client *c)
{
    ssize_t sent = send(c->fd, w->packet, w->packet_bytes, MSG_NOSIGNAL);

    if (sent == (ssize_t)w->packet_bytes) {
        c->pending = w->options->depth;
        return true;
    }
    if (sent >= 0)
        errno = EMSGSIZE; /* an empty socket buffer takes a packet whole */
    return false;
}

static bool open_client(struct worker *w, struct load_client *c)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

    c->used = 0;
    c->sent_ns = load_now_ns();
    c->fd = load_connect(w->options->address, w->options->port, true);
    if (c->fd < 0)
        return fail(w, "connect", errno);
    c->connecting = !send_packet(w, c);
    if (c->connecting) {
        if (errno != EAGAIN)
            return fail(w, "send", errno);
        event.events |= EPOLLOUT;
    }
    if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, c->fd, &event) < 0)
        return fail(w, "epoll_ctl", errno);
    return true;
}

static bool on_connected(struct worker *w, struct load_client *c)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

    c->connecting = false;
    if (!send_packet(w, c))
        return fail(w, "send", errno);
    epoll_ctl(w->epoll, EPOLL_CTL_MOD, c->fd, &event);
    return true;
}

static bool on_end(struct worker *w, struct load_client *c)
{
    if (!w->options->close || c->pending || c->used)
        return fail(w, "the server closed a connection early", 0);
    count_reply(w, c, 1);
    close(c->fd);
    return open_client(w, c);
}

static bool ask_again(struct worker *w, struct load_client *c)
{
    count_reply(w, c, w->options->depth);
    c->sent_ns = load_now_ns();
    return send_packet(w, c) ? true : fail(w, "send", errno);
}

static bool on_readable(struct worker *w, struct load_client *c)
{
    ssize_t got = recv(c->fd, c->in + c->used, sizeof c->in - c->used, 0);
    size_t at = 0;

    if (got < 0)
        return errno == EAGAIN ? true : fail(w, "recv", errno);
    if (got == 0)
        return on_end(w, c);
    c->used += (size_t)got;
    while (at < c->used && c->pending) {
        ssize_t length = load_check_reply(&w->known, c->in + at, c->used - at);

        if (length < 0)
            return fail(w, "wrong reply", 0);
        if (length == 0)
            break;
        at += (size_t)length;
        c->pending--;
    }
    c->used -= at;
    if (c->pending) {
        memmove(c->in, c->in + at, c->used);
        return true;
    }
    if (c->used)
        return fail(w, "bytes after the reply", 0);
    if (w->options->close)
        return true; /* counted at the end of the connection */
    return ask_again(w, c);
}

static bool on_body_readable(struct worker *w, struct load_client *c)
{
    uint64_t received = atomic_load_explicit(&w->received, memory_order_relaxed);
    bool proved = c->proved;
    enum load_got got = load_receive_body(w->body, c, &received);

    atomic_store_explicit(&w->received, received, memory_order_relaxed);
    switch (got) {
    case LOAD_MORE:
        return true;
    case LOAD_WHOLE:
        if (!proved)
            atomic_fetch_add(&w->proved, 1);
        return ask_again(w, c);
    case LOAD_END:
        return on_end(w, c);
    case LOAD_FAILED:
        return fail(w, "recv", errno);
    default:
        return fail(w, "wrong reply", 0);
    }
}

static bool on_event(struct worker *w, struct load_client *c)
{
    if (c->connecting)
        return on_connected(w, c);
    return w->body ? on_body_readable(w, c) : on_readable(w, c);
}

static void *work(void *argument)
{
    struct worker *w = argument;
    struct epoll_event events[EVENTS];

    for (unsigned i = 0; i < w->connections; i++)
        if (!open_client(w, &w->clients[i]))
            return NULL;
    while (!atomic_load_explicit(&stopping, memory_order_relaxed)) {
        int count = epoll_wait(w->epoll, events, EVENTS, 50);

        for (int i = 0; i < count; i++) {
            if (!on_event(w, events[i].data.ptr))
                return NULL;
        }
    }
    return NULL;
}

static bool prepare(struct worker *w, const struct load_options *options, const struct load_body *body,
                    unsigned index)
{
    char request[REQUEST_BYTES];
    size_t length = load_format_request(request, sizeof request, options);

    w->options = options;
    w->body = body;
    w->connections = options->connections / options->threads +
                     (index < options->connections % options->threads);
    for (unsigned i = 0; i < options->depth; i++, w->packet_bytes += length)
        memcpy(w->packet + w->packet_bytes, request, length);
    w->clients = calloc(w->connections, sizeof *w->clients);
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    return w->clients && w->epoll >= 0 &&
           pthread_create(&w->thread, NULL, work, w) == 0;
}

struct reading {
    uint64_t wall_ns, cpu_ns, requests, received;
};

/* Nanoseconds, dead threads included; /proc's ticks of 10 ms are too coarse. */
static bool take_reading(struct reading *r, struct worker *workers,
                         const struct load_options *options)
{
    struct timespec cpu = {0};
    clockid_t clock;

    if (options->pid &&
        (clock_getcpuclockid(options->pid, &clock) != 0 || clock_gettime(clock, &cpu) < 0))
        return false;
    r->cpu_ns = (uint64_t)cpu.tv_sec * 1000000000u + (uint64_t)cpu.tv_nsec;
    r->wall_ns = load_now_ns();
    r->requests = r->received = 0;
    for (unsigned i = 0; i < options->threads; i++) {
        r->requests += atomic_load(&workers[i].requests);
        r->received += atomic_load(&workers[i].received);
    }
    return true;
}

/* Upper edge of the bucket that holds the given share of all. */
static double percentile_us(const struct worker *workers, unsigned threads, double share)
{
    uint64_t total = 0, seen = 0;
    unsigned b;

    for (unsigned i = 0; i < threads; i++)
        for (b = 0; b < BUCKETS; b++)
            total += workers[i].histogram[b];
    for (b = 0; b < BUCKETS - 1; b++) {
        for (unsigned i = 0; i < threads; i++)
            seen += workers[i].histogram[b];
        if ((double)seen >= share * (double)total)
            break;
    }
    return bucket_us(b + 1);
}

static void sleep_ms(unsigned ms)
{
    nanosleep(&(struct timespec){ms / 1000, (long)(ms % 1000) * 1000000L}, NULL);
}

/* Until each client has had a whole body, or a worker failed; false: not in time. The first one of each is compared
 * with the file, which the counted time must not contain. */
static bool wait_until_proved(struct worker *workers, const struct load_options *options)
{
    uint64_t deadline = load_now_ns() + (uint64_t)options->timeout_ms * 1000000u;

    while (!atomic_load(&stopping)) {
        unsigned proved = 0;

        for (unsigned i = 0; i < options->threads; i++)
            proved += atomic_load(&workers[i].proved);
        if (proved == options->connections)
            break;
        if (load_now_ns() > deadline)
            return false;
        sleep_ms(1);
    }
    return true;
}

static int report(struct worker *workers, const struct load_options *options,
                  const struct reading *from, const struct reading *to)
{
    double requests = (double)(to->requests - from->requests);
    double seconds = (double)(to->wall_ns - from->wall_ns) / 1e9;
    double cpu_us = (double)(to->cpu_ns - from->cpu_ns) / 1e3;
    double mib = (double)(to->received - from->received) / 1048576;

    for (unsigned i = 0; i < options->threads; i++)
        if (workers[i].error[0]) {
            fprintf(stderr, "load: %s\n", workers[i].error);
            return 1;
        }
    if (to->requests == from->requests) {
        fprintf(stderr, "load: no reply in %.1f s\n", seconds);
        return 1;
    }
    printf("{\"requests\": %.0f, \"rate\": %.1f, \"cpu_us\": %.4f, \"p50_us\": %.1f, "
           "\"p99_us\": %.1f",
           requests, requests / seconds, cpu_us / requests, percentile_us(workers, options->threads, 0.5),
           percentile_us(workers, options->threads, 0.99));
    if (options->body_file)
        printf(", \"mib_rate\": %.2f, \"cpu_us_mib\": %.4f", mib / seconds, cpu_us / mib);
    puts("}");
    return 0;
}

int load_rate(const struct load_options *options)
{
    struct worker *workers = calloc(options->threads, sizeof *workers);
    struct reading from = {0}, to = {0};
    struct load_body body = {0};
    bool proved = true, read_ok;
    int status;

    if (options->body_file && !load_map_body(&body, options->body_file))
        return 1;
    for (unsigned i = 0; i < options->threads; i++)
        if (!workers || !prepare(&workers[i], options, options->body_file ? &body : NULL, i)) {
            perror("load: worker");
            return 1;
        }
    sleep_ms(options->warmup_ms);
    if (options->body_file)
        proved = wait_until_proved(workers, options);
    read_ok = take_reading(&from, workers, options);
    atomic_store(&recording, true);
    sleep_ms(options->duration_ms);
    read_ok = take_reading(&to, workers, options) && read_ok;
    atomic_store(&stopping, true);
    for (unsigned i = 0; i < options->threads; i++)
        pthread_join(workers[i].thread, NULL);
    status = report(workers, options, &from, &to);
    if (!proved) {
        fprintf(stderr, "load: some clients had no whole reply in %u ms\n", options->timeout_ms);
        status = 1;
    }
    if (!read_ok) {
        fprintf(stderr, "load: cannot read the CPU time of process %d\n", (int)options->pid);
        status = 1;
    }
    for (unsigned i = 0; i < options->threads; i++) {
        close(workers[i].epoll);
        free(workers[i].clients);
    }
    free(workers);
    if (options->body_file)
        load_unmap_body(&body);
    return status;
}
