/* The reply: status line, fields, body, framing (RFC 9110 §15, RFC 9112 §4 to §7). On the client's thread. */
#include <string.h>

#include "client.h"
#include "http_parse.h"

#define REASONS(ROW)                            \
    ROW(200, "OK")                              \
    ROW(201, "Created")                         \
    ROW(202, "Accepted")                        \
    ROW(204, "No Content")                      \
    ROW(206, "Partial Content")                 \
    ROW(301, "Moved Permanently")               \
    ROW(302, "Found")                           \
    ROW(303, "See Other")                       \
    ROW(304, "Not Modified")                    \
    ROW(307, "Temporary Redirect")              \
    ROW(308, "Permanent Redirect")              \
    ROW(400, "Bad Request")                     \
    ROW(401, "Unauthorized")                    \
    ROW(403, "Forbidden")                       \
    ROW(404, "Not Found")                       \
    ROW(405, "Method Not Allowed")              \
    ROW(406, "Not Acceptable")                  \
    ROW(408, "Request Timeout")                 \
    ROW(409, "Conflict")                        \
    ROW(410, "Gone")                            \
    ROW(411, "Length Required")                 \
    ROW(412, "Precondition Failed")             \
    ROW(413, "Content Too Large")               \
    ROW(414, "URI Too Long")                    \
    ROW(415, "Unsupported Media Type")          \
    ROW(416, "Range Not Satisfiable")           \
    ROW(417, "Expectation Failed")              \
    ROW(422, "Unprocessable Content")           \
    ROW(428, "Precondition Required")           \
    ROW(429, "Too Many Requests")               \
    ROW(431, "Request Header Fields Too Large") \
    ROW(500, "Internal Server Error")           \
    ROW(501, "Not Implemented")                 \
    ROW(502, "Bad Gateway")                     \
    ROW(503, "Service Unavailable")             \
    ROW(504, "Gateway Timeout")                 \
    ROW(505, "HTTP Version Not Supported")

/* The phrases stand one behind the other, in the codes' order: a pointer to each would be a relocation too, 12 bytes
 * in all. */
static const char *reason(int status)
{
#define PHRASE(status, phrase) phrase "\0"
#define PLACE(status, phrase)  status,
    static const char phrases[] = REASONS(PHRASE);
    static const uint16_t codes[] = {REASONS(PLACE)};
#undef PHRASE
#undef PLACE
    const char *phrase = phrases;
    if (!BOBBIN_REASONS)
        return "";
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++, phrase += strlen(phrase) + 1)
        if (codes[i] == status)
            return phrase;
    return phrase; /* RFC 9112 §4: may be empty */
}

/* -- the head -- */

static const struct bobbin_span line_end = {"\r\n", 2};

int reply_status(struct bobbin_exchange *x, int status)
{
    unsigned number = (unsigned)status;
    char code[3] = {(char)('0' + number / 100), (char)('0' + number / 10 % 10), (char)('0' + number % 10)};
    const struct bobbin_span line[] = {{"HTTP/1.1 ", 9}, {code, 3}, {" ", 1}, span_of(reason(status)), line_end};
    size_t before = x->stage == REPLY_NONE ? 0 : 9 + 3 + 1 + strlen(reason(x->status)) + 2;
    int error = stream_redraft(&x->client->stream, before, line, sizeof line / sizeof *line);
    if (error < 0)
        return error;
    x->status = status;
    x->stage = REPLY_FIELDS;
    return 0;
}

int bobbin_status(struct bobbin_exchange *x, int status)
{
    if (status < 200 || status > 599)
        return BOBBIN_INVALID;
    return x->stage != REPLY_NONE ? BOBBIN_WRONG_ORDER : reply_status(x, status);
}

static int draft_field(struct bobbin_exchange *x, struct bobbin_span name, struct bobbin_span value)
{
    int error = x->stage == REPLY_NONE ? reply_status(x, 200) : 0;
    const struct bobbin_span line[] = {name, {": ", 2}, value, line_end};
    return error < 0 ? error : stream_draft(&x->client->stream, line, sizeof line / sizeof *line);
}

int reply_field(struct bobbin_exchange *x, const char *name, struct bobbin_span value)
{
    return draft_field(x, span_of(name), value);
}

int bobbin_header(struct bobbin_exchange *x, const char *name, const char *value)
{
    static const char *const ours[] = {"Content-Length", "Transfer-Encoding", "Connection", "Date"};
    struct bobbin_span field = span_of(name), text = span_of(value);
    if (x->stage > REPLY_FIELDS)
        return BOBBIN_WRONG_ORDER;
    if (!http_is_token(field) || !http_is_field_value(text))
        return BOBBIN_INVALID;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (bobbin_span_is_nocase(field, ours[i]))
            return BOBBIN_INVALID;
    return draft_field(x, field, text);
}

int bobbin_length(struct bobbin_exchange *x, uint64_t length)
{
    if (x->stage > REPLY_FIELDS)
        return BOBBIN_WRONG_ORDER;
    x->has_length = true;
    x->length = length;
    return 0;
}

void bobbin_close_after(struct bobbin_exchange *x)
{
    if (x->stage <= REPLY_FIELDS)
        x->close = x->linger = true;
}

/* Formatted once a second, by each client that replies then. */
static int add_date(struct bobbin_exchange *x)
{
    struct client *client = x->client;
    int64_t now = BOBBIN_DATE ? port_wall_clock() : -1;
    if (now < 0)
        return 0; /* RFC 9110 §6.6.1: without a clock, no Date */
    if (now != client->date_second) {
        date_format(now, client->date);
        client->date_second = now;
    }
    return reply_field(x, "Date", (struct bobbin_span){client->date, DATE_LENGTH});
}

/* Whether what is left of the request's body is worth reading to keep the connection. */
static bool body_too_long_to_drain(const struct bobbin_exchange *x)
{
    if (http_body_done(&x->body) || x->body_bytes > 0)
        return false; /* a handler that reads while it replies will go on */
    if (x->parser.expect_continue && !x->continued && stream_input(&x->client->stream).length == 0)
        return true; /* it may come or not: nobody can tell where the next request starts */
    return !x->parser.chunked && x->body.left > BOBBIN_MAX_DRAIN;
}

static int add_framing(struct bobbin_exchange *x)
{
    char digits[20];
    if (x->status == 204 || x->status == 304) {
        x->bodyless = true;
        return 0; /* RFC 9110 §8.6: no Content-Length */
    }
    if (x->has_length)
        return reply_field(x, "Content-Length", (struct bobbin_span){digits, span_from_u64(digits, x->length)});
    if (x->parser.minor == 0) {
        x->close = true; /* RFC 9112 §6.3: its end is the connection's */
        return 0;
    }
    x->chunked = true;
    return reply_field(x, "Transfer-Encoding", span_of("chunked"));
}

static int add_connection(struct bobbin_exchange *x)
{
    if (x->parser.close || (x->parser.minor == 0 && !x->parser.keep_alive))
        x->close = true;
    if (!x->close && (server_stops(x->client->server) || body_too_long_to_drain(x)))
        x->close = x->linger = true;
    if (x->close)
        return reply_field(x, "Connection", span_of("close"));
    return x->parser.minor == 0 ? reply_field(x, "Connection", span_of("keep-alive")) : 0;
}

/* The head is complete and can go out. */
static int commit(struct bobbin_exchange *x)
{
    int error = x->stage == REPLY_NONE ? reply_status(x, 200) : 0;
    x->bodyless = x->bodyless || x->parser.method == BOBBIN_HEAD;
    if (error == 0)
        error = add_date(x);
    if (error == 0)
        error = add_framing(x);
    if (error == 0)
        error = add_connection(x);
    if (error == 0)
        error = stream_draft(&x->client->stream, &line_end, 1);
    if (error < 0)
        return error;
    stream_commit_draft(&x->client->stream);
    x->stage = REPLY_BODY;
    return 0;
}

/* -- the body -- */

static int write_chunk(struct bobbin_exchange *x, const void *data, size_t length)
{
    char size[2 * sizeof length + 2];
    size_t at = sizeof size;
    size[--at] = '\n';
    size[--at] = '\r';
    for (size_t left = length; left > 0; left >>= 4)
        size[--at] = "0123456789abcdef"[left & 15];
    struct port_piece pieces[] = {{size + at, sizeof size - at}, {data, length}, {"\r\n", 2}};
    return stream_write(&x->client->stream, pieces, 3);
}

int bobbin_write(struct bobbin_exchange *x, const void *data, size_t length)
{
    if (x->stage == REPLY_DONE)
        return BOBBIN_WRONG_ORDER;
    int error = x->stage < REPLY_BODY ? commit(x) : 0;
    if (error < 0 || length == 0)
        return error;
    if (x->has_length && length > x->length - x->written) {
        x->overrun = true;
        return BOBBIN_TOO_BIG;
    }
    x->written += length;
    if (x->bodyless)
        return x->client->stream.error;
    if (x->chunked)
        return write_chunk(x, data, length);
    struct port_piece piece = {data, length};
    return stream_write(&x->client->stream, &piece, 1);
}

int bobbin_flush(struct bobbin_exchange *x)
{
    int error = x->stage < REPLY_BODY ? commit(x) : 0;
    return error < 0 ? error : stream_flush(&x->client->stream);
}

int bobbin_reply(struct bobbin_exchange *x, const char *type, const void *body, size_t length)
{
    if (x->stage > REPLY_FIELDS)
        return BOBBIN_WRONG_ORDER;
    int error = 0;
    if (type != NULL)
        error = http_is_field_value(span_of(type)) ? reply_field(x, "Content-Type", span_of(type)) : BOBBIN_INVALID;
    if (error == 0)
        error = bobbin_length(x, length);
    return error < 0 ? error : bobbin_write(x, body, length);
}

int bobbin_reply_text(struct bobbin_exchange *x, const char *text)
{
    return bobbin_reply(x, "text/plain; charset=utf-8", text, strlen(text));
}

/* -- the end -- */

/* Whether the client is a browser, or somebody who likes to be answered as one. */
static bool accepts_html(const struct bobbin_exchange *x)
{
    struct bobbin_span accept = bobbin_field(x, "Accept"), range;
    while (span_next_element(&accept, &range)) {
        const char *parameters = memchr(range.data, ';', range.length);
        if (parameters != NULL)
            range.length = (size_t)(parameters - range.data);
        if (bobbin_span_is_nocase(span_trim(range), "text/html"))
            return true;
    }
    return false;
}

/* Before the head went out: as if the reply had not begun. How it was to be framed is forgotten too. */
static void take_back(struct bobbin_exchange *x)
{
    stream_drop_draft(&x->client->stream);
    x->stage = REPLY_NONE;
    x->has_length = x->chunked = x->bodyless = false;
}

int reply_error(struct bobbin_exchange *x, int status, const char *field, struct bobbin_span value)
{
    take_back(x);
    const bool html = accepts_html(x);
    char code[sizeof "404 "];
    const char *const name = reason(status);
    code[span_from_u64(code, (uint64_t)status)] = *name == '\0' ? '\0' : ' ';
    code[sizeof code - 1] = '\0';
    const char *const page[] = {"<!doctype html><title>", code, name, "</title><h1>", code, name,
                                html ? "</h1>\n" : "\n"};
    const size_t first = html ? 0 : 4, end = sizeof page / sizeof *page;
    size_t length = 0;
    for (size_t i = first; i < end; i++)
        length += strlen(page[i]);

    int error = reply_status(x, status);
    if (error == 0 && field != NULL)
        error = reply_field(x, field, value);
    if (error == 0)
        error = reply_field(x, "Content-Type", span_of(html ? "text/html" : "text/plain"));
    if (error == 0)
        error = bobbin_length(x, length);
    for (size_t i = first; i < end && error == 0; i++)
        error = bobbin_write(x, page[i], strlen(page[i]));
    return error;
}

int reply_unavailable(struct bobbin_exchange *x)
{
    char seconds[20];
    return reply_error(x, 503, "Retry-After",
                       (struct bobbin_span){seconds, span_from_u64(seconds, BOBBIN_RETRY_AFTER_S)});
}

int reply_redirect(struct bobbin_exchange *x, int status)
{
    struct bobbin_span path = exchange_raw_path(x);
    struct bobbin_span query = {path.data + path.length, x->parser.target.length - path.length};
    const struct bobbin_span line[] = {span_of("Location: "), path, {"/", 1}, query, line_end};
    if (path.length > 1 && path.data[1] == '/')
        return 404; /* "//host/../docs" is a path to us, and another host's page to who follows it as a Location */
    int error = reply_status(x, status);
    if (error == 0)
        error = stream_draft(&x->client->stream, line, sizeof line / sizeof *line);
    if (error == 0)
        error = bobbin_reply_text(x, "Moved to the slash at its end.\n");
    return error == BOBBIN_TOO_BIG ? HTTP_URI_TOO_LONG : error;
}

int reply_commit(struct bobbin_exchange *x)
{
    if (!x->has_length)
        bobbin_length(x, 0);
    return commit(x);
}

bool reply_finish(struct bobbin_exchange *x)
{
    struct stream *stream = &x->client->stream;
    bool whole = !x->overrun && (!x->has_length || x->bodyless || x->written == x->length);
    if (whole && x->chunked && !x->bodyless) {
        struct port_piece last = {"0\r\n\r\n", 5};
        stream_write(stream, &last, 1);
    }
    x->stage = REPLY_DONE;
    return whole;
}
