/* From bytes to a request head (RFC 9112 §2 to §6). Pure: no I/O, no memory but the caller's; any thread.
 *
 * The caller keeps the head's bytes from its first byte on, and calls http_parse each time that it has more of
 * them. Nothing is read twice. What the parser notes are offsets, so the bytes may move between two calls. */
#ifndef HTTP_PARSE_H
#define HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bobbin/exchange.h"
#include "span.h"

/* HTTP_MORE and HTTP_DONE, else the status that answers the error (RFC 9110 §15). */
enum http_result {
    HTTP_MORE = 0,
    HTTP_DONE = 1,
    HTTP_BAD = 400,
    HTTP_TOO_LARGE = 413,
    HTTP_URI_TOO_LONG = 414,
    HTTP_EXPECTATION_FAILED = 417,
    HTTP_FIELDS_TOO_LARGE = 431,
    HTTP_NOT_IMPLEMENTED = 501,
    HTTP_VERSION_UNKNOWN = 505,
};

struct http_limits {
    size_t head;         /* bytes of the whole head as sent */
    size_t request_line; /* bytes of it without CRLF */
    size_t fields;       /* field lines */
};

struct http_range {
    uint32_t start; /* from the head's first byte */
    uint32_t length;
};

/* All zero before a head's first byte. */
struct http_parser {
    uint8_t stage; /* enum in http_parse.c */
    uint8_t minor; /* HTTP/1.x: 0 or 1 */
    bool has_host, has_length, chunked, transfer_coding;
    bool close, keep_alive; /* tokens of Connection (RFC 9110 §7.6.1) */
    bool expect_continue, expect_other;
    uint16_t fields;                /* lines so far */
    uint16_t method;                /* enum bobbin_method, 0: a method that is none of ours */
    uint32_t line;                  /* where the line that is being read starts */
    uint32_t scanned;               /* no LF before here */
    uint32_t dropped;               /* bytes of the head that are no longer there */
    struct http_range request_line; /* without CRLF */
    struct http_range target;    /* origin-form ("/x?y", of an absolute-form the part behind the authority) or "*" */
    struct http_range authority; /* host[:port] */
    struct http_range first_field; /* start of the field lines; length: up to the empty line */
    uint64_t content_length;       /* where has_length */
};

/* `*length` bytes of the head are at `head`, those of earlier calls among them. DONE: the head ends at
 * http_parse_length(), what follows is body or the next request. An error is final. Bytes of a line that
 * http_parse_drop began to drop are taken out as they come: `*length` gets less by them. */
enum http_result http_parse(struct http_parser *parser, const struct http_limits *limits, char *head, size_t *length);

size_t http_parse_length(const struct http_parser *parser);

/* Whether an application wants a field kept that the server itself does not need. */
typedef bool http_keep(struct bobbin_span name, const void *context);

/* The buffer is full and the head is not done: takes out the field lines that neither the server nor `keep`
 * needs and returns the new length; where there are none, the unfinished line at the end if it is not needed
 * either; nothing gained: returns `length`. Lines taken out count for the limits and were checked as all others
 * are; an unfinished one goes on to be checked by http_parse. Drops nothing before the request line is parsed. */
size_t http_parse_drop(struct http_parser *parser, char *head, size_t length, http_keep *keep, const void *context);

/* After DONE: the value of the first line of that name, trimmed; data NULL where there is none. */
struct bobbin_span http_field(const struct http_parser *parser, const char *head, struct bobbin_span name);

/* As http_field, for the line after `previous`, a value that an earlier call gave (data NULL: the first). */
struct bobbin_span http_field_next(const struct http_parser *parser, const char *head, struct bobbin_span name,
                                   struct bobbin_span previous);

/* Whether text can be a field's name (a token, RFC 9110 §5.6.2), or its value (§5.5). */
bool http_is_token(struct bobbin_span text);
bool http_is_field_value(struct bobbin_span text);

#endif
