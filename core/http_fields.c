/* Field lines: what bytes they are made of, which of them the server itself heeds, and finding them again (RFC 9110
 * §5, RFC 9112 §5). Pure. */
#include "http_fields.h"

#include <string.h>

#include "chars.h"
#include "uri.h"

/* field-vchar, obs-text, SP, HTAB (RFC 9110 §5.5). */
static bool is_value_byte(uint8_t byte)
{
    return byte >= ' ' ? byte != 0x7f : byte == '\t';
}

const char *http_pass_token(const char *from, const char *end)
{
    while (from < end && char_is(*from, CHAR_TOKEN))
        from++;
    return from;
}

/* Whether all bytes of a word are SP to "~": then none has its highest bit, nor has it less SP, nor it and one. */
static bool is_printable_word(size_t word)
{
    const size_t ones = SIZE_MAX / 255;
    return ((word | (word - ones * ' ') | (word + ones)) & ones << 7) == 0;
}

const char *http_pass_value(const char *from, const char *end)
{
    size_t word;
    while ((size_t)(end - from) >= sizeof word && (memcpy(&word, from, sizeof word), is_printable_word(word)))
        from += sizeof word;
    while (from < end && is_value_byte((uint8_t)*from))
        from++;
    return from;
}

bool http_is_token(struct bobbin_span text)
{
    const char *end = text.data + text.length;
    return text.length > 0 && http_pass_token(text.data, end) == end;
}

bool http_is_field_value(struct bobbin_span text)
{
    const char *end = text.data + text.length;
    return http_pass_value(text.data, end) == end;
}

struct http_range http_range_of(const char *head, const char *from, const char *to)
{
    return (struct http_range){.start = (uint32_t)(from - head), .length = (uint32_t)(to - from)};
}

struct bobbin_span http_name_at(const char *line, const char *end)
{
    const char *colon = http_pass_token(line, end);
    bool whole = colon < end && *colon == ':';
    return (struct bobbin_span){line, whole ? (size_t)(colon - line) : 0};
}

/* -- the fields that the server itself heeds (RFC 9112 §3.2, §6; RFC 9110 §7.6.1, §10.1.1) -- */

static enum http_result heed_host(struct http_parser *parser, const char *head, struct bobbin_span value)
{
    if (parser->has_host || !uri_is_authority(value))
        return HTTP_BAD;
    parser->has_host = true;
    if (parser->authority.length == 0) /* an absolute target goes before Host */
        parser->authority = http_range_of(head, value.data, value.data + value.length);
    return HTTP_MORE;
}

static enum http_result heed_content_length(struct http_parser *parser, const char *head, struct bobbin_span value)
{
    (void)head;
    if (parser->has_length || value.length == 0)
        return HTTP_BAD; /* also where both say the same: nobody honest sends that */
    for (size_t i = 0; i < value.length; i++)
        if (value.data[i] < '0' || value.data[i] > '9')
            return HTTP_BAD;
    parser->has_length = true;
    return span_to_u64(value, &parser->content_length) ? HTTP_MORE : HTTP_TOO_LARGE;
}

static enum http_result heed_transfer_encoding(struct http_parser *parser, const char *head, struct bobbin_span value)
{
    (void)head;
    if (parser->transfer_coding)
        return HTTP_BAD; /* a second line: chunked would not be the last and only one */
    parser->transfer_coding = true;
    parser->chunked = bobbin_span_is_nocase(value, "chunked");
    if (parser->chunked)
        return HTTP_MORE;
    struct bobbin_span coding;
    unsigned codings = 0, chunked = 0;
    bool last = false;
    while (span_next_element(&value, &coding)) {
        codings++;
        last = bobbin_span_is_nocase(coding, "chunked");
        chunked += last;
    }
    /* A coding that we do not know is answered as such at the end of the head, 501. */
    bool unknown = chunked == 0 ? codings > 0 : chunked == 1 && last && codings > 1;
    return unknown ? HTTP_MORE : HTTP_BAD;
}

static enum http_result heed_connection(struct http_parser *parser, const char *head, struct bobbin_span value)
{
    (void)head;
    struct bobbin_span token;
    while (span_next_element(&value, &token)) {
        if (bobbin_span_is_nocase(token, "close"))
            parser->close = true;
        else if (bobbin_span_is_nocase(token, "keep-alive"))
            parser->keep_alive = true;
    }
    return HTTP_MORE;
}

static enum http_result heed_expect(struct http_parser *parser, const char *head, struct bobbin_span value)
{
    (void)head;
    if (bobbin_span_is_nocase(value, "100-continue"))
        parser->expect_continue = true;
    else
        parser->expect_other = true;
    return HTTP_MORE;
}

typedef enum http_result heed(struct http_parser *parser, const char *head, struct bobbin_span value);

/* `heed` NULL: the reply's form hangs on the field, so it is kept, but nothing is to be noted. */
static const struct heeded {
    const char *name;
    heed *heed;
} heeded_fields[] = {{"Host", heed_host},
                     {"Content-Length", heed_content_length},
                     {"Transfer-Encoding", heed_transfer_encoding},
                     {"Connection", heed_connection},
                     {"Expect", heed_expect},
                     {"Accept", NULL},
                     {"Content-Type", NULL}};

static const struct heeded *heeded_of(struct bobbin_span name)
{
    for (size_t i = 0; i < sizeof heeded_fields / sizeof *heeded_fields; i++)
        if (bobbin_span_is_nocase(name, heeded_fields[i].name))
            return &heeded_fields[i];
    return NULL;
}

bool http_is_heeded(struct bobbin_span name)
{
    return heeded_of(name) != NULL;
}

enum http_result http_heed_line(struct http_parser *parser, const char *head, struct bobbin_span line)
{
    const char *end = line.data + line.length;
    const char *colon = http_pass_token(line.data, end);
    if (colon == line.data || colon == end || *colon != ':')
        return HTTP_BAD; /* obs-fold, space before the colon, no name, no colon (RFC 9112 §5.1, §5.2) */
    struct bobbin_span value = {colon + 1, (size_t)(end - colon - 1)};
    if (!http_is_field_value(value))
        return HTTP_BAD; /* bare CR, NUL and their like (RFC 9110 §5.5) */
    const struct heeded *field = heeded_of((struct bobbin_span){line.data, (size_t)(colon - line.data)});
    return field != NULL && field->heed != NULL ? field->heed(parser, head, span_trim(value)) : HTTP_MORE;
}

/* -- looking fields up -- */

struct bobbin_span http_field_next(const struct http_parser *parser, const char *head, struct bobbin_span name,
                                   struct bobbin_span previous)
{
    const char *at = head + parser->first_field.start, *end = at + parser->first_field.length;
    if (previous.data != NULL) {
        const char *lf = memchr(previous.data, '\n', (size_t)(end - previous.data));
        at = lf + 1;
    }
    while (at < end) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        struct bobbin_span found = http_name_at(at, lf);
        if (span_equal_nocase(found, name))
            return span_trim((struct bobbin_span){at + found.length + 1, (size_t)(lf - 1 - at) - found.length - 1});
        at = lf + 1;
    }
    return (struct bobbin_span){NULL, 0};
}

struct bobbin_span http_field(const struct http_parser *parser, const char *head, struct bobbin_span name)
{
    return http_field_next(parser, head, name, (struct bobbin_span){NULL, 0});
}
