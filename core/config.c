/* The configuration: its defaults, and what is wrong with it. On the thread that opens the server. */
#include "config.h"

#include <limits.h>
#include <string.h>

#include "log.h"
#include "route.h"
#include "span.h"

void config_set_defaults(struct bobbin_config *config, const struct bobbin_protocol *protocol)
{
    memset(config, 0, sizeof *config);
    config->protocol = protocol;
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

/* -- what is wrong -- */

/* Values and their ranges, both ends in them. In a list of its own stand the names, which only the log needs. */
#define LIMITS(ROW)                          \
    ROW(address_count, 0, BOBBIN_LISTENERS)  \
    ROW(socket_count, 0, BOBBIN_LISTENERS)   \
    ROW(backlog, 1, INT_MAX)                 \
    ROW(max_clients, 1, 65535)               \
    ROW(stack_bytes, 1024, (size_t)64 << 20) \
    ROW(buffer_bytes, 512, (size_t)16 << 20) \
    ROW(idle_timeout_ms, 1, UINT32_MAX)      \
    ROW(request_timeout_ms, 1, UINT32_MAX)   \
    ROW(body_timeout_ms, 1, UINT32_MAX)      \
    ROW(send_timeout_ms, 1, UINT32_MAX)      \
    ROW(min_rate, 1, UINT32_MAX)             \
    ROW(max_head, 1, (size_t)1 << 30)        \
    ROW(max_request_line, 1, SIZE_MAX)       \
    ROW(max_fields, 1, UINT16_MAX - 1)

static const struct limit {
    uint8_t offset; /* in words of 4 bytes */
    uint8_t bytes;
    uint16_t least;
    size_t most;
} limits[] = {
#define LIMIT(field, least, most)                                                                                    \
    {offsetof(struct bobbin_config, field) / 4, sizeof(((struct bobbin_config *)NULL)->field), least, most},
    LIMITS(LIMIT)
#undef LIMIT
};

static const char *name_of(const struct limit *limit)
{
    static const char names[] =
#define NAME(field, least, most) #field "\0"
        LIMITS(NAME);
#undef NAME
    const char *name = names;
    for (ptrdiff_t i = limit - limits; i > 0; i--)
        name += strlen(name) + 1;
    return name;
}

static size_t value_of(const struct bobbin_config *config, const struct limit *limit)
{
    const char *at = (const char *)config + (size_t)limit->offset * 4;
    uint32_t narrow;
    size_t wide;
    if (limit->bytes == sizeof narrow) {
        memcpy(&narrow, at, sizeof narrow);
        return narrow;
    }
    memcpy(&wide, at, sizeof wide);
    return wide;
}

static int refuse(const char *what, const char *name, const char *why)
{
    log_line(PORT_LOG_ERROR, what, name, why, "");
    return BOBBIN_INVALID;
}

static int refuse_value(const struct limit *limit)
{
    if (!log_has(PORT_LOG_ERROR))
        return BOBBIN_INVALID;
    char range[sizeof "65535 to 18446744073709551615"];
    size_t at = span_from_u64(range, limit->least);
    memcpy(range + at, " to ", 4);
    at += 4;
    range[at + span_from_u64(range + at, limit->most)] = '\0';
    return refuse(name_of(limit), " takes ", range);
}

static int check_route(const struct bobbin_route *route)
{
    const char *pattern = route->pattern == NULL ? "" : route->pattern;
    if (!route_pattern_valid(pattern))
        return refuse("not a route's pattern: \"", pattern, "\"");
    if (route->handler == NULL || route->methods == 0)
        return refuse("the route ", pattern, " has no handler or no methods");
    return 0;
}

int config_check(const struct bobbin_config *config)
{
    for (const struct limit *limit = limits; limit < limits + sizeof limits / sizeof *limits; limit++) {
        size_t value = value_of(config, limit);
        if (value < limit->least || value > limit->most)
            return refuse_value(limit);
    }
    if (config->protocol == NULL)
        return refuse("bobbin_config_init sets protocol", "", "");
    if (config->socket_count != 0 && config->address_count != 0)
        return refuse("sockets and addresses exclude each other", "", "");
    if (config->stacks != NULL && config->stack_stride < config->stack_bytes)
        return refuse("stack_stride takes stack_bytes or more", "", "");
    int error = 0;
    for (size_t i = 0; error == 0 && i < config->route_count; i++)
        error = check_route(&config->routes[i]);
    return error;
}

void config_report_overlaps(const struct bobbin_config *config)
{
    for (size_t i = 0; log_has(PORT_LOG_WARNING) && i < config->route_count; i++)
        for (size_t j = 0; j < i; j++)
            if (route_overlap(&config->routes[j], &config->routes[i]))
                log_line(PORT_LOG_WARNING, "these routes overlap: ", config->routes[j].pattern, " and ",
                         config->routes[i].pattern);
}
