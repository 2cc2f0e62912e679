/* Which route answers a path: a handler, or 404, or 405 and its Allow (RFC 9110 §15.5.6). Pure; any thread. */
#ifndef ROUTE_H
#define ROUTE_H

#include "bobbin/bobbin.h"
#include "span.h"

struct route_match {
    const struct bobbin_route *route; /* NULL: none for this method */
    unsigned allowed;                 /* methods that the path has, HEAD with GET and OPTIONS among them; 0: 404 */
};

/* `path` in normal form (uri.h). Where several match, the most exact; among equals the first. */
struct route_match route_find(const struct bobbin_route *routes, size_t count, struct bobbin_span path,
                              enum bobbin_method method);

/* Methods of all routes together: for "OPTIONS *". */
unsigned route_methods(const struct bobbin_route *routes, size_t count);

/* What "{name}" or "*" matched, still in normal form; data NULL: the pattern has no such part. */
struct bobbin_span route_parameter(const struct bobbin_route *route, struct bobbin_span path,
                                   struct bobbin_span name);

/* A pattern begins with "/"; "{name}" is a whole segment with a name; "*" only as the last one. */
bool route_pattern_valid(const char *pattern);

/* Whether some path and method would suit both and neither is the other's fallback: reported at start. A plain
 * segment beside "{name}" overlaps; whatever "*" catches beside a more exact pattern does not. */
bool route_overlap(const struct bobbin_route *a, const struct bobbin_route *b);

/* "GET, HEAD, OPTIONS" into `out`, which has room for ROUTE_ALLOW_MAX bytes; its length, without a NUL. */
#define ROUTE_ALLOW_MAX 64
size_t route_allow(unsigned methods, char *out);

#endif
