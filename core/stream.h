/* A connection's bytes, both ways, in one buffer: input in front, output behind it.
 *
 *     0          in_begin      in_end       out_begin     out_end          limit
 *     | the head | not yet used |            | to be sent  | draft |        |
 *
 * Input is received only when nothing is left to send, so that the peer always has the answers to all that it sent
 * before we wait for more of it; thus neither needs room of its own. The last bytes are kept free of input, so
 * that there is always room for a reply's head. The draft is a reply's head that may still change.
 *
 * Owned by the client's thread. */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "budget.h"
#include "port.h"
#include "span.h"

/* Input behind a head, where the body is: what the framing of chunks needs at least. */
#define STREAM_BODY_ROOM 64

struct stream {
    struct port_socket *socket;
    char *buffer;
    size_t size;
    size_t limit; /* of output: size, less what is lent out at the end */
    size_t in_begin, in_end;
    size_t out_begin, out_end, draft; /* draft: bytes behind out_end */
    struct budget send;               /* of the reply that is being sent */
    int error;                        /* the first send that failed: all later ones fail alike */
};

void stream_start(struct stream *stream, struct port_socket *socket, char *buffer, size_t size,
                  uint32_t send_timeout_ms, uint32_t min_rate);

/* Bytes received and not used yet. */
static inline struct bobbin_span stream_input(const struct stream *stream)
{
    return (struct bobbin_span){stream->buffer + stream->in_begin, stream->in_end - stream->in_begin};
}

static inline void stream_use(struct stream *stream, size_t length)
{
    stream->in_begin += length;
}

/* With all input used: the next goes to `at`. */
static inline void stream_reset_input(struct stream *stream, size_t at)
{
    stream->in_begin = stream->in_end = at;
}

/* Moves what stands behind `from` to the buffer's start: nothing may be waiting to be sent. */
void stream_compact(struct stream *stream, size_t from);

/* Sends what is due, then receives behind the input, but for the last `keep` bytes that input may take: the count, 0
 * at the peer's end, TOO_BIG: there is no room. A head keeps STREAM_BODY_ROOM, a body nothing. */
int stream_fill(struct stream *stream, size_t keep, uint64_t deadline);
bool stream_is_full(const struct stream *stream, size_t keep);

/* Takes out `length` bytes of input that end where it ends: a head got shorter. */
static inline void stream_cut_input(struct stream *stream, size_t length)
{
    stream->in_end -= length;
}

/* Puts bytes of a reply behind those before, or sends them where there is no room. Not while there is a draft. */
int stream_write(struct stream *stream, const struct port_piece *pieces, size_t count);

/* Room behind the bytes of a reply for `length` more, NULL where there is none; stream_wrote says how many of them
 * are part of it. Not while there is a draft. */
char *stream_room(struct stream *stream, size_t length);
void stream_wrote(struct stream *stream, size_t length);

/* What is due, for who sends it past these functions, and says then how many bytes of it went out. */
struct bobbin_span stream_due(const struct stream *stream);
void stream_sent(struct stream *stream, size_t length);

/* Sends what is due and then the pieces (up to PORT_PIECES - 1), past the buffer and past a draft. */
int stream_send(struct stream *stream, const struct port_piece *pieces, size_t count);

int stream_flush(struct stream *stream);

/* Adds the pieces to the draft: TOO_BIG where they do not fit, even after what was due is sent; the draft is then as
 * it was. */
int stream_draft(struct stream *stream, const struct bobbin_span *pieces, size_t count);
/* Puts the pieces in the place of the draft's first `length` bytes; as stream_draft. */
int stream_redraft(struct stream *stream, size_t length, const struct bobbin_span *pieces, size_t count);

static inline void stream_drop_draft(struct stream *stream)
{
    stream->draft = 0;
}

static inline void stream_commit_draft(struct stream *stream)
{
    stream->out_end += stream->draft;
    stream->draft = 0;
}

/* Bytes at the buffer's end for the exchange, until stream_return; NULL where a body and a reply's head would not
 * have room beside them. */
char *stream_lend(struct stream *stream, size_t length);

static inline void stream_return(struct stream *stream)
{
    stream->limit = stream->size;
}

/* A new reply, with a budget of its own. */
void stream_new_reply(struct stream *stream);

/* Ends our side and reads on until the peer has ended its own, so that it gets to read what was sent last instead
 * of a reset (RFC 9112 §9.6). */
void stream_linger(struct stream *stream, uint64_t deadline);

#endif
