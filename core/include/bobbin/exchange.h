/* One request and its reply, as a handler sees them.
 *
 * A handler runs on its client's own thread and may block as long as it likes; no other client waits for it. It
 * may use any function here, on its own exchange, from that thread, until it returns. Spans point into the
 * client's buffer and hold until then; they do not end in NUL.
 *
 * A handler returns 0; or a status from 400 to 599, which is answered with a short page if no reply was begun;
 * or a negative enum bobbin_error: 500 if no reply was begun, else the connection ends. */
#ifndef BOBBIN_EXCHANGE_H
#define BOBBIN_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bobbin/error.h"
#include "bobbin/span.h"

#ifdef __cplusplus
extern "C" {
#endif

struct bobbin_exchange;

enum bobbin_method {
    BOBBIN_GET = 1 << 0, /* a route that has it answers HEAD too, without the body (RFC 9110 §9.3.2) */
    BOBBIN_HEAD = 1 << 1,
    BOBBIN_POST = 1 << 2,
    BOBBIN_PUT = 1 << 3,
    BOBBIN_DELETE = 1 << 4,
    BOBBIN_PATCH = 1 << 5,
    BOBBIN_OPTIONS = 1 << 6, /* answered by the server where no route has it */
};

typedef int bobbin_handler(struct bobbin_exchange *x, void *context);

/* -- the request -- */

enum bobbin_method bobbin_method(const struct bobbin_exchange *x);

/* The path, percent-decoded once and without dot segments; begins with a slash. What would be ambiguous stays
 * encoded: "%2F" for a slash inside a segment, "%25" for a percent sign. */
struct bobbin_span bobbin_path(const struct bobbin_exchange *x);

/* What stood behind "?", still encoded; for bobbin_value. */
struct bobbin_span bobbin_query(const struct bobbin_exchange *x);

/* host[:port] that the client asked: of an absolute target, else of Host; empty in a 1.0 request without. */
struct bobbin_span bobbin_authority(const struct bobbin_exchange *x);

/* A field's value without the space around it; of several lines of that name, the first. Empty data == NULL
 * where there is none. A head larger than the buffer loses the lines that neither the server nor the route's
 * `fields` names. */
struct bobbin_span bobbin_field(const struct bobbin_exchange *x, const char *name);

/* The part of the path that "{name}" of the route matched, or "*" for the rest that "/prefix/..." did, decoded
 * into `buffer` with a NUL behind. Its length; NOT_FOUND; TOO_BIG where it and the NUL do not fit. */
int bobbin_parameter(const struct bobbin_exchange *x, const char *name, char *buffer, size_t size);

/* The value of `name` in application/x-www-form-urlencoded text, a query or a form's body: decoded ("+" is a
 * space) into `buffer` with a NUL behind. Of several, the first. Its length; NOT_FOUND; TOO_BIG; MALFORMED for
 * a bad escape or an encoded NUL. */
int bobbin_value(struct bobbin_span text, const char *name, char *buffer, size_t size);

/* The next bytes of the body, at least one; 0 at its end, also where there is none. Waits. Sends what was
 * written before, and "100 Continue" where the client waits for it. CLOSED; TIMEOUT; MALFORMED, also for a body
 * that ended early; TOO_BIG; NO_MEMORY: the reply's fields so far leave no room to read in. After an error, return:
 * the server answers what fits (408, 400, 413) if no reply was begun, and ends the connection. */
int bobbin_read(struct bobbin_exchange *x, void *buffer, size_t size);

/* The length that the client announced; -1 for a chunked body, whose length shows at its end. No body: 0. */
int64_t bobbin_body_length(const struct bobbin_exchange *x);

/* -- the reply: status, then fields, then body -- */

/* 200 to 599. Optional: without it the status is 200. WRONG_ORDER after a field. */
int bobbin_status(struct bobbin_exchange *x, int status);

/* Adds a field. INVALID: no token for a name, a control character in the value, or a field that the server sets
 * itself (Content-Length, Transfer-Encoding, Connection, Date). TOO_BIG: the buffer cannot hold the head.
 * WRONG_ORDER after the body began. A refused field leaves the head as it was. */
int bobbin_header(struct bobbin_exchange *x, const char *name, const char *value);

/* Announces the body's length. Without it a body is sent in chunks (to 1.0: until the connection ends). */
int bobbin_length(struct bobbin_exchange *x, uint64_t length);

/* The next bytes of the body: buffered while they are few, sent when they are many. CLOSED, TIMEOUT: the client
 * is gone, return. TOO_BIG: more than was announced; nothing of it is sent. A reply to HEAD counts the bytes and
 * sends none. */
int bobbin_write(struct bobbin_exchange *x, const void *data, size_t length);

/* Sends now what is buffered, for a reply that pauses (such as server-sent events). */
int bobbin_flush(struct bobbin_exchange *x);

/* A whole reply at once: Content-Type (where not NULL), length and body; status and fields may precede. */
int bobbin_reply(struct bobbin_exchange *x, const char *type, const void *body, size_t length);
int bobbin_reply_text(struct bobbin_exchange *x, const char *text); /* as text/plain; charset=utf-8 */

/* The connection ends after this reply. */
void bobbin_close_after(struct bobbin_exchange *x);

/* -- for logs -- */

struct bobbin_peer {
    char text[64];          /* "192.168.0.9:50312", "[fe80::1%2]:50312"; NUL-terminated */
    uint8_t address_length; /* of the address alone, without brackets, from address_start */
    uint8_t address_start;
};

void bobbin_peer(const struct bobbin_exchange *x, struct bobbin_peer *peer);

/* The request line as it came, or what came of it: any bytes but CR and LF. Escape it. */
struct bobbin_span bobbin_request_line(const struct bobbin_exchange *x);

/* Of the reply: its status (0: none was sent), and the bytes of its body. */
int bobbin_reply_status(const struct bobbin_exchange *x);
uint64_t bobbin_reply_bytes(const struct bobbin_exchange *x);

#ifdef __cplusplus
}
#endif

#endif
