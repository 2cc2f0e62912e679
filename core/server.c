/* The server's life: configuration, listeners, start and stop. On its owner's thread, but for bobbin_stop. */
#include "server.h"

#include <string.h>

#include "address.h"
#include "client.h"
#include "route.h"

void bobbin_config_init(struct bobbin_config *config)
{
    memset(config, 0, sizeof *config);
    config->protocol = BOBBIN_HTTP;
    config->port = 1234;
    config->backlog = 128;
    config->max_clients = BOBBIN_MAX_CLIENTS;
    config->per_address = BOBBIN_PER_ADDRESS_OF(BOBBIN_MAX_CLIENTS);
    config->stack_bytes = BOBBIN_STACK_BYTES;
    config->buffer_bytes = BOBBIN_BUFFER_BYTES;
    config->idle_timeout_ms = BOBBIN_IDLE_TIMEOUT_MS;
    config->request_timeout_ms = BOBBIN_REQUEST_TIMEOUT_MS;
    config->body_timeout_ms = BOBBIN_BODY_TIMEOUT_MS;
    config->send_timeout_ms = BOBBIN_SEND_TIMEOUT_MS;
    config->min_rate = BOBBIN_MIN_RATE;
    config->grace_ms = BOBBIN_GRACE_MS;
    config->max_head = BOBBIN_MAX_HEAD;
    config->max_request_line = BOBBIN_MAX_REQUEST_LINE;
    config->max_fields = BOBBIN_MAX_FIELDS;
    config->max_body = BOBBIN_MAX_BODY;
}

/* -- what is wrong with a configuration -- */

/* Two texts and what stands between them, as one line of the log; cut where it would be too long. */
static void log_line(enum port_log_level level, const char *a, const char *b, const char *c, const char *d)
{
    char line[200];
    size_t length = 0;
    const char *parts[] = {a, b, c, d};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t part = strlen(parts[i]);
        if (part > sizeof line - length)
            part = sizeof line - length;
        memcpy(line + length, parts[i], part);
        length += part;
    }
    port_log(level, line, length);
}

static int check_routes(const struct bobbin_config *config)
{
    for (size_t i = 0; i < config->route_count; i++) {
        const struct bobbin_route *route = &config->routes[i];
        if (route->pattern == NULL || !route_pattern_valid(route->pattern)) {
            log_line(PORT_LOG_ERROR, "not a route's pattern: ", route->pattern == NULL ? "NULL" : route->pattern, "",
                     "");
            return BOBBIN_INVALID;
        }
        if (route->handler == NULL || route->methods == 0) {
            log_line(PORT_LOG_ERROR, "the route ", route->pattern, " has no handler or no methods", "");
            return BOBBIN_INVALID;
        }
        for (size_t j = 0; j < i; j++)
            if (route_overlap(&config->routes[j], route))
                log_line(PORT_LOG_WARNING, "the routes ", config->routes[j].pattern, " and ", route->pattern);
    }
    return 0;
}

static int check(const struct bobbin_config *config)
{
    const char *wrong = NULL;
    if (config->address_count > BOBBIN_LISTENERS)
        wrong = "more addresses than BOBBIN_LISTENERS";
    else if (config->backlog < 1)
        wrong = "backlog takes 1 or more";
    else if (config->idle_timeout_ms == 0 || config->request_timeout_ms == 0 || config->body_timeout_ms == 0 ||
             config->send_timeout_ms == 0)
        wrong = "timeouts take 1 ms or more";
    else if (config->min_rate == 0)
        wrong = "min_rate takes 1 byte/s or more";
    else if (config->max_head == 0 || config->max_head > (size_t)1 << 30 || config->max_request_line == 0 ||
             config->max_fields == 0 || config->max_fields >= UINT16_MAX)
        wrong = "max_head takes 1 to 2^30, max_request_line 1 or more, max_fields 1 to 65534";
    if (wrong == NULL)
        return check_routes(config);
    log_line(PORT_LOG_ERROR, wrong, "", "", "");
    return BOBBIN_INVALID;
}

/* -- opening -- */

static void close_listeners(struct bobbin *server)
{
    while (server->listener_count > 0)
        port_close(&server->listeners[--server->listener_count]);
}

static int listen_everywhere(struct bobbin *server, size_t *failed_address)
{
    const struct bobbin_config *config = &server->config;
    size_t count = config->address_count == 0 ? 1 : config->address_count;
    uint16_t port = config->port;
    for (size_t i = 0; i < count; i++) {
        const char *address = config->address_count == 0 ? NULL : config->addresses[i];
        struct port_address local;
        int error = port_listen(&server->listeners[i], address, port, config->backlog);
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
    if (error == 0)
        error = check(config);
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
        while (door_evict(server))
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
        if (atomic_load(&server->slots[i].phase) != SLOT_FREE)
            port_interrupt(&server->slots[i].socket);
}

void bobbin_wait(struct bobbin *server)
{
    port_mutex_lock(&server->lock);
    while (!atomic_load(&server->stopping))
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
