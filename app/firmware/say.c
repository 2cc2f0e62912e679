/* The console's lines, put together in fixed memory under one mutex. */
#include "say.h"

#include "address.h"
#include "board.h"
#include "lwip_stack.h"
#include "port.h"
#include "request_line.h"

#define LINE_BYTES 200

static struct port_mutex mutex;
static char room[LINE_BYTES];
static struct line shared;

void say_open(void)
{
    port_mutex_init(&mutex);
}

struct line *say_begin(void)
{
    port_mutex_lock(&mutex);
    shared = (struct line){.data = room, .size = sizeof room};
    return &shared;
}

void say_end(struct line *line)
{
    struct port_piece pieces[] = {{line->data, line->length}, {"\n", 1}};
    board_write(pieces, 2);
    port_mutex_unlock(&mutex);
}

void say_kib(struct line *line, size_t bytes)
{
    size_t tenths = (bytes * 10 + 512) / 1024;
    line_number(line, tenths / 10);
    line_text(line, ".");
    line_number(line, tenths % 10);
    line_text(line, " KiB");
}

/* -- clients -- */

void say_connected(void *context, const struct bobbin_peer *peer)
{
    (void)context;
    struct line *line = say_begin();
    line_text(line, "Connected with ");
    line_text(line, peer->text);
    say_end(line);
}

void say_finished(void *context, const struct bobbin_exchange *x)
{
    struct bobbin_peer peer;
    (void)context;
    bobbin_peer(x, &peer);
    struct line *line = say_begin();
    line_text(line, peer.text);
    line_request(line, x);
    line_number(line, bobbin_reply_bytes(x));
    say_end(line);
}

/* -- the start -- */

static void say_place(const struct port_address *place, const char *path)
{
    struct bobbin_peer text;
    address_text(place, &text);
    struct line *line = say_begin();
    if (path != NULL) {
        line_text(line, "  http://");
        line_text(line, text.text);
        line_text(line, path);
    } else {
        line_text(line, "  bobbin connect ");
        line_bytes(line, text.text + text.address_start, text.address_length);
        line_text(line, " ");
        line_number(line, place->port);
    }
    say_end(line);
}

void say_where(const struct bobbin *server, const char *does, const char *path)
{
    struct port_address place;
    uint16_t port = bobbin_port(server);
    struct line *line = say_begin();
    line_text(line, "bobbin " BOBBIN_VERSION " ");
    line_text(line, does);
    line_text(line, " on port ");
    line_number(line, port);
    line_text(line, path != NULL ? ". In a browser:" : ". To talk to it:");
    say_end(line);
    for (size_t i = 0; lwip_stack_address(i, &place) == 0; i++) {
        place.port = port;
        say_place(&place, path);
    }
}

void say_memory(const struct bobbin_config *config)
{
    struct bobbin_plan plan;
    if (bobbin_plan(config, &plan) < 0)
        return;
    struct line *line = say_begin();
    line_text(line, "Memory: ");
    line_number(line, config->max_clients);
    line_text(line, config->max_clients == 1 ? " client x (" : " clients x (");
    say_kib(line, plan.stack_bytes);
    line_text(line, " stack + ");
    say_kib(line, plan.buffer_bytes);
    line_text(line, " buffer + ");
    say_kib(line, plan.bookkeeping_bytes);
    line_text(line, " bookkeeping) + 1 at the door + ");
    say_kib(line, plan.server_bytes);
    line_text(line, " server = ");
    say_kib(line, plan.total_bytes);
    say_end(line);
}
