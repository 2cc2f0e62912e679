/* Which content codings a client takes: Accept-Encoding (RFC 9110 §12.4.2, §12.5.3). Pure; any thread. */
#ifndef CODINGS_H
#define CODINGS_H

#include "http_parse.h"

/* 0 (not at all) to 1000. Several lines of the field count as one list; "x-gzip" is gzip; "*" is whatever is not
 * named; "identity" is 1 where neither it nor "*" is named: acceptable, but asked for last. A q that cannot be parsed
 * is 0. Without the field 0, and 1000 for "identity". */
int codings_weight(const struct http_parser *parser, const char *head, const char *coding);

#endif
