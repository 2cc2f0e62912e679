/* Content with validators: what of it goes out, with which status (RFC 9110 §13, §14). On the client's thread. */
#include "bobbin/content.h"

#include "client.h"
#include "codings.h"
#include "conditions.h"
#include "multipart.h"
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

/* The head of 200 or 206; `range`: the value of Content-Range, data NULL for none. */
static int draft_head(struct bobbin_exchange *x, const struct bobbin_content *content, int64_t modified, int status,
                      const char *type, struct bobbin_span range)
{
    int error = reply_status(x, status);
    if (error == 0)
        error = add_field(x, "Content-Type", type);
    if (error == 0 && range.data != NULL)
        error = reply_field(x, "Content-Range", range);
    if (error == 0)
        error = add_cache_fields(x, content);
    if (error == 0)
        error = add_modified(x, modified);
    if (error == 0)
        error = add_field(x, "Content-Encoding", content->encoding);
    return error < 0 ? error : bobbin_header(x, "Accept-Ranges", "bytes");
}

/* -- the body -- */

int content_write(struct bobbin_exchange *x, const struct bobbin_content *content, struct range range)
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
    return error < 0 || x->bodyless ? error : content_write(x, content, range);
}

static int send_whole(struct bobbin_exchange *x, const struct bobbin_content *content, int64_t modified)
{
    int status = x->stage == REPLY_NONE ? 200 : x->status; /* the handler's own */
    int error = draft_head(x, content, modified, status, content->type, (struct bobbin_span){NULL, 0});
    return error < 0 ? error : send_body(x, content, (struct range){0, content->length});
}

static int send_range(struct bobbin_exchange *x, const struct bobbin_content *content, int64_t modified,
                      struct range range)
{
    char text[RANGES_TEXT_MAX];
    int error = draft_head(x, content, modified, 206, content->type, ranges_text(&range, content->length, text));
    return error < 0 ? error : send_body(x, content, range);
}

static int answer_unsatisfiable(struct bobbin_exchange *x, const struct bobbin_content *content)
{
    char text[RANGES_TEXT_MAX];
    return reply_error(x, 416, "Content-Range", ranges_text(NULL, content->length, text));
}

static int send_ranges(struct bobbin_exchange *x, const struct bobbin_content *content, int64_t modified,
                       const struct ranges *ranges)
{
    char type[MULTIPART_TYPE_MAX];
    multipart_type(content, type);
    int error = draft_head(x, content, modified, 206, type, (struct bobbin_span){NULL, 0});
    if (error == 0)
        error = bobbin_length(x, multipart_length(content, ranges, type));
    return error < 0 ? error : multipart_write(x, content, ranges, type);
}

/* -- what is sent -- */

static int send_asked(struct bobbin_exchange *x, const struct bobbin_content *content,
                      const struct validators *validators, int64_t now)
{
    struct ranges ranges;
    struct bobbin_span name = {"Range", 5}, range = http_field(&x->parser, x->head, name);
    if (range.data == NULL || http_field_next(&x->parser, x->head, name, range).data != NULL ||
        bobbin_method(x) != BOBBIN_GET || /* §14.2: of GET alone */
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
