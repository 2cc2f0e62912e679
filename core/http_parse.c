/* The request head, line by line (RFC 9112 §2 to §6). Pure. A line is looked at once, when its LF is there; only a
 * line that is being dropped is checked in pieces. */
#include "http_parse.h"

#include <string.h>

#include "http_fields.h"
#include "uri.h"

#define EMPTY_LINES_MAX 8 /* tolerated before a request line (RFC 9112 §2.2) */
#define METHOD_MAX      32

enum stage {
    STAGE_REQUEST_LINE,
    STAGE_FIELDS,
    STAGE_SKIP,    /* inside a field line that is dropped as it comes */
    STAGE_SKIP_CR, /* its CR came: LF has to follow */
    STAGE_DONE,
};

size_t http_parse_length(const struct http_parser *parser)
{
    return parser->line;
}

/* -- the request line (RFC 9112 §3) -- */

static uint16_t method_of(struct bobbin_span name)
{
    static const struct {
        char name[8];
        uint16_t method;
    } known[] = {{"GET", BOBBIN_GET},       {"HEAD", BOBBIN_HEAD},   {"POST", BOBBIN_POST},      {"PUT", BOBBIN_PUT},
                 {"DELETE", BOBBIN_DELETE}, {"PATCH", BOBBIN_PATCH}, {"OPTIONS", BOBBIN_OPTIONS}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (bobbin_span_is(name, known[i].name))
            return known[i].method;
    return 0; /* CONNECT and TRACE too: an origin server needs neither */
}

static enum http_result parse_version(struct http_parser *parser, struct bobbin_span version)
{
    if (version.length != 8 || memcmp(version.data, "HTTP/", 5) != 0 || version.data[6] != '.')
        return HTTP_BAD;
    char major = version.data[5], minor = version.data[7];
    if (major < '0' || major > '9' || minor < '0' || minor > '9')
        return HTTP_BAD;
    if (major != '1')
        return HTTP_VERSION_UNKNOWN;
    parser->minor = minor == '0' ? 0 : 1; /* a later minor version is answered as 1.1 (RFC 9110 §2.5) */
    return HTTP_MORE;
}

/* "http://" authority [path]: the target is what stands behind the authority (RFC 9112 §3.2.2). */
static enum http_result parse_absolute(struct http_parser *parser, const char *head, struct bobbin_span target)
{
    static const char scheme[] = "http://";
    const size_t skip = sizeof scheme - 1;
    if (target.length <= skip || !bobbin_span_is_nocase((struct bobbin_span){target.data, skip}, scheme))
        return HTTP_BAD;
    const char *from = target.data + skip, *end = target.data + target.length, *path = from;
    while (path < end && *path != '/' && *path != '?')
        path++;
    if (!uri_is_authority((struct bobbin_span){from, (size_t)(path - from)}))
        return HTTP_BAD;
    parser->authority = http_range_of(head, from, path);
    parser->target = http_range_of(head, path, end); /* empty, or only a query: the path is "/" */
    return HTTP_MORE;
}

static enum http_result parse_target(struct http_parser *parser, const char *head, struct bobbin_span target)
{
    if (target.length == 0 || !uri_is_target(target))
        return HTTP_BAD;
    if (target.data[0] != '/' && !(target.length == 1 && target.data[0] == '*'))
        return parse_absolute(parser, head, target);
    if (target.data[0] == '*' && parser->method != BOBBIN_OPTIONS)
        return HTTP_BAD; /* RFC 9112 §3.2.4 */
    parser->target = http_range_of(head, target.data, target.data + target.length);
    return HTTP_MORE;
}

static enum http_result parse_request_line(struct http_parser *parser, const char *head, struct bobbin_span line)
{
    const char *end = line.data + line.length;
    parser->request_line = http_range_of(head, line.data, end);
    const char *method_end = http_pass_token(line.data, end);
    if (method_end == line.data || method_end == end || *method_end != ' ')
        return HTTP_BAD;
    parser->method = method_of((struct bobbin_span){line.data, (size_t)(method_end - line.data)});
    const char *target = method_end + 1;
    const char *target_end = memchr(target, ' ', (size_t)(end - target));
    if (target_end == NULL)
        return HTTP_BAD;
    enum http_result result =
        parse_version(parser, (struct bobbin_span){target_end + 1, (size_t)(end - target_end - 1)});
    if (result == HTTP_MORE && parser->method == 0)
        return HTTP_NOT_IMPLEMENTED; /* and its target may have a form of its own, as CONNECT's */
    if (result == HTTP_MORE)
        result = parse_target(parser, head, (struct bobbin_span){target, (size_t)(target_end - target)});
    parser->stage = STAGE_FIELDS;
    return result;
}

/* -- lines -- */

static enum http_result count_field(struct http_parser *parser, const struct http_limits *limits)
{
    if (parser->fields >= limits->fields)
        return HTTP_FIELDS_TOO_LARGE;
    parser->fields++;
    return HTTP_MORE;
}

/* The empty line: what only the whole head tells. */
static enum http_result finish(struct http_parser *parser, const char *empty_line, const char *head)
{
    parser->first_field.length = (uint32_t)(empty_line - head) - parser->first_field.start;
    if (parser->minor >= 1 && !parser->has_host)
        return HTTP_BAD; /* RFC 9112 §3.2 */
    if (parser->transfer_coding) {
        if (parser->has_length || parser->minor == 0)
            return HTTP_BAD; /* request smuggling's tools (RFC 9112 §6.1, §6.3) */
        if (!parser->chunked)
            return HTTP_NOT_IMPLEMENTED;
    }
    if (parser->minor == 0)
        parser->expect_continue = parser->expect_other = false; /* RFC 9110 §10.1.1 */
    if (parser->expect_other)
        return HTTP_EXPECTATION_FAILED;
    parser->stage = STAGE_DONE;
    return HTTP_DONE;
}

static enum http_result take_line(struct http_parser *parser, const struct http_limits *limits, const char *head,
                                  struct bobbin_span line)
{
    if (parser->stage == STAGE_REQUEST_LINE) {
        if (line.length == 0)
            return ++parser->fields > EMPTY_LINES_MAX ? HTTP_BAD : HTTP_MORE;
        parser->fields = 0;
        if (line.length > limits->request_line)
            return HTTP_URI_TOO_LONG;
        enum http_result result = parse_request_line(parser, head, line);
        parser->first_field.start = (uint32_t)(line.data + line.length + 2 - head);
        return result;
    }
    if (line.length == 0)
        return finish(parser, line.data, head);
    enum http_result result = count_field(parser, limits);
    return result == HTTP_MORE ? http_heed_line(parser, head, line) : result;
}

/* Whether a line that has not ended is too long already. Its length cannot count a CR that belongs to its end. */
static enum http_result check_unfinished(const struct http_parser *parser, const struct http_limits *limits,
                                         const char *head, size_t length)
{
    if (parser->dropped + length > limits->head)
        return parser->stage == STAGE_REQUEST_LINE ? HTTP_URI_TOO_LONG : HTTP_FIELDS_TOO_LARGE;
    if (parser->stage != STAGE_REQUEST_LINE)
        return HTTP_MORE;
    size_t line = length - parser->line;
    const char *method = head + parser->line;
    if (line > METHOD_MAX && http_pass_token(method, method + METHOD_MAX) == method + METHOD_MAX)
        return HTTP_NOT_IMPLEMENTED; /* RFC 9112 §3: a method longer than any that is implemented */
    return line > limits->request_line + 1 ? HTTP_URI_TOO_LONG : HTTP_MORE;
}

/* Inside a line that is dropped: checks what came of it and takes that out, so that no field can start in it. */
static enum http_result skip(struct http_parser *parser, char *head, size_t *length)
{
    const char *at = head + parser->line, *end = head + *length;
    if (parser->stage == STAGE_SKIP) {
        at = http_pass_value(at, end);
        if (at < end && *at++ != '\r')
            return HTTP_BAD;
        if (at > head + parser->line && at[-1] == '\r')
            parser->stage = STAGE_SKIP_CR;
    }
    if (parser->stage == STAGE_SKIP_CR && at < end) {
        if (*at++ != '\n')
            return HTTP_BAD;
        parser->stage = STAGE_FIELDS;
    }
    parser->dropped += (uint32_t)(at - (head + parser->line));
    memmove(head + parser->line, at, (size_t)(end - at));
    *length -= (size_t)(at - (head + parser->line));
    return HTTP_MORE;
}

enum http_result http_parse(struct http_parser *parser, const struct http_limits *limits, char *head, size_t *length)
{
    if (parser->stage == STAGE_SKIP || parser->stage == STAGE_SKIP_CR) {
        if (parser->fields > limits->fields)
            return HTTP_FIELDS_TOO_LARGE; /* the line was counted when it began to be dropped */
        enum http_result result = skip(parser, head, length);
        if (result != HTTP_MORE)
            return result;
        if (parser->stage != STAGE_FIELDS)
            return check_unfinished(parser, limits, head, *length);
    }
    const char *lf;
    while ((lf = memchr(head + parser->scanned, '\n', *length - parser->scanned)) != NULL) {
        const char *line = head + parser->line;
        parser->scanned = (uint32_t)(lf + 1 - head);
        if (lf == line || lf[-1] != '\r')
            return HTTP_BAD; /* a bare LF (RFC 9112 §2.2) */
        if (parser->dropped + parser->scanned > limits->head)
            return parser->stage == STAGE_REQUEST_LINE ? HTTP_URI_TOO_LONG : HTTP_FIELDS_TOO_LARGE;
        enum http_result result =
            take_line(parser, limits, head, (struct bobbin_span){line, (size_t)(lf - 1 - line)});
        parser->line = parser->scanned;
        if (result != HTTP_MORE)
            return result;
    }
    parser->scanned = (uint32_t)*length;
    return check_unfinished(parser, limits, head, *length);
}

/* -- dropping -- */

static bool needed(struct bobbin_span name, http_keep *keep, const void *context)
{
    return http_is_heeded(name) || (keep != NULL && keep(name, context));
}

/* Moves `range` down where it stands behind what was taken out. */
static void move_down(struct http_range *range, uint32_t behind, uint32_t by)
{
    if (range->start > behind)
        range->start -= by;
}

/* Takes out the whole lines that nobody needs: returns the bytes gained. */
static uint32_t drop_lines(struct http_parser *parser, char *head, size_t length, http_keep *keep,
                           const void *context)
{
    uint32_t at = parser->first_field.start, before = (uint32_t)length;
    while (at < parser->line) {
        const char *lf = memchr(head + at, '\n', parser->line - at);
        uint32_t line = (uint32_t)(lf + 1 - (head + at));
        if (needed(http_name_at(head + at, lf), keep, context)) {
            at += line;
            continue;
        }
        memmove(head + at, head + at + line, length - at - line);
        length -= line;
        parser->line -= line;
        parser->scanned -= line;
        move_down(&parser->authority, at, line);
    }
    return before - (uint32_t)length;
}

size_t http_parse_drop(struct http_parser *parser, char *head, size_t length, http_keep *keep, const void *context)
{
    if (parser->stage != STAGE_FIELDS)
        return length;
    uint32_t gained = drop_lines(parser, head, length, keep, context);
    length -= gained;
    parser->dropped += gained;
    struct bobbin_span name = http_name_at(head + parser->line, head + length);
    if (gained > 0 || name.length == 0 || needed(name, keep, context))
        return length; /* first see whether the unfinished line fits now */
    /* Its beginning is checked here, its rest by skip(). */
    struct bobbin_span value = {name.data + name.length + 1, length - parser->line - name.length - 1};
    const char *value_end = value.data + value.length;
    const char *bad = http_pass_value(value.data, value_end);
    if (parser->fields == UINT16_MAX || bad + 1 < value_end || (bad < value_end && *bad != '\r'))
        return length; /* left as it is: broken, which shows when the line ends, or when it does not fit */
    parser->fields++;
    parser->stage = bad < value_end ? STAGE_SKIP_CR : STAGE_SKIP;
    parser->dropped += (uint32_t)(length - parser->line);
    parser->scanned = parser->line;
    return parser->line;
}
