/* What the tests of http_parse share: feeding it against a guard page, and putting what it found in words. */
#ifndef HEADS_H
#define HEADS_H

#include "http_parse.h"

void heads_open(void);
void heads_close(void);

/* On copies that a guard page ends, from the start: first `start` bytes, then `step` more each time, until the parser
 * says something but MORE. */
enum http_result head_parse_in_steps(struct http_parser *parser, const struct http_limits *limits,
                                     struct bobbin_span head, size_t start, size_t step);

/* Parses a GET with these field lines, each with its CRLF; the head, which a guard page ends. */
const char *head_with(struct http_parser *parser, const char *lines);

/* "GET / HTTP/1.1 host=a length=5 close rest=3": the last is what a parser that is DONE left of the bytes. */
struct head_text {
    char text[512];
};

struct head_text head_text(const struct http_parser *parser, const char *head, size_t length);

#endif
