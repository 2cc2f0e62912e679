/* Content with validators: what of it goes out, with which status (RFC 9110 §13, §14). On the client's thread. */
#include "bobbin/content.h"

#include "client.h"
#include "codings.h"
#include "conditions.h"
#include "ranges.h"

/* For who names them in a route; in the order of use. */
const char *const bobbin_content_fields[] = {
    "If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since", "Range", "If-Range", "Accept-Encoding",
    NULL,
};

int bobbin_accepts_encoding(const struct bobbin_exchange *x, const char *coding)
{
    return codings_weight(&x->parser, x->head, coding);
}

/* -- the head -- */

static int add_field(struct bobbin_exchange *x, const char *name, const char *value)
{
    return value == NULL ? 0 : bobbin_header(x, name, value);
}

static int add_modified(struct bobbin_exchange *x, int64_t modified)
{
    char date[DATE_LENGTH];
    if (modified < 0 || modified > DATE_MAX)
        return 0; /* before 1970, or after the year 9999: no date for HTTP */
    date_format(modified, date);
    return reply_field(x, "Last-Modified", (struct bobbin_span){date, sizeof date});
}

/* What a 304 tells too (§15.4.5). */
static int add_cache_fields(struct bobbin_exchange *x, const struct bobbin_content *content)
{
    int error = add_field(x, "ETag", content->etag);
    if (error == 0)
        error = add_field(x, "Cache-Control", content->cache_control);
    if (error == 0 && content->varies)
        error = bobbin_header(x, "Vary", "Accept-Encoding");
    return error;
}

static int add_fields(struct bobbin_exchange *x, const struct bobbin_content *content, int64_t modified)
{
    int error = add_cache_fields(x, content);
    if (error == 0)
        error = add_modified(x, modified);
    if (error == 0)
        error = add_field(x, "Content-Encoding", content->encoding);
    return error < 0 ? error : bobbin_header(x, "Accept-Ranges", "bytes");
}

/* -- the body -- */

static int write_part(struct bobbin_exchange *x, const struct bobbin_content *content, struct range range)
{
    if (content->data == NULL)
        return range.length == 0 ? 0 : content->write(x, content, range.first, range.length);
    return bobbin_write(x, (const char *)content->data + range.first, (size_t)range.length);
}

/* Head and body; of a reply to HEAD only the head, since nobody is to read the content then. */
static int send_body(struct bobbin_exchange *x, const struct bobbin_content *content, struct range range)
{
    int error = bobbin_length(x, range.length);
    if (error == 0)
        error = reply_commit(x);
    return error < 0 || x->bodyless ? error : write_part(x, content, range);
}

static int send_whole(struct bobbin_exchange *x, const struct bobbin_content *content, int64_t modified)
{
    int error = x->stage == REPLY_NONE ? reply_status(x, 200) : 0;
    if (error == 0)
        error = add_field(x, "Content-Type", content->type);
    if (error == 0)
        error = add_fields(x, content, modified);
    return error < 0 ? error : send_body(x, content, (struct range){0, content->length});
}

/* "bytes 0-99/1234", or of no range "bytes * /1234" (without the space). */
#define CONTENT_RANGE_MAX (sizeof "bytes -/" + 3 * 20)

static struct bobbin_span content_range(const struct range *range, uint64_t length, char *text)
{
    static const char unit[] = {'b', 'y', 't', 'e', 's', ' '};
    size_t n = 0;
    for (; n < sizeof unit; n++)
        text[n] = unit[n];
    if (range == NULL) {
        text[n++] = '*';
    } else {
        n += span_from_u64(text + n, range->first);
        text[n++] = '-';
        n += span_from_u64(text + n, range->first + range->length - 1);
    }
    text[n++] = '/';
    n += span_from_u64(text + n, length);
    return (struct bobbin_span){text, n};
}

static int send_range(struct bobbin_exchange *x, const struct bobbin_content *content, int64_t modified,
                      struct range range)
{
    char text[CONTENT_RANGE_MAX];
    int error = reply_status(x, 206);
    if (error == 0)
        error = add_field(x, "Content-Type", content->type);
    if (error == 0)
        error = reply_field(x, "Content-Range", content_range(&range, content->length, text));
    if (error == 0)
        error = add_fields(x, content, modified);
    return error < 0 ? error : send_body(x, content, range);
}

static int answer_unsatisfiable(struct bobbin_exchange *x, const struct bobbin_content *content)
{
    char text[CONTENT_RANGE_MAX];
    return reply_error(x, 416, "Content-Range", content_range(NULL, content->length, text));
}

/* -- several ranges: multipart/byteranges (§14.6) -- */

#define BOUNDARY_LENGTH 24

/* It must not occur in the content: 64 bits of what the content and the moment are make that as good as sure. */
static void make_boundary(const struct bobbin_content *content, char *out)
{
    static const char digits[] = "0123456789abcdef", name[] = "bobbin--";
    uint32_t halves[2] = {2166136261u ^ (uint32_t)port_clock_ms(), 2166136261u ^ (uint32_t)content->length};
    for (const char *at = content->etag; at != NULL && *at != '\0'; at++) { /* FNV-1a */
        halves[0] = (halves[0] ^ (unsigned char)*at) * 16777619u;
        halves[1] = (halves[1] ^ halves[0]) * 16777619u;
    }
    for (size_t i = 0; i < BOUNDARY_LENGTH; i++)
        out[i] = i < sizeof name - 1 ? name[i] : digits[(halves[i % 2] >> (i / 2 % 8 * 4)) & 15];
}

/* The head of a part; of NULL, what stands behind the last. Its length; written unless `measure`. */
static int64_t part_head(struct bobbin_exchange *x, const struct bobbin_content *content, const struct range *range,
                         struct bobbin_span boundary, bool measure)
{
    char text[CONTENT_RANGE_MAX];
    struct bobbin_span pieces[7] = {{"\r\n--", 4}, boundary, {"--\r\n", 4}};
    size_t count = 3, length = 0;
    if (range != NULL) {
        const char *type = content->type;
        pieces[2] = span_of(type == NULL ? "" : "\r\nContent-Type: ");
        pieces[3] = span_of(type == NULL ? "" : type);
        pieces[4] = span_of("\r\nContent-Range: ");
        pieces[5] = content_range(range, content->length, text);
        pieces[6] = span_of("\r\n\r\n");
        count = 7;
    }
    for (size_t i = 0; i < count; i++) {
        int error = measure ? 0 : bobbin_write(x, pieces[i].data, pieces[i].length);
        if (error < 0)
            return error;
        length += pieces[i].length;
    }
    return (int64_t)length;
}

static int send_parts(struct bobbin_exchange *x, const struct bobbin_content *content, const struct ranges *ranges,
                      struct bobbin_span boundary)
{
    uint64_t length = (uint64_t)part_head(x, content, NULL, boundary, true);
    for (size_t i = 0; i < ranges->count; i++)
        length += (uint64_t)part_head(x, content, &ranges->at[i], boundary, true) + ranges->at[i].length;
    int error = bobbin_length(x, length);
    for (size_t i = 0; i < ranges->count && error == 0; i++) {
        int64_t wrote = part_head(x, content, &ranges->at[i], boundary, false);
        error = wrote < 0 ? (int)wrote : write_part(x, content, ranges->at[i]);
    }
    return error < 0 ? error : (int)part_head(x, content, NULL, boundary, false);
}

static int send_ranges(struct bobbin_exchange *x, const struct bobbin_content *content, int64_t modified,
                       const struct ranges *ranges)
{
    static const char type[] = "multipart/byteranges; boundary=";
    char text[sizeof type + BOUNDARY_LENGTH];
    struct bobbin_span boundary = {text + sizeof type - 1, BOUNDARY_LENGTH};
    for (size_t i = 0; i < sizeof type; i++)
        text[i] = type[i];
    make_boundary(content, text + sizeof type - 1);
    text[sizeof text - 1] = '\0';
    int error = reply_status(x, 206);
    if (error == 0)
        error = add_field(x, "Content-Type", text);
    if (error == 0)
        error = add_fields(x, content, modified);
    if (error == 0)
        error = send_parts(x, content, ranges, boundary);
    return error < 0 ? error : 0;
}

/* -- what is sent -- */

static int send_asked(struct bobbin_exchange *x, const struct bobbin_content *content,
                      const struct validators *validators, int64_t now)
{
    struct ranges ranges;
    struct bobbin_span range = bobbin_field(x, "Range");
    if (range.data == NULL || bobbin_method(x) != BOBBIN_GET || /* §14.2: of GET alone */
        !conditions_range_holds(&x->parser, x->head, validators, now))
        return send_whole(x, content, validators->modified);
    switch (ranges_parse(range, content->length, &ranges)) {
    case RANGES_NONE:
        return answer_unsatisfiable(x, content);
    case RANGES_SOME:
        return ranges.count == 1 ? send_range(x, content, validators->modified, ranges.at[0])
                                 : send_ranges(x, content, validators->modified, &ranges);
    case RANGES_ALL:
        break;
    }
    return send_whole(x, content, validators->modified);
}

int bobbin_reply_content(struct bobbin_exchange *x, const struct bobbin_content *content)
{
    int64_t now = port_wall_clock();
    struct validators validators = {{NULL, 0}, content->modified};
    if (x->stage > REPLY_FIELDS)
        return BOBBIN_WRONG_ORDER;
    if (content->etag != NULL)
        validators.etag = span_of(content->etag);
    if (content->etag != NULL && !conditions_is_etag(validators.etag))
        return BOBBIN_INVALID;
    if (now >= 0 && validators.modified > now)
        validators.modified = now; /* §8.8.2.1: never later than Date */
    bool get = bobbin_method(x) == BOBBIN_GET || bobbin_method(x) == BOBBIN_HEAD;
    if (!get || (x->stage == REPLY_FIELDS && x->status != 200))
        return send_whole(x, content, validators.modified);
    int status = conditions_check(&x->parser, x->head, &validators, now);
    if (status == 0)
        return send_asked(x, content, &validators, now);
    if (status != 304)
        return status;
    int error = reply_status(x, 304);
    if (error == 0)
        error = add_cache_fields(x, content);
    if (error == 0 && content->etag == NULL)
        error = add_modified(x, validators.modified);
    return error < 0 ? error : reply_commit(x);
}
