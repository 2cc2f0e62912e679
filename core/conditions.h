/* Conditional requests: whether the client's copy still holds (RFC 9110 §13). Pure; any thread. */
#ifndef CONDITIONS_H
#define CONDITIONS_H

#include "http_parse.h"

/* What the server knows of the content. */
struct validators {
    struct bobbin_span etag; /* with quotes, and W/ where weak; length 0: none */
    int64_t modified;        /* seconds since 1970; BOBBIN_TIME_UNKNOWN */
};

/* Whether it is an entity tag (§8.8.3). */
bool conditions_is_etag(struct bobbin_span text);

/* In the order of §13.2.2, for GET and HEAD of content that exists: 0 go on, 304 or 412. Several lines of a list
 * field count as one. An If-Match that cannot be parsed is 412, an If-None-Match is one that names other content;
 * a date is as if it were not there. A date of If-Modified-Since later than `now` is not heeded (§13.1.3); now < 0:
 * the device does not know the time, and heeds it. */
int conditions_check(const struct http_parser *parser, const char *head, const struct validators *validators,
                     int64_t now);

/* Whether Range may be heeded: there is no If-Range, or it names this content, strongly (§13.1.5). A date counts only
 * if it equals `modified` and that was a second or more before `now` (§8.8.2.2); now < 0: never. */
bool conditions_range_holds(const struct http_parser *parser, const char *head, const struct validators *validators,
                            int64_t now);

#endif
