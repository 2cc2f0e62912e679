/* What `bobbin serve` answers with. Clients' threads. */
#include "handlers.h"

#include <string.h>

/* How much of a body is on the stack at a time. */
#define PIECE_BYTES 256

int handle_name(struct bobbin_exchange *x, void *name)
{
    return bobbin_reply_text(x, name);
}

int handle_hello(struct bobbin_exchange *x, void *context)
{
    (void)context;
    return bobbin_reply_text(x, "Hello, World!\n");
}

int handle_healthz(struct bobbin_exchange *x, void *context)
{
    (void)context;
    return bobbin_reply_text(x, "ok\n");
}

/* The request's own Content-Type, where it has one that can be sent back. */
static int add_type(struct bobbin_exchange *x, char *room, size_t size)
{
    struct bobbin_span type = bobbin_field(x, "Content-Type");
    int result = BOBBIN_INVALID;

    if (type.length != 0 && type.length < size) {
        memcpy(room, type.data, type.length);
        room[type.length] = '\0';
        result = bobbin_header(x, "Content-Type", room);
    }
    if (result == BOBBIN_INVALID)
        result = bobbin_header(x, "Content-Type", "application/octet-stream");
    return result;
}

int handle_echo(struct bobbin_exchange *x, void *context)
{
    int64_t length = bobbin_body_length(x);
    char piece[PIECE_BYTES];
    int count = 0, result;

    (void)context;
    result = add_type(x, piece, sizeof piece);
    if (result == BOBBIN_OK)
        result = bobbin_header(x, "X-Content-Type-Options", "nosniff");
    if (result == BOBBIN_OK && length >= 0)
        result = bobbin_length(x, (uint64_t)length);
    while (result == BOBBIN_OK && (count = bobbin_read(x, piece, sizeof piece)) > 0)
        result = bobbin_write(x, piece, (size_t)count);
    return result != BOBBIN_OK ? result : count;
}
