/* An HTTP connection: read a head, find the route, call the handler, finish; again, until it is to end. On the
 * client's thread. */
#include "http_parse.h"

#include <string.h>

#include "client.h"
#include "config.h"
#include "log.h"
#include "route.h"
#include "uri.h"

/* -- the head -- */

static bool route_wants(struct bobbin_span name, const void *context)
{
    const struct bobbin_route *route = context;
    for (const char *const *field = route->fields; field != NULL && *field != NULL; field++)
        if (bobbin_span_is_nocase(name, *field))
            return true;
    return false;
}

static void find_path(struct bobbin_exchange *x)
{
    size_t length = x->parser.target.length;
    x->path = exchange_raw_path(x);
    x->query = (struct bobbin_span){NULL, 0};
    if (x->path.length < length)
        x->query = (struct bobbin_span){x->path.data + x->path.length + 1, length - x->path.length - 1};
    if (x->path.length == 0)
        x->path = span_of("/"); /* RFC 9110 §4.2.3, of an absolute target without a path */
}

/* The buffer is full and the head not whole. The route may be needed to know what it wants; its path is taken as it
 * came: one that is found only in another form gets its fields if they fit. */
static bool drop_lines(struct bobbin_exchange *x)
{
    const struct bobbin_config *config = &x->client->server->config;
    struct route_match match = {NULL, 0};
    if (x->parser.target.length > 0) {
        find_path(x);
        match = route_find(config->routes, config->route_count, x->path, bobbin_method(x));
    }
    size_t length =
        http_parse_drop(&x->parser, x->head, x->head_length, match.route == NULL ? NULL : route_wants, match.route);
    if (length == x->head_length)
        return false;
    stream_cut_input(&x->client->stream, x->head_length - length);
    x->head_length = length;
    return true;
}

/* Receives more of the head. A status to answer, 0, or a negative error: nobody is there to be answered. */
static int more_of_head(struct bobbin_exchange *x, uint64_t *deadline)
{
    struct client *client = x->client;
    struct stream *stream = &client->stream;
    int error = stream_flush(stream);
    if (error < 0)
        return error;
    if (x->head > stream->buffer) {
        stream_compact(stream, (size_t)(x->head - stream->buffer));
        x->head = stream->buffer;
    }
    if (stream_is_full(stream, STREAM_BODY_ROOM) && !drop_lines(x))
        return x->parser.first_field.start == 0 ? HTTP_URI_TOO_LONG : HTTP_FIELDS_TOO_LARGE;
    if (*deadline == 0)
        *deadline = port_clock_ms() + client->server->config.request_timeout_ms;
    int got = stream_fill(stream, STREAM_BODY_ROOM, *deadline);
    if (got == 0)
        return HTTP_BAD; /* the peer ended in the middle of a request (RFC 9112 §8) */
    return got == BOBBIN_TIMEOUT ? 408 : got < 0 ? got : 0;
}

/* A head that came behind others may end where input does: its body is received behind it all the same. */
static int make_body_room(struct bobbin_exchange *x)
{
    struct stream *stream = &x->client->stream;
    if (x->head == stream->buffer || !stream_is_full(stream, STREAM_BODY_ROOM))
        return 0;
    int error = stream_flush(stream);
    stream_compact(stream, (size_t)(x->head - stream->buffer));
    x->head = stream->buffer;
    return error;
}

/* A whole head at x->head, its end taken off the input. A status to answer, 0, or a negative error. */
static int read_head(struct bobbin_exchange *x)
{
    struct client *client = x->client;
    struct stream *stream = &client->stream;
    const struct bobbin_config *config = &client->server->config;
    const struct http_limits limits = {config->max_head, config->max_request_line, config->max_fields};
    uint64_t deadline = 0;
    for (;;) {
        x->head = stream->buffer + stream->in_begin;
        size_t before = x->head_length = stream_input(stream).length;
        enum http_result result = http_parse(&x->parser, &limits, x->head, &x->head_length);
        stream_cut_input(stream, before - x->head_length);
        if (result == HTTP_DONE)
            break;
        if (result != HTTP_MORE)
            return (int)result;
        int error = more_of_head(x, &deadline);
        if (error != 0)
            return error;
    }
    x->head_length = http_parse_length(&x->parser);
    stream_use(stream, x->head_length);
    return x->parser.chunked || x->parser.content_length > 0 ? make_body_room(x) : 0;
}

/* Waits for the first byte of a request, and past empty lines that came without one. 0: there is one. */
static int await(struct client *client, bool fresh)
{
    struct stream *stream = &client->stream;
    if (stream_input(stream).length > 0)
        return 0;
    int error = stream_flush(stream);
    if (error < 0)
        return error;
    stream_reset_input(stream, 0);
    int got = slot_await(client->slot, client->server, stream, fresh);
    return got > 0 ? 0 : got < 0 ? got : BOBBIN_CLOSED;
}

/* -- the request -- */

/* The path in normal form; a copy of it, where it is not, stands at the buffer's end. */
static int normalize(struct bobbin_exchange *x)
{
    char *copy;
    if (uri_path_is_normal(x->path))
        return 0;
    int error = exchange_lend(x, x->path.length, &copy);
    if (error < 0)
        return error == BOBBIN_TOO_BIG ? HTTP_URI_TOO_LONG : error;
    int length = uri_normalize(x->path, copy);
    if (length < 0)
        return HTTP_BAD;
    x->path = (struct bobbin_span){copy, (size_t)length};
    return 0;
}

static int start_body(struct bobbin_exchange *x)
{
    const struct bobbin_config *config = &x->client->server->config;
    const struct bobbin_route *route = x->route;
    budget_start(&x->body_budget, config->body_timeout_ms, config->min_rate);
    x->body_max = config->max_body;
    if (route != NULL && route->max_body > 0)
        x->body_max = route->max_body;
    if (x->parser.chunked)
        http_body_chunked(&x->body);
    else
        http_body_length(&x->body, x->parser.content_length);
    uint64_t max = x->body_max < INT64_MAX ? x->body_max : INT64_MAX; /* bobbin_body_length is signed */
    return x->parser.content_length > max ? HTTP_TOO_LARGE : 0;
}

static int answer_options(struct bobbin_exchange *x, unsigned allowed)
{
    char allow[ROUTE_ALLOW_MAX];
    int error = bobbin_status(x, 204);
    return error < 0 ? error : reply_field(x, "Allow", (struct bobbin_span){allow, route_allow(allowed, allow)});
}

/* 404, or 405 with what is allowed (RFC 9110 §15.5.6). */
static int answer_no_route(struct bobbin_exchange *x, unsigned allowed)
{
    if (allowed == 0)
        return 404;
    if (x->parser.method == BOBBIN_OPTIONS)
        return answer_options(x, allowed);
    char allow[ROUTE_ALLOW_MAX];
    return reply_error(x, 405, "Allow", (struct bobbin_span){allow, route_allow(allowed, allow)});
}

/* What the handler returned, or would have. */
static int handle(struct bobbin_exchange *x)
{
    const struct bobbin_config *config = &x->client->server->config;
    find_path(x);
    if (bobbin_span_is(x->path, "*")) {
        int error = start_body(x);
        return error != 0 ? error : answer_options(x, route_methods(config->routes, config->route_count));
    }
    int status = normalize(x);
    if (status != 0)
        return status;
    struct route_match match = route_find(config->routes, config->route_count, x->path, bobbin_method(x));
    x->route = match.route;
    if ((status = start_body(x)) != 0)
        return status;
    return match.route == NULL ? answer_no_route(x, match.allowed) : match.route->handler(x, match.route->context);
}

/* -- the end -- */

/* The path may hold anything; the pattern is the application's own. */
static void log_handler(const struct bobbin_exchange *x, const char *what)
{
    log_line(PORT_LOG_ERROR, x->route == NULL ? "(no route)" : x->route->pattern, ": ", what, "");
}

/* Errors after which nobody can tell where the next request starts, or what it would do. */
static bool ends_connection(int status)
{
    return status == HTTP_BAD || status == 408 || status == HTTP_TOO_LARGE || status == HTTP_URI_TOO_LONG ||
           status == HTTP_EXPECTATION_FAILED || status == HTTP_FIELDS_TOO_LARGE || status == HTTP_NOT_IMPLEMENTED ||
           status == HTTP_VERSION_UNKNOWN || status == 503;
}

static int status_of_read_error(int error)
{
    switch (error) {
    case BOBBIN_TIMEOUT:
        return 408;
    case BOBBIN_TOO_BIG:
        return HTTP_TOO_LARGE;
    case BOBBIN_MALFORMED:
        return HTTP_BAD;
    default:
        return 500;
    }
}

/* An error page for what `result` says, where it is one and the head has not gone out. */
static void answer_error(struct bobbin_exchange *x, int result)
{
    if (x->body_error < 0)
        result = status_of_read_error(x->body_error);
    if (result == 0 || x->stage >= REPLY_BODY)
        return;
    int status = result >= 400 && result <= 599 ? result : 500;
    if (status == 500 && result != 500)
        log_handler(x, "the handler failed");
    /* A status that the server itself chose while reading ends the connection; a handler's own does not. */
    if (x->body_error < 0 || (x->route == NULL && ends_connection(status)) || status == HTTP_TOO_LARGE)
        x->close = x->linger = true;
    reply_error(x, status, NULL, (struct bobbin_span){NULL, 0});
}

/* Reads and forgets what no handler read, up to a bound, so that the next request can be found. */
static void drain(struct bobbin_exchange *x)
{
    char forgotten[64]; /* on every stack, since it is inlined: the stream has read ahead anyway */
    uint64_t end = x->body_bytes + BOBBIN_MAX_DRAIN;
    x->body_max = UINT64_MAX;
    while (!x->close && !http_body_done(&x->body)) {
        x->continued = true; /* nobody is to be asked for it */
        if (x->body_bytes > end || bobbin_read(x, forgotten, sizeof forgotten) < 0)
            x->close = x->linger = true;
    }
    x->linger = x->linger || !http_body_done(&x->body);
}

/* Completes the reply. What a handler got wrong is logged; the client learns it by a 500, or by a connection that
 * ends without the reply's last bytes. */
static void complete(struct bobbin_exchange *x, int result)
{
    bool begun = x->stage >= REPLY_BODY;
    if (x->body_error == BOBBIN_CLOSED || x->client->stream.error < 0) {
        x->close = true; /* nobody is there */
        return;
    }
    answer_error(x, result);
    if (begun && (result != 0 || x->body_error < 0)) {
        x->close = true;
        x->linger = !http_body_done(&x->body); /* so that it gets to read how far we came */
        if (x->overrun)
            log_handler(x, "the handler wrote more than it announced");
        else if (x->body_error == 0)
            log_handler(x, "the handler failed after its reply began");
        return;
    }
    if (x->stage < REPLY_BODY && reply_commit(x) < 0) {
        log_handler(x, "the reply's head does not fit the buffer");
        reply_error(x, 500, NULL, (struct bobbin_span){NULL, 0});
    }
    if (reply_finish(x)) {
        drain(x);
        return;
    }
    x->close = true;
    log_handler(x, "the body is not as long as the handler announced");
}

/* After the handler: everything that has to be true before the next request. */
static void finish(struct bobbin_exchange *x, int result)
{
    const struct bobbin_config *config = &x->client->server->config;
    complete(x, result);
    stream_drop_draft(&x->client->stream);
    stream_return(&x->client->stream);
    if (config->finished != NULL)
        config->finished(config->context, x);
}

/* One request. True: the connection goes on. */
static bool exchange(struct client *client, bool fresh)
{
    struct bobbin_exchange *x = &client->exchange;
    int result = await(client, fresh);
    exchange_start(client);
    if (result < 0)
        return false;
    result = read_head(x);
    if (result < 0) {
        x->close = true;
        return false;
    }
    if (result == 0)
        result = handle(x);
    else
        x->close = x->linger = true;
    finish(x, result);
    return !x->close && client->stream.error == 0;
}

static void serve(struct client *client)
{
    struct bobbin_exchange *x = &client->exchange;
    bool fresh = true;
    while (exchange(client, fresh))
        fresh = false;
    stream_flush(&client->stream);
    if (client->stream.error == 0 && (x->linger || (x->close && stream_input(&client->stream).length > 0)))
        slot_linger(client->slot, client->server, &client->stream);
}

static void refuse(struct client *client)
{
    struct bobbin_exchange *x = &client->exchange;
    const struct bobbin_config *config = &client->server->config;
    exchange_start(client);
    x->parser.minor = 1;
    x->close = true;
    reply_unavailable(x);
    reply_finish(x);
    stream_flush(&client->stream);
    if (config->finished != NULL)
        config->finished(config->context, x);
}

void bobbin_config_init(struct bobbin_config *config)
{
    static const struct bobbin_protocol http = {serve, refuse};
    config_set_defaults(config, &http);
}
