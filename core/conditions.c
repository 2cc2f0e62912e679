/* Compares a request's conditions with what the content is now (RFC 9110 §8.8, §13). Pure; any thread. */
#include "conditions.h"

#include <string.h>

#include "bobbin/content.h"
#include "date.h"

/* What a field with a list of entity tags says of the content. */
enum listed {
    LISTED_ABSENT, /* there is no such field */
    LISTED_BROKEN, /* its value is no such list */
    LISTED_NOT,
    LISTED,
};

struct tag_list {
    size_t count;
    bool any;   /* "*" is in it, where nothing else may be */
    bool found; /* the content's own tag is in it */
};

static bool is_weak(struct bobbin_span tag)
{
    return tag.length > 0 && tag.data[0] == 'W';
}

/* Bytes of the entity tag that starts there: [ "W/" ] DQUOTE *etagc DQUOTE (§8.8.3). 0: none does. */
static size_t tag_length(const char *at, const char *end)
{
    const char *start = at;
    if (end - at >= 2 && at[0] == 'W' && at[1] == '/')
        at += 2;
    if (at == end || *at++ != '"')
        return 0;
    while (at < end && *at != '"') {
        unsigned char byte = (unsigned char)*at++;
        if (byte <= ' ' || byte == 0x7f)
            return 0;
    }
    return at < end ? (size_t)(at + 1 - start) : 0;
}

bool conditions_is_etag(struct bobbin_span text)
{
    return text.length > 0 && tag_length(text.data, text.data + text.length) == text.length;
}

/* §8.8.3.2: strongly only where both are strong. */
static bool is_same_tag(struct bobbin_span a, struct bobbin_span b, bool strongly)
{
    struct bobbin_span *tags[] = {&a, &b};
    for (size_t i = 0; i < 2; i++) {
        if (!is_weak(*tags[i]))
            continue;
        if (strongly)
            return false;
        tags[i]->data += 2;
        tags[i]->length -= 2;
    }
    return span_equal(a, b);
}

/* "*" or entity tags. Not split at commas, which may stand inside a tag. False: neither. */
static bool read_tags(struct bobbin_span value, struct bobbin_span etag, bool strongly, struct tag_list *list)
{
    const char *at = value.data, *end = at + value.length;
    while (at < end) {
        if (*at == ',' || *at == ' ' || *at == '\t') {
            at++;
            continue;
        }
        size_t length = *at == '*' ? 1 : tag_length(at, end);
        if (length == 0)
            return false;
        list->any |= *at == '*';
        list->found |= is_same_tag((struct bobbin_span){at, length}, etag, strongly);
        list->count++;
        at += length;
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
        if (at < end && *at != ',')
            return false;
    }
    return true;
}

static enum listed find_tag(const struct http_parser *parser, const char *head, struct bobbin_span field,
                            struct bobbin_span etag, bool strongly)
{
    struct tag_list list = {.count = 0};
    struct bobbin_span value = http_field(parser, head, field);
    if (value.data == NULL)
        return LISTED_ABSENT;
    for (; value.data != NULL; value = http_field_next(parser, head, field, value))
        if (!read_tags(value, etag, strongly, &list))
            return LISTED_BROKEN;
    if (list.any && list.count > 1)
        return LISTED_BROKEN;
    return list.any || list.found ? LISTED : LISTED_NOT;
}

/* The value of a field that may come once; data NULL: it did not come once. */
static struct bobbin_span single_value(const struct http_parser *parser, const char *head, struct bobbin_span field)
{
    struct bobbin_span value = http_field(parser, head, field);
    if (value.data != NULL && http_field_next(parser, head, field, value).data != NULL)
        value.data = NULL;
    return value;
}

static int64_t date_of(const struct http_parser *parser, const char *head, struct bobbin_span field, int64_t now)
{
    struct bobbin_span value = single_value(parser, head, field);
    return value.data != NULL ? date_parse(value, now) : BOBBIN_TIME_UNKNOWN;
}

/* The client wants the content only as it was when it last saw it (§13.1.1, §13.1.4). */
static bool has_changed(const struct http_parser *parser, const char *head, const struct validators *validators,
                        int64_t now)
{
    enum listed listed = find_tag(parser, head, (struct bobbin_span){"If-Match", 8}, validators->etag, true);
    if (listed != LISTED_ABSENT)
        return listed != LISTED;
    int64_t since = date_of(parser, head, (struct bobbin_span){"If-Unmodified-Since", 19}, now);
    return since != BOBBIN_TIME_UNKNOWN && validators->modified > since; /* unknown is less than any date */
}

/* The client has the content already (§13.1.2, §13.1.3). */
static bool is_known(const struct http_parser *parser, const char *head, const struct validators *validators,
                     int64_t now)
{
    enum listed listed = find_tag(parser, head, (struct bobbin_span){"If-None-Match", 13}, validators->etag, false);
    if (listed != LISTED_ABSENT) /* a broken one too: §13.1.3 wants no date heeded beside it */
        return listed == LISTED;
    int64_t since = date_of(parser, head, (struct bobbin_span){"If-Modified-Since", 17}, now);
    if (since == BOBBIN_TIME_UNKNOWN || validators->modified == BOBBIN_TIME_UNKNOWN || (now >= 0 && since > now))
        return false;
    return validators->modified <= since;
}

int conditions_check(const struct http_parser *parser, const char *head, const struct validators *validators,
                     int64_t now)
{
    if (has_changed(parser, head, validators, now))
        return 412;
    return is_known(parser, head, validators, now) ? 304 : 0;
}

bool conditions_range_holds(const struct http_parser *parser, const char *head, const struct validators *validators,
                            int64_t now)
{
    const struct bobbin_span field = {"If-Range", 8};
    if (http_field(parser, head, field).data == NULL)
        return true;
    struct bobbin_span value = single_value(parser, head, field);
    if (value.data == NULL)
        return false;
    if (conditions_is_etag(value))
        return is_same_tag(value, validators->etag, true);
    int64_t modified = validators->modified;
    if (now < 0 || modified == BOBBIN_TIME_UNKNOWN || modified >= now)
        return false;
    return date_parse(value, now) == modified;
}
