/* The configuration: its defaults, and what is wrong with it. On the thread that opens the server. */
#include "config.h"

#include <string.h>

#include "log.h"
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

static int refuse(const char *what)
{
    log_line(PORT_LOG_ERROR, what, "", "", "");
    return BOBBIN_INVALID;
}

static int check_route(const struct bobbin_route *route)
{
    if (route->pattern == NULL)
        return refuse("a route has no pattern");
    if (!route_pattern_valid(route->pattern)) {
        log_line(PORT_LOG_ERROR, "not a route's pattern: ", route->pattern, "", "");
        return BOBBIN_INVALID;
    }
    if (route->handler == NULL || route->methods == 0) {
        log_line(PORT_LOG_ERROR, "the route ", route->pattern, " has no handler or no methods", "");
        return BOBBIN_INVALID;
    }
    return 0;
}

static int check_memory(const struct bobbin_config *config)
{
    if (config->max_clients < 1 || config->max_clients > 65535)
        return refuse("max_clients takes 1 to 65535");
    if (config->stack_bytes < 1024 || config->stack_bytes > (size_t)64 << 20)
        return refuse("stack_bytes takes 1 KiB to 64 MiB");
    if (config->stacks != NULL && config->stack_stride < config->stack_bytes)
        return refuse("stack_stride takes stack_bytes or more");
    if (config->buffer_bytes < 512 || config->buffer_bytes > (size_t)16 << 20)
        return refuse("buffer_bytes takes 512 to 16 MiB");
    return 0;
}

static int check_limits(const struct bobbin_config *config)
{
    if (config->idle_timeout_ms == 0 || config->request_timeout_ms == 0 || config->body_timeout_ms == 0 ||
        config->send_timeout_ms == 0)
        return refuse("timeouts take 1 ms or more");
    if (config->min_rate == 0)
        return refuse("min_rate takes 1 byte/s or more");
    if (config->max_head < 1 || config->max_head > (size_t)1 << 30)
        return refuse("max_head takes 1 byte to 1 GiB");
    if (config->max_request_line < 1)
        return refuse("max_request_line takes 1 byte or more");
    if (config->max_fields < 1 || config->max_fields >= UINT16_MAX)
        return refuse("max_fields takes 1 to 65534");
    return 0;
}

int config_check(const struct bobbin_config *config)
{
    if (config->protocol != BOBBIN_HTTP && config->protocol != BOBBIN_ECHO)
        return refuse("protocol takes BOBBIN_HTTP or BOBBIN_ECHO");
    if (config->address_count > BOBBIN_LISTENERS)
        return refuse("more addresses than BOBBIN_LISTENERS");
    if (config->socket_count > BOBBIN_LISTENERS)
        return refuse("more sockets than BOBBIN_LISTENERS");
    if (config->socket_count != 0 && config->address_count != 0)
        return refuse("sockets and addresses exclude each other");
    if (config->backlog < 1)
        return refuse("backlog takes 1 or more");
    int error = check_memory(config);
    if (error == 0)
        error = check_limits(config);
    for (size_t i = 0; error == 0 && i < config->route_count; i++)
        error = check_route(&config->routes[i]);
    return error;
}

void config_report_overlaps(const struct bobbin_config *config)
{
    for (size_t i = 0; i < config->route_count; i++)
        for (size_t j = 0; j < i; j++)
            if (route_overlap(&config->routes[j], &config->routes[i]))
                log_line(PORT_LOG_WARNING, "these routes overlap: ", config->routes[j].pattern, " and ",
                         config->routes[i].pattern);
}
