/* Content that stays for a while: with validators, so that clients can ask whether theirs still holds (conditional
 * requests, RFC 9110 §13), resume and seek (ranges, §14). A picture of a camera, a log, a page in the binary
 * (pages.h), a file (files.h): all go this one way.
 *
 *     static int frame(struct bobbin_exchange *x, void *context)
 *     {
 *         struct camera *camera = context;
 *         struct bobbin_content content = {.type = "image/jpeg", .etag = camera->etag, .modified = camera->taken,
 *                                          .data = camera->jpeg, .length = camera->length};
 *         return bobbin_reply_content(x, &content);
 *     }
 *
 * As all of exchange.h: on the client's own thread, from a handler. */
#ifndef BOBBIN_CONTENT_H
#define BOBBIN_CONTENT_H

#include "bobbin/exchange.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BOBBIN_TIME_UNKNOWN INT64_MIN

struct bobbin_content {
    const char *type;          /* Content-Type; NULL: none is sent */
    const char *etag;          /* an entity tag with its quotes, `"33a64df5"`, or weak, `W/"..."`; NULL: none */
    int64_t modified;          /* seconds since 1970-01-01 UTC; BOBBIN_TIME_UNKNOWN: no Last-Modified */
    const char *encoding;      /* Content-Encoding, "gzip"; NULL: none */
    const char *cache_control; /* NULL: none is sent */
    bool varies;               /* the same URL has other encodings: Vary: Accept-Encoding */
    uint64_t length;           /* bytes */

    const void *data; /* all of it; or NULL, and: */
    /* Writes bytes `offset` to `offset + length` with bobbin_write. Not called for HEAD or where the client has the
     * content. 0 or a negative error, which ends the connection. */
    int (*write)(struct bobbin_exchange *x, const struct bobbin_content *content, uint64_t offset, uint64_t length);
    void *source; /* for `write` */
};

/* Answers GET or HEAD: 200 with all of it, 206 with the ranges asked for, 304, 412 or 416. Fields of the handler's
 * own may precede, a status other than 200 makes it ignore what was asked for. INVALID: the etag is none, or a text
 * cannot be a field's value. */
int bobbin_reply_content(struct bobbin_exchange *x, const struct bobbin_content *content);

/* For struct bobbin_route: the request's fields that decide what of the content is sent, which are kept even where
 * the head does not fit the buffer. */
extern const char *const bobbin_content_fields[];

/* How much the client wants a content coding, "gzip", "br" or "identity": 0 (not at all) to 1000, by Accept-Encoding
 * (RFC 9110 §12.5.3). "identity" is 1 where the field does not speak of it; without the field it is 1000, all others
 * 0. */
int bobbin_accepts_encoding(const struct bobbin_exchange *x, const char *coding);

/* The Content-Type of a name by its extension, without case; "application/octet-stream" where it is none of the
 * table's (media_types.def). */
const char *bobbin_media_type(struct bobbin_span name);

#ifdef __cplusplus
}
#endif

#endif
