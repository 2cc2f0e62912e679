/* The door: a slot's thread waits for a client, lets it in or turns it away, serves it, and comes back.
 *
 * Threads that wait in port_accept take turns as the system wakes them: the one that got a client serves it itself,
 * which is some 15% cheaper a request than handing it to another. Whoever leaves the door empty first starts
 * another thread; the last of them does not serve unless somebody else comes free. */
#include <string.h>

#include "address.h"
#include "client.h"
#include "log.h"
#include "server.h"

#define EVICT_WAIT_MS    1000 /* for an idle client's thread to let its slot go; mostly microseconds */
#define FRESH_WAIT_MS    50   /* for one who came just before, see anybody_fresh() */
#define REFUSE_LINGER_MS 50   /* nobody may hold the door longer */
#define START_AT_ONCE    4
#define BACK_OFF_MIN_MS  10
#define BACK_OFF_MAX_MS  1000

/* -- the slot of a client that waits -- */

/* From here on the slot can be taken away. False: the server stops, so it is as good as taken. */
static bool become_idle(struct slot *slot, struct bobbin *server, unsigned phase, uint64_t now)
{
    atomic_store_explicit(&slot->idle_since, (unsigned)now, memory_order_relaxed);
    atomic_store(&slot->phase, phase);
    if (atomic_load(&server->waiting) > 0) {
        port_mutex_lock(&server->lock);
        port_cond_broadcast(&server->left);
        port_mutex_unlock(&server->lock);
    }
    /* bobbin_stop sets `stopping` first and looks at the phases then: one of us sees the other. */
    return !atomic_load(&server->stopping);
}

int slot_await(struct slot *slot, struct bobbin *server, struct stream *stream, bool fresh)
{
    unsigned phase = fresh ? SLOT_FRESH : SLOT_IDLE;
    uint64_t now = port_clock_ms();
    int got = BOBBIN_CLOSED;
    if (become_idle(slot, server, phase, now))
        got = stream_fill(stream, STREAM_BODY_ROOM, now + server->config.idle_timeout_ms);
    return atomic_compare_exchange_strong(&slot->phase, &phase, SLOT_BUSY) ? got : BOBBIN_CLOSED;
}

void slot_linger(struct slot *slot, struct bobbin *server, struct stream *stream)
{
    uint64_t now = port_clock_ms();
    if (become_idle(slot, server, SLOT_IDLE, now))
        stream_linger(stream, now + BOBBIN_LINGER_MS);
}

/* How long the slot's client has been idle, if it is one that may be asked to leave; else -1. */
static int64_t idle_ms(const struct bobbin *server, const struct slot *slot, unsigned phase, unsigned now)
{
    int32_t ms = (int32_t)(now - atomic_load_explicit(&slot->idle_since, memory_order_relaxed));
    if (phase != SLOT_IDLE && phase != SLOT_FRESH)
        return -1;
    if (ms < 0)
        ms = 0; /* it became idle since `now` was read */
    return phase == SLOT_FRESH && ms < BOBBIN_FRESH_MS && !server_stops(server) ? -1 : ms;
}

bool door_evict(struct bobbin *server, const struct port_address *from)
{
    unsigned now = (unsigned)port_clock_ms();
    for (;;) {
        struct slot *longest = NULL;
        unsigned longest_phase = 0;
        int64_t longest_ms = -1;
        for (size_t i = 0; i < server->started; i++) {
            struct slot *slot = &server->slots[i];
            unsigned phase = atomic_load(&slot->phase);
            int64_t ms = idle_ms(server, slot, phase, now);
            if (ms > longest_ms && (from == NULL || address_same_host(&slot->peer, from))) {
                longest = slot;
                longest_ms = ms;
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
    if (!*failing && log_has(PORT_LOG_WARNING))
        log_line(PORT_LOG_WARNING, what, ": ", bobbin_error_text(error), "");
    *failing = true;
}

int door_start_thread(struct bobbin *server)
{
    if (server->started == server->slot_count)
        return BOBBIN_NO_MEMORY;
    struct slot *slot = &server->slots[server->started];
    struct client *client = slot->client;
    void *guard = memory_guard_page(server, slot);
    if (guard != NULL && server->guarded == server->started) {
        if (port_guard(guard, server->guard_bytes) < 0)
            return BOBBIN_NO_MEMORY;
        server->guarded++;
    }
    memset(client, 0, sizeof *client);
    client->server = server;
    client->slot = slot;
    client->buffer = (char *)client + (sizeof *client + 15) / 16 * 16;
    if (server->config.paint_stacks)
        port_stack_paint(slot->stack, server->stack_bytes);
    server->started++;
    server->running++;
    server->at_door++;
    int error = port_thread_start(&slot->thread, door_run, client, slot->stack, server->stack_bytes);
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
        unsigned phase = slot_phase(slot);
        if (phase != SLOT_FREE && phase != SLOT_REFUSING && address_same_host(&slot->peer, &mine->peer))
            count++;
    }
    return count >= cap;
}

/* Whether somebody came so lately that the first request may still be on its way: soon it is idle, or has left. */
static bool anybody_fresh(const struct bobbin *server)
{
    for (size_t i = 0; i < server->started; i++)
        if (slot_phase(&server->slots[i]) == SLOT_FRESH)
            return true;
    return false;
}

/* Waits for the slot of an idle client: of the newcomer's own address, where that has too many. */
static bool make_room(struct bobbin *server, const struct slot *newcomer)
{
    uint64_t now = port_clock_ms(), patience_end = now + FRESH_WAIT_MS, evict_end = now + EVICT_WAIT_MS, end;
    bool evicted = false, crowd;
    while ((crowd = too_many_of(server, newcomer)) || server->active >= server->config.max_clients) {
        if (!evicted)
            evicted = door_evict(server, crowd ? &newcomer->peer : NULL);
        end = evicted ? evict_end : anybody_fresh(server) ? patience_end : 0;
        if (end <= port_clock_ms() || server_stops(server))
            return false;
        atomic_fetch_add(&server->waiting, 1);
        port_cond_wait(&server->left, &server->lock, end);
        atomic_fetch_sub(&server->waiting, 1);
    }
    return true;
}

/* Under the lock, with a client accepted: whether it is let in. */
static bool admit(struct bobbin *server, struct slot *slot)
{
    bool admitted = !server_stops(server) && make_room(server, slot);
    /* Serving may take for ever: somebody has to stay at the door. Where each slot has its thread, one of them is
     * on its way back, as there are more of them than clients. */
    if (admitted && server->at_door == 0 && server->started < server->slot_count && !man_the_door(server))
        admitted = false;
    if (admitted) {
        server->active++;
        atomic_store_explicit(&slot->idle_since, (unsigned)port_clock_ms(), memory_order_relaxed);
    }
    atomic_store_explicit(&slot->phase, admitted ? SLOT_BUSY : SLOT_REFUSING, memory_order_relaxed);
    return admitted;
}

static void serve(struct client *client, bool admitted)
{
    struct bobbin *server = client->server;
    const struct bobbin_config *config = &server->config;
    struct slot *slot = client->slot;
    stream_start(&client->stream, &slot->socket, client->buffer, config->buffer_bytes,
                 admitted ? config->send_timeout_ms : REFUSE_LINGER_MS, config->min_rate);
    if (config->connected != NULL) {
        struct bobbin_peer peer;
        address_text(&slot->peer, &peer);
        config->connected(config->context, &peer);
    }
    if (!admitted) {
        config->protocol->refuse(client);
        if (client->stream.error == 0)
            stream_linger(&client->stream, port_clock_ms() + REFUSE_LINGER_MS);
    } else {
        config->protocol->serve(client);
    }
}

/* Memory or descriptors ran out: an idle client's would help. One thread tries again, after pauses that double or
 * when somebody left; the others wait until it goes well. */
static void back_off(struct bobbin *server, uint32_t *pause_ms, int error)
{
    if (server->accept_fails && *pause_ms == 0) {
        while (server->accept_fails && !server_stops(server))
            port_cond_wait(&server->left, &server->lock, PORT_NEVER);
        return;
    }
    log_once(&server->accept_fails, "cannot accept clients", error);
    *pause_ms = *pause_ms == 0 ? BACK_OFF_MIN_MS : *pause_ms * 2 > BACK_OFF_MAX_MS ? BACK_OFF_MAX_MS : *pause_ms * 2;
    door_evict(server, NULL);
    port_cond_wait(&server->left, &server->lock, port_clock_ms() + *pause_ms);
}

/* Under the lock: a client is here. */
static void accepted(struct bobbin *server)
{
    server->at_door--;
    server->turns++;
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
    atomic_store_explicit(&slot->phase, SLOT_FREE, memory_order_relaxed);
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
    while (!server_stops(server)) {
        port_mutex_unlock(&server->lock);
        if (open)
            port_close(&slot->socket);
        int error = port_accept(server->listeners, server->listener_count, &slot->socket, &slot->peer, PORT_NEVER);
        open = error == 0;
        port_mutex_lock(&server->lock);
        if (!open) {
            if (!server_stops(server))
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
