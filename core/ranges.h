/* Byte ranges (RFC 9110 §14.1, §14.2). Pure; any thread. */
#ifndef RANGES_H
#define RANGES_H

#include "span.h"

#define RANGES_MAX 10 /* ranges of one request; who asks for more gets all of it */
#define RANGES_GAP 96 /* bytes between two ranges that cost less than another part's head: they become one */

struct range {
    uint64_t first, length; /* length > 0 */
};

struct ranges {
    size_t count;
    struct range at[RANGES_MAX];
};

enum ranges_result {
    RANGES_ALL,  /* send everything: no byte ranges, a syntax error, too many of them, or they come to all of it */
    RANGES_SOME, /* those in `ranges`, in the order asked for, none of them overlapping or nearer than RANGES_GAP */
    RANGES_NONE, /* 416: valid, and none of them lies in the content */
};

/* The value of Content-Range (§14.4), "bytes 0-99/1234", into `out`, which has room for RANGES_TEXT_MAX bytes; where
 * `range` is NULL, that none of it could be had. */
#define RANGES_TEXT_MAX (sizeof "bytes -/" + 3 * 20)
struct bobbin_span ranges_text(const struct range *range, uint64_t length, char *out);

/* The value of Range, for content of `length` bytes. */
enum ranges_result ranges_parse(struct bobbin_span value, uint64_t length, struct ranges *ranges);

#endif
