/* The plan: how much memory a configuration needs, and where in it everything stands.
 *
 *     | struct bobbin | slots ... |   and for each of them:   | guard page | pad | stack | client | buffer | pad |
 *
 * A stack's hot end, the client's struct and the front of its buffer stand side by side, and the stack's end is laid
 * in the middle of a page: an idle client that did small requests then has two pages resident, not four. */
#include <string.h>

#include "client.h"
#include "config.h"
#include "log.h"
#include "server.h"

#define ALIGN 16

/* BOBBIN_MEMORY_BYTES promises that this is enough. Three places are rounded up: where the memory starts, where the
 * slots do, and the first client's part. */
_Static_assert(sizeof(struct bobbin) + 3 * (ALIGN - 1) <= BOBBIN_SERVER_BYTES, "BOBBIN_SERVER_BYTES is too small");
_Static_assert((sizeof(struct client) + ALIGN - 1) / ALIGN * ALIGN + sizeof(struct slot) <= BOBBIN_CLIENT_BYTES,
               "BOBBIN_CLIENT_BYTES is too small");

static size_t round_up(size_t value, size_t to)
{
    return (value + to - 1) / to * to;
}

/* What one client takes, beside its stack; a multiple of the alignment. */
static size_t tail_bytes(const struct bobbin_config *config)
{
    return round_up(sizeof(struct client), ALIGN) + round_up(config->buffer_bytes, ALIGN);
}

struct layout {
    size_t slots;      /* where the array stands */
    size_t first;      /* where the first client's part starts */
    size_t guard, pad; /* before its stack */
    size_t stack;
    size_t stride; /* from one client's part to the next */
};

static size_t guard_page(void)
{
    size_t page = port_page_bytes();
    return page > BOBBIN_PAGE_BYTES ? 0 : page;
}

static struct layout lay_out(const struct bobbin_config *config)
{
    struct layout l = {.slots = round_up(sizeof(struct bobbin), ALIGN)};
    if (config->stacks == NULL) {
        l.guard = guard_page();
        l.stack = round_up(config->stack_bytes, ALIGN);
    }
    size_t align = l.guard > ALIGN ? l.guard : ALIGN;
    l.first = round_up(l.slots + ((size_t)config->max_clients + 1) * sizeof(struct slot), align);
    if (l.guard > 0)
        l.pad = round_up(l.stack + l.guard / 2, l.guard) - l.guard / 2 - l.stack;
    l.stride = round_up(l.guard + l.pad + l.stack + tail_bytes(config), align);
    return l;
}

int bobbin_plan(const struct bobbin_config *config, struct bobbin_plan *plan)
{
    int error = config_check(config);
    if (error < 0)
        return error;
    struct layout l = lay_out(config);
    size_t threads = (size_t)config->max_clients + 1;
    plan->threads = threads;
    plan->stack_bytes = config->stacks == NULL ? l.stack : config->stack_bytes;
    plan->buffer_bytes = round_up(config->buffer_bytes, ALIGN);
    plan->bookkeeping_bytes = round_up(sizeof(struct client), ALIGN) + sizeof(struct slot);
    plan->server_bytes = l.slots;
    size_t each = plan->stack_bytes + plan->buffer_bytes + plan->bookkeeping_bytes;
    if (l.stride > (SIZE_MAX / 2 - l.first) / threads) {
        log_line(PORT_LOG_ERROR, "max_clients times stack_bytes and buffer_bytes is too much", "", "", "");
        return BOBBIN_INVALID;
    }
    plan->total_bytes = plan->server_bytes + threads * each;
    plan->bytes = l.first + threads * l.stride + (l.guard > ALIGN ? l.guard : ALIGN) - 1;
    return 0;
}

struct bobbin *memory_lay_out(const struct bobbin_config *config, const struct bobbin_plan *plan, void *memory)
{
    struct layout l = lay_out(config);
    size_t align = l.guard > ALIGN ? l.guard : ALIGN;
    char *base = memory;
    base += round_up((uintptr_t)base, align) - (uintptr_t)base;
    struct bobbin *server = (void *)base;
    memset(server, 0, sizeof *server);
    server->config = *config;
    server->slots = (void *)(base + l.slots);
    server->slot_count = plan->threads;
    server->stack_bytes = plan->stack_bytes;
    server->guard_bytes = l.guard;
    memset(server->slots, 0, plan->threads * sizeof(struct slot));
    for (size_t i = 0; i < plan->threads; i++) {
        /* Nothing of a client's part is touched here: it gets resident when its thread starts. */
        char *part = base + l.first + i * l.stride;
        struct slot *slot = &server->slots[i];
        slot->stack = part + l.guard + l.pad;
        slot->client = (void *)((char *)slot->stack + l.stack);
        if (config->stacks != NULL)
            slot->stack = (char *)config->stacks + i * config->stack_stride;
    }
    return server;
}

void *memory_guard_page(const struct bobbin *server, const struct slot *slot)
{
    size_t guard = server->guard_bytes;
    return guard == 0 ? NULL : (char *)slot->stack - (uintptr_t)slot->stack % guard - guard;
}
