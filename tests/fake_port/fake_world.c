/* The fake port's world: its lock, quiet, the hand-moved clock, faults and the log. */
#include "fake_world.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct fake_world fake_world = {.lock = PTHREAD_MUTEX_INITIALIZER, .clock_ms = FAKE_START_MS};

void fake_lock(void)
{
    pthread_mutex_lock(&fake_world.lock);
}

void fake_unlock(void)
{
    pthread_mutex_unlock(&fake_world.lock);
}

void fake_give_up(const char *what)
{
    fprintf(stderr, "fake port: gave up: %s; clock %llu, threads running %zu, blocked %zu\n", what,
            (unsigned long long)fake_world.clock_ms, fake_world.running, fake_world.blocked);
    for (const struct fake_thread *thread = fake_world.threads; thread != NULL; thread = thread->next)
        fprintf(stderr, "  thread: %s\n", thread->done ? "done" : thread->where != NULL ? thread->where : "runs");
    for (const struct fake_client *client = fake_world.clients; client != NULL; client = client->next)
        fprintf(stderr, "  client %u: in %zu, out %zu unread%s%s%s%s\n", client->peer.port, client->in.length,
                client->out.length, client->accepted ? ", accepted" : "", client->finished ? ", finished" : "",
                client->socket.interrupted ? ", interrupted" : "", client->socket.open ? "" : ", closed");
    if (fake_world.log.length > 0)
        fwrite(fake_world.log.data, 1, fake_world.log.length, stderr);
    abort();
}

/* -- waiting -- */

/* Whoever is blocked has to look again, so nobody counts as blocked until it did. */
void fake_changed(void)
{
    fake_world.generation++;
    fake_world.blocked = 0;
    pthread_cond_broadcast(&fake_world.changed);
    pthread_cond_broadcast(&fake_world.told);
}

static bool is_quiet(const void *subject)
{
    (void)subject;
    return fake_world.blocked == fake_world.running;
}

void fake_wait_until(const char *what, fake_condition *condition, const void *subject)
{
    struct timespec limit;

    clock_gettime(CLOCK_MONOTONIC, &limit);
    limit.tv_sec += FAKE_PATIENCE_MS / 1000;
    while (!condition(subject)) {
        if (pthread_cond_timedwait(&fake_world.told, &fake_world.lock, &limit) != 0 && !condition(subject))
            fake_give_up(what);
    }
}

void fake_wait_quiet(void)
{
    fake_lock();
    fake_wait_until("the server never became quiet", is_quiet, NULL);
    fake_unlock();
}

void fake_clock_advance(uint64_t ms)
{
    fake_wait_quiet();
    fake_lock();
    fake_world.clock_ms += ms;
    fake_changed();
    fake_unlock();
    fake_wait_quiet();
}

void fake_wall_set(int64_t seconds)
{
    fake_lock();
    fake_world.wall = seconds;
    fake_unlock();
}

uint64_t port_clock_ms(void)
{
    fake_lock();
    uint64_t now = fake_world.clock_ms;
    fake_unlock();
    return now;
}

int64_t port_wall_clock(void)
{
    fake_lock();
    int64_t now = fake_world.wall;
    fake_unlock();
    return now;
}

/* -- faults -- */

int fake_fault(enum fake_call call)
{
    unsigned number = ++fake_world.calls[call];
    const struct fake_fault *fault = &fake_world.faults[call];

    return number >= fault->first && number <= fault->last ? fault->error : 0;
}

void fake_fail_call(enum fake_call call, unsigned nth, unsigned times, int error)
{
    fake_lock();
    unsigned first = fake_world.calls[call] + nth;
    fake_world.faults[call] = (struct fake_fault){.first = first, .last = first + times - 1, .error = error};
    fake_unlock();
}

unsigned fake_calls(enum fake_call call)
{
    fake_lock();
    unsigned calls = fake_world.calls[call];
    fake_unlock();
    return calls;
}

/* -- bytes -- */

void fake_append(struct fake_bytes *bytes, const void *data, size_t length)
{
    if (bytes->start + bytes->length + length > bytes->room) {
        size_t room = 2 * (bytes->length + length) + 256;
        char *grown = malloc(room);
        if (grown == NULL)
            fake_give_up("no memory");
        if (bytes->length > 0)
            memcpy(grown, bytes->data + bytes->start, bytes->length);
        free(bytes->data);
        *bytes = (struct fake_bytes){.data = grown, .length = bytes->length, .room = room};
    }
    if (length > 0)
        memcpy(bytes->data + bytes->start + bytes->length, data, length);
    bytes->length += length;
}

size_t fake_take(struct fake_bytes *bytes, void *data, size_t size)
{
    size_t length = bytes->length < size ? bytes->length : size;

    if (length > 0)
        memcpy(data, bytes->data + bytes->start, length);
    bytes->start += length;
    bytes->length -= length;
    return length;
}

/* -- log -- */

void port_log(enum port_log_level level, const char *text, size_t length)
{
    static const char *const names[] = {"error: ", "warning: ", "info: "};

    fake_lock();
    fake_append(&fake_world.log, names[level], strlen(names[level]));
    fake_append(&fake_world.log, text, length);
    fake_append(&fake_world.log, "\n", 1);
    fake_unlock();
}

unsigned fake_log_count(const char *part)
{
    unsigned count = 0;
    size_t length = strlen(part);

    fake_lock();
    const char *line = fake_world.log.data;
    const char *end = line + fake_world.log.length;
    for (const char *at = line; at != NULL && at < end && at + length <= end; at++) {
        if (strncasecmp(at, part, length) != 0)
            continue;
        count++;
        at = memchr(at, '\n', (size_t)(end - at)); /* a line counts once */
    }
    fake_unlock();
    return count;
}

bool fake_log_printable(void)
{
    bool printable = true;

    fake_lock();
    for (size_t i = 0; i < fake_world.log.length; i++) {
        char byte = fake_world.log.data[i];
        if (byte != '\n' && (byte < ' ' || byte > '~'))
            printable = false;
    }
    fake_unlock();
    return printable;
}

void fake_log_print(void)
{
    fake_lock();
    if (fake_world.log.length > 0)
        fwrite(fake_world.log.data, 1, fake_world.log.length, stderr);
    fake_unlock();
}

/* -- the gate -- */

void fake_gate_pass(struct fake_gate *gate)
{
    fake_lock();
    gate->waiting++;
    fake_changed();
    while (!gate->open)
        fake_wait_change("gate");
    gate->waiting--;
    fake_unlock();
}

void fake_gate_open(struct fake_gate *gate)
{
    fake_lock();
    gate->open = true;
    fake_changed();
    fake_unlock();
}

struct gate_count {
    const struct fake_gate *gate;
    unsigned waiting;
};

static bool gate_has(const void *subject)
{
    const struct gate_count *count = subject;
    return count->gate->waiting >= count->waiting;
}

void fake_gate_wait(struct fake_gate *gate, unsigned waiting)
{
    struct gate_count count = {gate, waiting};

    fake_lock();
    fake_wait_until("nobody came to the gate", gate_has, &count);
    fake_unlock();
}

/* -- the beginning -- */

void fake_reset(void)
{
    static bool ready;
    pthread_condattr_t attributes;

    if (!ready) {
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&fake_world.told, &attributes);
        pthread_cond_init(&fake_world.changed, NULL);
        pthread_condattr_destroy(&attributes);
        ready = true;
    }
    fake_lock();
    if (fake_world.joinable > 0)
        fake_give_up("fake_reset while the server's threads live");
    fake_sockets_reset();
    memset(fake_world.calls, 0, sizeof fake_world.calls);
    memset(fake_world.faults, 0, sizeof fake_world.faults);
    free(fake_world.log.data);
    fake_world.log = (struct fake_bytes){0};
    fake_files_reset();
    fake_world.clock_ms = FAKE_START_MS;
    fake_world.wall = FAKE_START_WALL;
    fake_world.next_port = 40000;
    fake_world.new_window = SIZE_MAX;
    fake_world.locks = 0;
    fake_unlock();
}

size_t fake_open_sockets(void)
{
    fake_lock();
    size_t count = fake_world.sockets;
    fake_unlock();
    return count;
}

size_t fake_live_threads(void)
{
    fake_lock();
    size_t count = fake_world.joinable;
    fake_unlock();
    return count;
}

size_t fake_open_locks(void)
{
    fake_lock();
    size_t count = fake_world.locks;
    fake_unlock();
    return count;
}

bool fake_parse_address(const char *text, struct port_address *address)
{
    *address = (struct port_address){0};
    if (inet_pton(AF_INET, text, address->ip) == 1)
        address->version = 4;
    else if (inet_pton(AF_INET6, text, address->ip) == 1)
        address->version = 6;
    return address->version != 0;
}
