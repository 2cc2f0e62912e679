/* Field lines, for the parser: pure; any thread. */
#ifndef HTTP_FIELDS_H
#define HTTP_FIELDS_H

#include "http_parse.h"

/* The first byte at or behind `from` that is no token's byte, or no field value's; `end` where all are. */
const char *http_pass_token(const char *from, const char *end);
const char *http_pass_value(const char *from, const char *end);

/* Where a part of the head stands, as an offset. */
struct http_range http_range_of(const char *head, const char *from, const char *to);

/* The name of the field line that starts at `line`; length 0 where its colon has not come. */
struct bobbin_span http_name_at(const char *line, const char *end);

/* Checks a whole line, without its CRLF, and notes what the server itself needs of it. MORE, or an error. */
enum http_result http_heed_line(struct http_parser *parser, const char *head, struct bobbin_span line);

/* Whether the server itself needs the field. */
bool http_is_heeded(struct bobbin_span name);

#endif
