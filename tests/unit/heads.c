/* Feeds http_parse, and puts its findings in words. */
#include "heads.h"

#include <stdio.h>
#include <string.h>

#include "guarded.h"
#include "unit.h"

static struct guarded guarded;

void heads_open(void)
{
    guarded_open(&guarded);
}

void heads_close(void)
{
    guarded_close(&guarded);
}

enum http_result head_parse_in_steps(struct http_parser *parser, const struct http_limits *limits,
                                     struct bobbin_span head, size_t start, size_t step)
{
    size_t length = start;
    memset(parser, 0, sizeof *parser);
    for (;;) {
        /* A copy at another place each time, as the parser allows; it drops nothing here, so nothing is lost. */
        size_t left = length;
        enum http_result result = http_parse(parser, limits, guarded_copy(&guarded, head.data, length), &left);
        assert_int_equal(left, length);
        if (result != HTTP_MORE || length == head.length)
            return result;
        length = head.length - length < step ? head.length : length + step;
    }
}

const char *head_with(struct http_parser *parser, const char *lines)
{
    static const struct http_limits limits = {.head = 4096, .request_line = 1024, .fields = 32};
    static char text[4096];
    size_t length = (size_t)snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", lines);
    assert_true(length < sizeof text);
    char *head = guarded_copy(&guarded, text, length);
    memset(parser, 0, sizeof *parser);
    assert_int_equal(http_parse(parser, &limits, head, &length), HTTP_DONE);
    return head;
}

static const char *method_name(unsigned method)
{
    switch (method) {
    case BOBBIN_GET:
        return "GET";
    case BOBBIN_HEAD:
        return "HEAD";
    case BOBBIN_POST:
        return "POST";
    case BOBBIN_PUT:
        return "PUT";
    case BOBBIN_DELETE:
        return "DELETE";
    case BOBBIN_PATCH:
        return "PATCH";
    case BOBBIN_OPTIONS:
        return "OPTIONS";
    default:
        return "none of ours";
    }
}

struct head_text head_text(const struct http_parser *parser, const char *head, size_t length)
{
    struct head_text line;
    size_t n = 0, room = sizeof line.text;
    assert_true(http_parse_length(parser) <= length);
    assert_true(parser->target.start + parser->target.length <= length);
    assert_true(parser->authority.start + parser->authority.length <= length);
    assert_true(parser->target.length + parser->authority.length < room / 2);
    n += (size_t)snprintf(line.text, room, "%s %.*s HTTP/1.%u host=%.*s", method_name(parser->method),
                          (int)parser->target.length, head + parser->target.start, (unsigned)parser->minor,
                          (int)parser->authority.length, head + parser->authority.start);
    if (parser->has_length)
        n += (size_t)snprintf(line.text + n, room - n, " length=%llu", (unsigned long long)parser->content_length);
    if (parser->chunked)
        n += (size_t)snprintf(line.text + n, room - n, " chunked");
    if (parser->close)
        n += (size_t)snprintf(line.text + n, room - n, " close");
    if (parser->keep_alive)
        n += (size_t)snprintf(line.text + n, room - n, " keep-alive");
    if (parser->expect_continue)
        n += (size_t)snprintf(line.text + n, room - n, " continue");
    if (parser->expect_other)
        n += (size_t)snprintf(line.text + n, room - n, " expects");
    if (length > http_parse_length(parser))
        snprintf(line.text + n, room - n, " rest=%zu", length - http_parse_length(parser));
    return line;
}
