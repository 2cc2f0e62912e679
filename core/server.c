/* The server's life: configuration, listeners, start and stop. On its owner's thread, but for bobbin_stop. */
#include "server.h"

#include <string.h>

#include "address.h"
#include "config.h"

/* -- opening -- */

static void close_listeners(struct bobbin *server)
{
    while (server->listener_count > 0)
        port_close(&server->listeners[--server->listener_count]);
}

static int listen_at(struct bobbin *server, size_t i, uint16_t port)
{
    const struct bobbin_config *config = &server->config;
    if (config->socket_count != 0)
        return port_adopt(&server->listeners[i], config->sockets[i]);
    return port_listen(&server->listeners[i], config->address_count == 0 ? NULL : config->addresses[i], port,
                       config->backlog);
}

static int listen_everywhere(struct bobbin *server, size_t *failed_address)
{
    const struct bobbin_config *config = &server->config;
    size_t count = config->socket_count != 0 ? config->socket_count : config->address_count;
    uint16_t port = config->port;
    for (size_t i = 0; i < (count == 0 ? 1 : count); i++) {
        struct port_address local;
        int error = listen_at(server, i, port);
        if (error == 0) {
            server->listener_count = i + 1;
            error = port_local_address(&server->listeners[i], &local);
        }
        if (error < 0) {
            if (failed_address != NULL)
                *failed_address = i;
            close_listeners(server);
            return error;
        }
        port = local.port; /* all of them on the port that was picked for the first */
    }
    return 0;
}

int bobbin_open(struct bobbin **opened, const struct bobbin_config *config, void *memory, size_t bytes,
                size_t *failed_address)
{
    struct bobbin_plan plan;
    int error = bobbin_plan(config, &plan);
    if (error < 0)
        return error;
    if (plan.bytes > bytes)
        return BOBBIN_TOO_BIG;
    struct bobbin *server = memory_lay_out(config, &plan, memory);
    if ((error = port_mutex_init(&server->lock)) < 0)
        return error;
    if ((error = port_cond_init(&server->left)) < 0)
        goto no_left;
    if ((error = port_cond_init(&server->ended)) < 0)
        goto no_ended;
    if ((error = listen_everywhere(server, failed_address)) < 0)
        goto no_listeners;
    config_report_overlaps(config);
    *opened = server;
    return 0;

no_listeners:
    port_cond_destroy(&server->ended);
no_ended:
    port_cond_destroy(&server->left);
no_left:
    port_mutex_destroy(&server->lock);
    return error;
}

int bobbin_address(const struct bobbin *server, size_t index, struct bobbin_peer *address)
{
    if (index >= server->listener_count)
        return BOBBIN_NOT_FOUND;
    struct port_address local;
    int error = port_local_address(&server->listeners[index], &local);
    if (error == 0)
        address_text(&local, address);
    return error;
}

uint16_t bobbin_port(const struct bobbin *server)
{
    struct port_address local;
    return port_local_address(&server->listeners[0], &local) == 0 ? local.port : 0;
}

bool bobbin_door_turns(struct bobbin *server)
{
    port_mutex_lock(&server->lock);
    bool turns = (server->at_door > 0 && !server->accept_fails) || server->turns != server->turns_seen;
    server->turns_seen = server->turns;
    port_mutex_unlock(&server->lock);
    return turns;
}

/* -- start and stop -- */

int bobbin_start(struct bobbin *server)
{
    port_mutex_lock(&server->lock);
    int error = door_start_thread(server);
    port_mutex_unlock(&server->lock);
    return error;
}

void bobbin_stop(struct bobbin *server)
{
    port_mutex_lock(&server->lock);
    if (!atomic_exchange(&server->stopping, true)) {
        for (size_t i = 0; i < server->listener_count; i++)
            port_interrupt(&server->listeners[i]);
        while (door_evict(server, NULL))
            ;
        port_cond_broadcast(&server->left);
        port_cond_broadcast(&server->ended);
    }
    port_mutex_unlock(&server->lock);
}

/* The grace is over: whoever is still served is cut. */
static void interrupt_all(struct bobbin *server)
{
    for (size_t i = 0; i < server->started; i++)
        if (slot_phase(&server->slots[i]) != SLOT_FREE)
            port_interrupt(&server->slots[i].socket);
}

void bobbin_wait(struct bobbin *server)
{
    port_mutex_lock(&server->lock);
    while (!server_stops(server))
        port_cond_wait(&server->ended, &server->lock, PORT_NEVER);
    uint64_t grace_end = port_clock_ms() + server->config.grace_ms;
    while (server->running > 0 && port_cond_wait(&server->ended, &server->lock, grace_end) != BOBBIN_TIMEOUT)
        ;
    interrupt_all(server);
    while (server->running > 0)
        port_cond_wait(&server->ended, &server->lock, PORT_NEVER);
    port_mutex_unlock(&server->lock);
    for (size_t i = 0; i < server->started; i++)
        port_thread_join(&server->slots[i].thread);
}

int bobbin_run(struct bobbin *server)
{
    int error = bobbin_start(server);
    if (error == 0)
        bobbin_wait(server);
    return error;
}

void bobbin_close(struct bobbin *server)
{
    close_listeners(server);
    while (server->guarded > 0)
        port_unguard(memory_guard_page(server, &server->slots[--server->guarded]), server->guard_bytes);
    port_cond_destroy(&server->ended);
    port_cond_destroy(&server->left);
    port_mutex_destroy(&server->lock);
}

size_t bobbin_stack_peak(const struct bobbin *server)
{
    size_t peak = 0;
    for (size_t i = 0; server->config.paint_stacks && i < server->started; i++) {
        size_t used = port_stack_peak(server->slots[i].stack, server->stack_bytes);
        peak = used > peak ? used : peak;
    }
    return peak;
}
