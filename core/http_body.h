/* Where a request's body ends: by its length or by its chunks (RFC 9112 §6, §7.1). Pure; any thread. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "http_parse.h"

/* Chunk extensions and trailer lines, of all chunks together; more is an attack (BAD). */
#define HTTP_BODY_EXTRA_MAX 4096

struct http_body {
    uint64_t left;  /* bytes of data to come, of this chunk or of the whole body */
    uint32_t extra; /* bytes of extensions and trailers so far */
    uint8_t state;  /* enum in http_body.c; 0: it is done */
    uint8_t digits; /* of the chunk size */
};

/* A body that is all zero has no bytes. */
void http_body_length(struct http_body *body, uint64_t length);
void http_body_chunked(struct http_body *body);

/* Takes the bytes that follow: `*used` of them, of which `*data` (a part of `in`, may be empty) is content. MORE:
 * call again with what follows `used`, or with later bytes. DONE: the message ended after `*used` bytes, and
 * `*data` holds the last of it. BAD: the framing is broken. length 0 asks whether it is done already. */
enum http_result http_body_next(struct http_body *body, const char *in, size_t length, size_t *used,
                                struct bobbin_span *data);

/* How many bytes may be taken past the decoder, all of them content: the caller reads them into its own memory
 * and reports them with http_body_took. 0: the decoder has to see what comes. */
uint64_t http_body_plain(const struct http_body *body);
void http_body_took(struct http_body *body, uint64_t length);

static inline bool http_body_done(const struct http_body *body)
{
    return body->state == 0;
}

#endif
