/* A connection's bytes, both ways, in one buffer: input in front, output behind it.
 *
 *     0          in_begin      in_end       out_begin     out_end          limit
 *     | the head | not yet used |            | to be sent  | draft |        |
 *
 * Input is received only when nothing is left to send, so that the peer always has the answers to all that it sent
 * before we wait for more of it; thus neither needs room of its own. The last bytes are kept free of input, so
 * that there is always room for a reply's head. The draft is a reply's head that may still change.
 *
 * Owned by the client's thread. A send's deadline follows from config.h: send_timeout_ms and min_rate. */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port.h"
#include "span.h"

struct stream {
    struct port_socket *socket;
    char *buffer;
    size_t size;
    size_t limit; /* of output: size, less what is lent out at the end */
    size_t in_begin, in_end;
    size_t out_begin, out_end, draft; /* draft: bytes behind out_end */
    uint32_t send_timeout_ms, min_rate;
    uint64_t send_start; /* when the reply's first byte was to go out; 0: not yet */
    uint64_t sent;       /* bytes since */
    int error;           /* the first send that failed: all later ones fail alike */
};

void stream_start(struct stream *stream, struct port_socket *socket, char *buffer, size_t size,
                  uint32_t send_timeout_ms, uint32_t min_rate);

/* Bytes received and not used yet. */
struct bobbin_span stream_input(const struct stream *stream);
void stream_use(struct stream *stream, size_t length);

/* With all input used: the next goes to `at`. */
void stream_reset_input(struct stream *stream, size_t at);

/* Moves what stands behind `from` to the buffer's start: nothing may be waiting to be sent. */
void stream_compact(struct stream *stream, size_t from);

/* Sends what is due, then receives behind the input: the count, 0 at the peer's end, TOO_BIG: no room. */
int stream_fill(struct stream *stream, uint64_t deadline);
bool stream_is_full(const struct stream *stream);

/* Takes out `length` bytes of input that end where it ends: a head got shorter. */
void stream_cut_input(struct stream *stream, size_t length);

/* Puts bytes of a reply behind those before, or sends them where there is no room. Not while there is a draft. */
int stream_write(struct stream *stream, const struct port_piece *pieces, size_t count);

/* Sends what is due and then the pieces (up to PORT_PIECES - 1), past the buffer and past a draft. */
int stream_send(struct stream *stream, const struct port_piece *pieces, size_t count);

int stream_flush(struct stream *stream);

/* Adds to the draft: TOO_BIG where it does not fit, even after what was due is sent; the draft is as it was. */
int stream_draft(struct stream *stream, const void *data, size_t length);
void stream_drop_draft(struct stream *stream);
void stream_commit_draft(struct stream *stream);

/* Bytes at the buffer's end for the exchange; NULL where there is no room. Until stream_return. */
char *stream_lend(struct stream *stream, size_t length);
void stream_return(struct stream *stream);

/* A new reply: its deadline starts with its first byte. */
void stream_new_reply(struct stream *stream);

/* Ends our side and reads on until the peer has ended its own, so that it gets to read what was sent last instead
 * of a reset (RFC 9112 §9.6). */
void stream_linger(struct stream *stream, uint64_t deadline);

#endif
