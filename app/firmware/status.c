/* GET /status: uptime; how deep each stack was used; how far lwIP's pools were; what the network card did. Clients'
 * threads. */
#include "status.h"

#include "board.h"
#include "line.h"
#include "lwip/memp.h"
#include "lwip/stats.h"
#include "port.h"
#include "threads.h"

#define LINE_BYTES 96

static int write_line(struct bobbin_exchange *x, struct line *line)
{
    line_text(line, "\n");
    int result = bobbin_write(x, line->data, line->length);
    line->length = 0;
    return result;
}

static int write_uptime(struct bobbin_exchange *x, struct line *line)
{
    line_text(line, "uptime: ");
    line_number(line, port_clock_ms() / 1000);
    line_text(line, " s");
    return write_line(x, line);
}

/* -- stacks -- */

static int write_stack(struct bobbin_exchange *x, struct line *line, const struct thread_report *report)
{
    line_text(line, "stack of ");
    line_text(line, report->name);
    line_text(line, ": ");
    line_number(line, report->peak);
    line_text(line, " of ");
    line_number(line, report->size);
    line_text(line, " bytes used at most");
    return write_line(x, line);
}

static int write_stacks(struct bobbin_exchange *x, struct line *line)
{
    struct thread_report report = {.name = "interrupts"};
    const void *stack;
    int result = 0;
    for (size_t i = 0; result == 0 && thread_report(i, &report) == 0; i++)
        result = write_stack(x, line, &report);
    if (result == 0) {
        thread_report_idle(&report);
        result = write_stack(x, line, &report);
    }
    if (result == 0) {
        board_interrupt_stack(&stack, &report.size);
        report.name = "interrupts";
        report.peak = port_stack_peak(stack, report.size);
        result = write_stack(x, line, &report);
    }
    return result;
}

/* -- lwIP -- */

static const char *const pool_names[] = {
#define LWIP_MEMPOOL(name, count, size, text) text,
#include "lwip/priv/memp_std.h"
};

static int write_pool(struct bobbin_exchange *x, struct line *line, const char *name, const struct stats_mem *pool)
{
    line_text(line, "pool ");
    line_text(line, name);
    line_text(line, ": ");
    line_number(line, pool->used);
    line_text(line, " of ");
    line_number(line, pool->avail);
    line_text(line, " in use, ");
    line_number(line, pool->max);
    line_text(line, " at most, ");
    line_number(line, pool->err);
    line_text(line, " times too few");
    return write_line(x, line);
}

static int write_pools(struct bobbin_exchange *x, struct line *line)
{
    int result = write_pool(x, line, "MEM", &lwip_stats.mem);
    for (size_t i = 0; result == 0 && i < MEMP_MAX; i++)
        if (lwip_stats.memp[i]->avail > 0)
            result = write_pool(x, line, pool_names[i], lwip_stats.memp[i]);
    return result;
}

static int write_count(struct bobbin_exchange *x, struct line *line, const char *name, STAT_COUNTER count)
{
    line_text(line, "frames ");
    line_text(line, name);
    line_text(line, ": ");
    line_number(line, count);
    return write_line(x, line);
}

static int write_frames(struct bobbin_exchange *x, struct line *line)
{
    const struct stats_proto *link = &lwip_stats.link;
    int result = write_count(x, line, "received", link->recv);
    if (result == 0)
        result = write_count(x, line, "sent", link->xmit);
    if (result == 0)
        result = write_count(x, line, "without a buffer", link->memerr);
    if (result == 0)
        result = write_count(x, line, "broken", link->chkerr);
    if (result == 0)
        result = write_count(x, line, "dropped", link->drop);
    return result;
}

int handle_status(struct bobbin_exchange *x, void *context)
{
    char room[LINE_BYTES];
    struct line line = {.data = room, .size = sizeof room};
    (void)context;
    int result = bobbin_header(x, "Content-Type", "text/plain; charset=utf-8");
    if (result == 0)
        result = bobbin_header(x, "Cache-Control", "no-store");
    if (result == 0)
        result = write_uptime(x, &line);
    if (result == 0)
        result = write_stacks(x, &line);
    if (result == 0)
        result = write_pools(x, &line);
    return result == 0 ? write_frames(x, &line) : result;
}
