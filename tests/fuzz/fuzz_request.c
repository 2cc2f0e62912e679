/* A request from its first byte to its body's last: whatever the pieces it comes in, and however small the buffer,
 * it is the same request or none. */
#include <stdbool.h>
#include <string.h>

#include "bobbin/error.h"
#include "fuzz.h"
#include "http_body.h"
#include "http_parse.h"
#include "route.h"
#include "uri.h"

#define INPUT_MAX 16384

static const struct http_limits limits = {.head = 8192, .request_line = 1024, .fields = 24};

static bool is_kept(struct bobbin_span name, const void *context)
{
    (void)context;
    return bobbin_span_is_nocase(name, "X-Keep");
}

static bool same_text(const char *head_a, struct http_range a, const char *head_b, struct http_range b)
{
    return span_equal((struct bobbin_span){head_a + a.start, a.length},
                      (struct bobbin_span){head_b + b.start, b.length});
}

/* Everything that decides where the request goes and where it ends. */
static void must_be_same(const struct http_parser *a, const char *head_a, const struct http_parser *b,
                         const char *head_b)
{
    must(a->method == b->method && a->minor == b->minor);
    must(a->has_length == b->has_length && a->content_length == b->content_length);
    must(a->chunked == b->chunked && a->transfer_coding == b->transfer_coding);
    must(a->close == b->close && a->keep_alive == b->keep_alive);
    must(a->expect_continue == b->expect_continue && a->expect_other == b->expect_other);
    must(same_text(head_a, a->request_line, head_b, b->request_line));
    must(same_text(head_a, a->target, head_b, b->target));
    must(same_text(head_a, a->authority, head_b, b->authority));
    must(a->dropped + http_parse_length(a) == b->dropped + http_parse_length(b));
    struct bobbin_span name = {"X-Keep", 6}, value_a = {NULL, 0}, value_b = {NULL, 0};
    do {
        value_a = http_field_next(a, head_a, name, value_a);
        value_b = http_field_next(b, head_b, name, value_b);
        must((value_a.data == NULL) == (value_b.data == NULL));
        must(span_equal(value_a, value_b));
    } while (value_a.data != NULL);
}

/* Reads into `room` bytes of its own, which the caller frees; a full buffer drops what it can. */
static enum http_result parse_in_pieces(struct http_parser *parser, const char *text, size_t size, char *buffer,
                                        size_t room, uint32_t random)
{
    size_t length = 0, given = 0;
    memset(parser, 0, sizeof *parser);
    for (;;) {
        enum http_result result = http_parse(parser, &limits, buffer, &length);
        must(length <= room);
        if (result != HTTP_MORE || given == size)
            return result;
        if (length == room) {
            length = http_parse_drop(parser, buffer, length, is_kept, NULL);
            must(length <= room);
            if (length == room)
                return HTTP_FIELDS_TOO_LARGE;
        }
        size_t most = size - given < room - length ? size - given : room - length;
        size_t piece = 1 + next_random(&random, most);
        memcpy(buffer + length, text + given, piece);
        length += piece;
        given += piece;
    }
}

/* The normal form is short, rooted, climbs nowhere, and is its own normal form. */
static void try_path(struct bobbin_span path)
{
    char *normal = malloc(path.length + 1), *again = malloc(path.length + 1);
    must(normal != NULL && again != NULL);
    int length = uri_normalize(path, normal);
    must(length <= (int)path.length);
    must(length == BOBBIN_MALFORMED || length > 0);
    if (length < 0) {
        must(!uri_path_is_normal(path));
    } else {
        static const struct bobbin_route routes[] = {
            {.pattern = "/hello", .methods = BOBBIN_GET},
            {.pattern = "/a/{b}/c", .methods = BOBBIN_GET | BOBBIN_POST},
            {.pattern = "/{a}/{b}", .methods = BOBBIN_PUT},
            {.pattern = "/a/*", .methods = BOBBIN_DELETE},
        };
        struct bobbin_span span = {normal, (size_t)length};
        must(normal[0] == '/' && memchr(normal, '\0', span.length) == NULL);
        must(uri_path_is_normal(span) && uri_normalize(span, again) == length);
        must(memcmp(normal, again, span.length) == 0);
        must(uri_path_is_normal(path) == span_equal(path, span));
        for (size_t i = 0; i + 2 < span.length; i++)
            must(memcmp(normal + i, "/..", 3) != 0 || (i + 3 < span.length && normal[i + 3] != '/'));
        for (unsigned method = BOBBIN_GET; method <= BOBBIN_OPTIONS; method <<= 1) {
            struct route_match match = route_find(routes, 4, span, (enum bobbin_method)method);
            must(match.route == NULL || (match.allowed & method) != 0);
            for (size_t i = 0; match.route != NULL && i < 3; i++) {
                struct bobbin_span name = {&"ab*"[i], 1}, value = route_parameter(match.route, span, name);
                must(value.data == NULL || (value.data >= normal && value.data + value.length <= normal + length));
            }
        }
    }
    free(normal);
    free(again);
}

/* Values read the same from any query, however small the buffer. */
static void try_query(struct bobbin_span query)
{
    char large[INPUT_MAX + 1], small[4];
    int length = bobbin_value(query, "a", large, sizeof large);
    int short_length = bobbin_value(query, "a", small, sizeof small);
    must(length == BOBBIN_NOT_FOUND || length == BOBBIN_MALFORMED || length >= 0);
    must(length < 0 || strlen(large) == (size_t)length);
    must(short_length == length || short_length == BOBBIN_TOO_BIG);
    must(short_length < 0 || strcmp(large, small) == 0);
}

static void try_target(const struct http_parser *parser, const char *head)
{
    struct bobbin_span target = {head + parser->target.start, parser->target.length};
    const char *mark = memchr(target.data, '?', target.length);
    size_t path_length = mark != NULL ? (size_t)(mark - target.data) : target.length;
    must(uri_is_target(target));
    if (path_length > 0 && target.data[0] == '/')
        try_path((struct bobbin_span){target.data, path_length});
    if (mark != NULL)
        try_query((struct bobbin_span){mark + 1, target.length - path_length - 1});
}

static void try_body(const struct http_parser *parser, const char *in, size_t length)
{
    struct http_body body;
    if (parser->chunked)
        http_body_chunked(&body);
    else if (parser->has_length)
        http_body_length(&body, parser->content_length);
    else
        memset(&body, 0, sizeof body);
    enum http_result result = HTTP_MORE;
    uint64_t content = 0;
    while (length > 0 && result == HTTP_MORE) {
        size_t used = 0;
        struct bobbin_span data;
        result = http_body_next(&body, in, length, &used, &data);
        must(used <= length && (used > 0 || result != HTTP_MORE));
        content += data.length;
        in += used;
        length -= used;
    }
    must(parser->chunked || result != HTTP_BAD);
    must(parser->chunked || result != HTTP_DONE || content == parser->content_length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX)
        return 0;
    uint32_t random = random_of(data, size);
    size_t small_room = 1 + next_random(&random, size + 1);
    char *whole = malloc(size + 1), *pieces = malloc(size + 1), *small = malloc(small_room);
    must(whole != NULL && pieces != NULL && small != NULL);
    memcpy(whole, data, size);

    struct http_parser parser, in_pieces, in_small;
    size_t length = size;
    memset(&parser, 0, sizeof parser);
    enum http_result result = http_parse(&parser, &limits, whole, &length);
    must(length == size);
    must(result != HTTP_DONE || http_parse_length(&parser) <= size);

    /* Which error it is may hang on how much of it is seen at once; that it is one may not. */
    enum http_result other = parse_in_pieces(&in_pieces, (const char *)data, size, pieces, size + 1, random);
    must(other == result || (result >= HTTP_BAD && other >= HTTP_BAD));
    enum http_result smaller = parse_in_pieces(&in_small, (const char *)data, size, small, small_room, random);
    must(smaller >= HTTP_BAD || smaller == result);
    if (result == HTTP_DONE) {
        must_be_same(&parser, whole, &in_pieces, pieces);
        if (smaller == HTTP_DONE)
            must_be_same(&parser, whole, &in_small, small);
        try_target(&parser, whole);
        try_body(&parser, whole + http_parse_length(&parser), size - http_parse_length(&parser));
    }
    free(whole);
    free(pieces);
    free(small);
    return 0;
}
