/* What a handler may ask of a request, and its body. On the client's thread. */
#include <string.h>

#include "address.h"
#include "client.h"
#include "route.h"
#include "uri.h"

#define DIRECT_MIN 512 /* a read this large goes past the buffer, without a copy */

void exchange_start(struct client *client)
{
    struct bobbin_exchange *x = &client->exchange;
    memset(x, 0, sizeof *x);
    x->client = client;
    stream_new_reply(&client->stream);
}

/* -- the head -- */

enum bobbin_method bobbin_method(const struct bobbin_exchange *x)
{
    return (enum bobbin_method)x->parser.method;
}

struct bobbin_span bobbin_path(const struct bobbin_exchange *x)
{
    return x->path;
}

struct bobbin_span bobbin_query(const struct bobbin_exchange *x)
{
    return x->query;
}

static struct bobbin_span part(const struct bobbin_exchange *x, struct http_range range)
{
    return (struct bobbin_span){x->head + range.start, range.length};
}

struct bobbin_span exchange_raw_path(const struct bobbin_exchange *x)
{
    struct bobbin_span target = part(x, x->parser.target);
    const char *query = memchr(target.data, '?', target.length);
    return query == NULL ? target : (struct bobbin_span){target.data, (size_t)(query - target.data)};
}

int exchange_lend(struct bobbin_exchange *x, size_t length, char **room)
{
    struct stream *stream = &x->client->stream;
    *room = stream_lend(stream, length);
    if (*room != NULL)
        return 0;
    int error = stream_flush(stream);
    if (error < 0)
        return error;
    *room = stream_lend(stream, length);
    return *room == NULL ? BOBBIN_TOO_BIG : 0;
}

struct bobbin_span bobbin_authority(const struct bobbin_exchange *x)
{
    return part(x, x->parser.authority);
}

struct bobbin_span bobbin_field(const struct bobbin_exchange *x, const char *name)
{
    return http_field(&x->parser, x->head, span_of(name));
}

int bobbin_parameter(const struct bobbin_exchange *x, const char *name, char *buffer, size_t size)
{
    struct bobbin_span value = {NULL, 0};
    if (x->route != NULL)
        value = route_parameter(x->route, x->path, span_of(name));
    return value.data == NULL ? BOBBIN_NOT_FOUND : uri_decode(value, false, buffer, size);
}

/* -- the body -- */

int64_t bobbin_body_length(const struct bobbin_exchange *x)
{
    if (x->parser.chunked)
        return -1;
    return (int64_t)x->parser.content_length;
}

/* RFC 9110 §10.1.1: only where the client still waits, and only before the final reply began. */
static int send_continue(struct bobbin_exchange *x)
{
    struct stream *stream = &x->client->stream;
    if (!x->parser.expect_continue || x->continued || x->stage == REPLY_BODY || stream_input(stream).length > 0)
        return 0;
    x->continued = true;
    static const struct port_piece interim = {"HTTP/1.1 100 Continue\r\n\r\n", 25};
    return stream_send(stream, &interim, 1);
}

/* Content that is in the buffer already: the count, 0 where more has to come. */
static int take_buffered(struct bobbin_exchange *x, char *to, size_t size)
{
    struct stream *stream = &x->client->stream;
    while (!http_body_done(&x->body)) {
        struct bobbin_span input = stream_input(stream), data;
        size_t used;
        if (input.length == 0)
            return 0;
        enum http_result result =
            http_body_next(&x->body, input.data, input.length < size ? input.length : size, &used, &data);
        stream_use(stream, used);
        if (result != HTTP_MORE && result != HTTP_DONE)
            return BOBBIN_MALFORMED;
        if (data.length > 0) {
            memcpy(to, data.data, data.length);
            return (int)data.length;
        }
    }
    return 0;
}

/* Receives: content right into `to` where it is worth it and sure to be content, else into the buffer (0). */
static int receive_by(struct bobbin_exchange *x, char *to, size_t size, uint64_t deadline)
{
    struct stream *stream = &x->client->stream;
    uint64_t plain = http_body_plain(&x->body);
    int got;
    if (plain >= DIRECT_MIN && size >= DIRECT_MIN) {
        got = port_recv(stream->socket, to, plain < size ? (size_t)plain : size, deadline);
        if (got > 0)
            http_body_took(&x->body, (uint64_t)got);
        return got == 0 ? BOBBIN_MALFORMED : got; /* it ended in the middle of the body (RFC 9112 §8) */
    }
    if (stream->in_begin == stream->in_end)
        stream_reset_input(stream, (size_t)(x->head - stream->buffer) + x->head_length);
    got = stream_fill(stream, 0, deadline);
    if (got == BOBBIN_TOO_BIG)
        return BOBBIN_NO_MEMORY; /* the handler's fields leave no room to read in */
    return got == 0 ? BOBBIN_MALFORMED : got < 0 ? got : 0;
}

static int receive(struct bobbin_exchange *x, char *to, size_t size)
{
    int error = send_continue(x);
    if (error == 0)
        error = stream_flush(&x->client->stream);
    if (error < 0)
        return error;
    uint64_t start = port_clock_ms();
    size_t before = stream_input(&x->client->stream).length;
    int got = receive_by(x, to, size, budget_deadline(&x->body_budget, start));
    size_t came = got > 0 ? (size_t)got : stream_input(&x->client->stream).length - before;
    budget_spend(&x->body_budget, port_clock_ms() - start, came);
    return got;
}

static int read_body(struct bobbin_exchange *x, char *to, size_t size)
{
    for (;;) {
        int got = take_buffered(x, to, size);
        if (got != 0 || http_body_done(&x->body))
            return got;
        if ((got = receive(x, to, size)) != 0)
            return got;
    }
}

int bobbin_read(struct bobbin_exchange *x, void *buffer, size_t size)
{
    if (x->body_error < 0)
        return x->body_error;
    if (size == 0)
        return BOBBIN_INVALID;
    int got = read_body(x, buffer, size < INT32_MAX ? size : INT32_MAX);
    if (got > 0) {
        x->body_bytes += (uint64_t)got;
        if (x->body_bytes > x->body_max)
            got = BOBBIN_TOO_BIG;
    }
    if (got < 0)
        x->body_error = got;
    return got;
}

/* -- for logs -- */

void bobbin_peer(const struct bobbin_exchange *x, struct bobbin_peer *peer)
{
    address_text(&x->client->slot->peer, peer);
}

struct bobbin_span bobbin_request_line(const struct bobbin_exchange *x)
{
    struct bobbin_span line = part(x, x->parser.request_line);
    if (x->head == NULL || line.length > 0)
        return line;
    /* It never ended, or something in it was wrong: what came. */
    line = (struct bobbin_span){x->head + x->parser.line, x->head_length - x->parser.line};
    for (size_t i = 0; i < line.length; i++)
        if (line.data[i] == '\r' || line.data[i] == '\n')
            line.length = i;
    return line;
}

int bobbin_reply_status(const struct bobbin_exchange *x)
{
    return x->stage >= REPLY_BODY ? x->status : 0;
}

uint64_t bobbin_reply_bytes(const struct bobbin_exchange *x)
{
    return x->bodyless ? 0 : x->written;
}
