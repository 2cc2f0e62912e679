/* The door: a slot's thread waits for a client, lets it in or turns it away, serves it, and comes back.
 *
 * Threads that wait in port_accept take turns as the system wakes them: the one that got a client serves it itself,
 * which is some 15% cheaper a request than handing it to another. Whoever leaves the door empty first starts
 * another thread; the last of them does not serve unless somebody else comes free. */
#include <string.h>

#include "address.h"
#include "client.h"
#include "config.h"
#include "server.h"

#define EVICT_WAIT_MS 1000  /* for an idle client's thread to let its slot go; mostly microseconds */
#define REFUSE_LINGER_MS 50 /* nobody may hold the door longer */
#define START_AT_ONCE 4
#define BACK_OFF_MIN_MS 10
#define BACK_OFF_MAX_MS 1000

/* -- the slot of a client that waits -- */

int slot_await(struct slot *slot, const struct bobbin *server, struct stream *stream, bool fresh)
{
    unsigned phase = fresh ? SLOT_FRESH : SLOT_IDLE;
    uint64_t now = port_clock_ms();
    atomic_store_explicit(&slot->idle_since, (unsigned)now, memory_order_relaxed);
    atomic_store(&slot->phase, phase);
    /* bobbin_stop sets `stopping` first and looks at the phases then: one of us sees the other. */
    int got = atomic_load(&server->stopping) ? BOBBIN_CLOSED
                                             : stream_fill(stream, STREAM_BODY_ROOM, now + server->config.idle_timeout_ms);
    return atomic_compare_exchange_strong(&slot->phase, &phase, SLOT_BUSY) ? got : BOBBIN_CLOSED;
}

bool door_evict(struct bobbin *server)
{
    unsigned now = (unsigned)port_clock_ms();
    for (;;) {
        struct slot *longest = NULL;
        unsigned longest_ms = 0, longest_phase = 0;
        bool stopping = atomic_load(&server->stopping);
        for (size_t i = 0; i < server->started; i++) {
            struct slot *slot = &server->slots[i];
            unsigned phase = atomic_load(&slot->phase), idle_ms = now - atomic_load(&slot->idle_since);
            if (phase != SLOT_IDLE && phase != SLOT_FRESH)
                continue;
            if ((int)idle_ms < 0)
                idle_ms = 0; /* it went idle since `now` was read */
            if (phase == SLOT_FRESH && idle_ms < BOBBIN_FRESH_MS && !stopping)
                continue;
            if (longest == NULL || idle_ms > longest_ms) {
                longest = slot;
                longest_ms = idle_ms;
                longest_phase = phase;
            }
        }
        if (longest == NULL)
            return false;
        /* Its request may have come just now: then look again. */
        if (atomic_compare_exchange_strong(&longest->phase, &longest_phase, SLOT_LEAVING)) {
            port_interrupt(&longest->socket);
            return true;
        }
    }
}

/* -- threads -- */

/* Under the lock. Once, until it goes well again: a full log would be the next thing to run out. */
static void log_once(bool *failing, const char *what, int error)
{
    if (!*failing)
        config_log(PORT_LOG_WARNING, what, ": ", bobbin_error_text(error), "");
    *failing = true;
}

int door_start_thread(struct bobbin *server)
{
    if (server->started == server->slot_count)
        return BOBBIN_NO_MEMORY;
    struct slot *slot = &server->slots[server->started];
    struct client *client = slot->client;
    int error = 0;
    if (server->guard_bytes > 0)
        error = port_guard((char *)slot->stack - ((uintptr_t)slot->stack % server->guard_bytes) - server->guard_bytes,
                           server->guard_bytes);
    if (error < 0)
        return BOBBIN_NO_MEMORY;
    memset(client, 0, sizeof *client);
    client->server = server;
    client->slot = slot;
    client->buffer = (char *)client + (sizeof *client + 15) / 16 * 16;
    if (server->config.paint_stacks)
        port_stack_paint(slot->stack, server->stack_bytes);
    server->started++;
    server->running++;
    server->at_door++;
    error = port_thread_start(&slot->thread, door_run, client, slot->stack, server->stack_bytes);
    if (error == 0) {
        server->start_fails = false;
    } else {
        server->started--;
        server->running--;
        server->at_door--;
        log_once(&server->start_fails, "cannot start a client's thread", error);
    }
    return error;
}

/* Under the lock: the door is empty. Several threads at once: a thread that starts others keeps 0.7 KiB of glibc's
 * allocator for it, so few should. True: at least one stands there now. */
static bool man_the_door(struct bobbin *server)
{
    for (int i = 0; i < START_AT_ONCE && server->started < server->slot_count; i++)
        if (door_start_thread(server) < 0)
            break;
    return server->at_door > 0;
}

/* -- letting in -- */

static bool too_many_of(const struct bobbin *server, const struct slot *mine)
{
    unsigned cap = server->config.per_address, count = 0;
    if (cap == 0 || (!server->config.count_loopback && address_is_loopback(&mine->peer)))
        return false;
    for (size_t i = 0; i < server->started; i++) {
        const struct slot *slot = &server->slots[i];
        unsigned phase = atomic_load(&slot->phase);
        if (phase != SLOT_FREE && phase != SLOT_REFUSING && address_same_host(&slot->peer, &mine->peer))
            count++;
    }
    return count >= cap;
}

/* Waits for the slot of an idle client. */
static bool make_room(struct bobbin *server)
{
    uint64_t deadline = port_clock_ms() + EVICT_WAIT_MS;
    if (server->active < server->config.max_clients)
        return true;
    if (!door_evict(server))
        return false;
    while (server->active >= server->config.max_clients && !atomic_load(&server->stopping))
        if (port_cond_wait(&server->left, &server->lock, deadline) == BOBBIN_TIMEOUT)
            break;
    return server->active < server->config.max_clients;
}

/* Under the lock, with a client accepted: whether it is let in. */
static bool admit(struct bobbin *server, struct slot *slot)
{
    bool admitted = !atomic_load(&server->stopping) && !too_many_of(server, slot) && make_room(server);
    /* Serving may take for ever: somebody has to stay at the door. Where each slot has its thread, one of them is
     * on its way back, as there are more of them than clients. */
    if (admitted && server->at_door == 0 && server->started < server->slot_count && !man_the_door(server))
        admitted = false;
    if (admitted) {
        server->active++;
        atomic_store(&slot->idle_since, (unsigned)port_clock_ms());
    }
    atomic_store(&slot->phase, admitted ? SLOT_BUSY : SLOT_REFUSING);
    return admitted;
}

static void serve(struct client *client, bool admitted)
{
    struct bobbin *server = client->server;
    const struct bobbin_config *config = &server->config;
    struct slot *slot = client->slot;
    stream_start(&client->stream, &slot->socket, client->buffer, config->buffer_bytes,
                 admitted ? config->send_timeout_ms : REFUSE_LINGER_MS, config->min_rate);
    exchange_start(client);
    if (config->connected != NULL) {
        struct bobbin_peer peer;
        address_text(&slot->peer, &peer);
        config->connected(config->context, &peer);
    }
    if (!admitted) {
        (config->protocol == BOBBIN_ECHO ? echo_refuse : http_refuse)(client);
        stream_linger(&client->stream, port_clock_ms() + REFUSE_LINGER_MS);
    } else if (config->protocol == BOBBIN_ECHO) {
        echo_serve(client);
    } else {
        http_serve(client);
    }
}

/* Memory or descriptors ran out: an idle client's would help. One thread tries again, after pauses that double or
 * when somebody left; the others wait until it goes well. */
static void back_off(struct bobbin *server, uint32_t *pause_ms, int error)
{
    if (server->accept_fails && *pause_ms == 0) {
        while (server->accept_fails && !atomic_load(&server->stopping))
            port_cond_wait(&server->left, &server->lock, PORT_NEVER);
        return;
    }
    log_once(&server->accept_fails, "cannot accept clients", error);
    *pause_ms = *pause_ms == 0 ? BACK_OFF_MIN_MS : *pause_ms * 2 > BACK_OFF_MAX_MS ? BACK_OFF_MAX_MS : *pause_ms * 2;
    door_evict(server);
    port_cond_wait(&server->left, &server->lock, port_clock_ms() + *pause_ms);
}

/* Under the lock: a client is here. */
static void accepted(struct bobbin *server)
{
    server->at_door--;
    if (server->accept_fails) {
        server->accept_fails = false;
        port_cond_broadcast(&server->left);
    }
}

/* Under the lock: the client is gone. Its socket is closed later, when nobody looks for it in the slot any more. */
static void leave(struct bobbin *server, struct slot *slot, bool admitted)
{
    if (admitted)
        server->active--;
    server->at_door++;
    atomic_store(&slot->phase, SLOT_FREE);
    port_cond_broadcast(&server->left);
}

void door_run(void *argument)
{
    struct client *client = argument;
    struct bobbin *server = client->server;
    struct slot *slot = client->slot;
    bool open = false;
    uint32_t pause_ms = 0;
    port_mutex_lock(&server->lock);
    while (!atomic_load(&server->stopping)) {
        port_mutex_unlock(&server->lock);
        if (open)
            port_close(&slot->socket);
        int error = port_accept(server->listeners, server->listener_count, &slot->socket, &slot->peer, PORT_NEVER);
        open = error == 0;
        port_mutex_lock(&server->lock);
        if (!open) {
            if (!atomic_load(&server->stopping))
                back_off(server, &pause_ms, error);
            continue;
        }
        pause_ms = 0;
        accepted(server);
        bool admitted = admit(server, slot);
        port_mutex_unlock(&server->lock);
        serve(client, admitted);
        port_mutex_lock(&server->lock);
        leave(server, slot, admitted);
    }
    server->at_door--;
    port_mutex_unlock(&server->lock);
    if (open)
        port_close(&slot->socket);
    port_mutex_lock(&server->lock);
    server->running--;
    port_cond_broadcast(&server->ended);
    port_mutex_unlock(&server->lock);
}
