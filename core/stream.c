/* One buffer for input and output. On the client's thread. */
#include "stream.h"

#include <string.h>

#include "bobbin/error.h"

#define REPLY_ROOM 192 /* a reply's head, of some 150 bytes */

/* Where input has to end: three eighths of the buffer are for replies, so that small bodies go with their heads. */
static size_t input_end(const struct stream *stream, size_t keep)
{
    size_t end = stream->size - stream->size * 3 / 8;
    if (end > stream->limit - REPLY_ROOM)
        end = stream->limit - REPLY_ROOM;
    return end - keep;
}

void stream_start(struct stream *stream, struct port_socket *socket, char *buffer, size_t size,
                  uint32_t send_timeout_ms, uint32_t min_rate)
{
    memset(stream, 0, sizeof *stream);
    stream->socket = socket;
    stream->buffer = buffer;
    stream->size = stream->limit = size;
    budget_start(&stream->send, send_timeout_ms, min_rate);
}

bool stream_is_full(const struct stream *stream, size_t keep)
{
    return stream->in_end >= input_end(stream, keep);
}

static size_t due(const struct stream *stream)
{
    return stream->out_end - stream->out_begin;
}

/* With nothing due, output starts right behind the input: the fewest pages are touched so. */
static void restart_output(struct stream *stream, size_t at)
{
    memmove(stream->buffer + at, stream->buffer + stream->out_end, stream->draft);
    stream->out_begin = stream->out_end = at;
}

void stream_compact(struct stream *stream, size_t from)
{
    memmove(stream->buffer, stream->buffer + from, stream->in_end - from);
    stream->in_begin -= from;
    stream->in_end -= from;
}

struct bobbin_span stream_due(const struct stream *stream)
{
    return (struct bobbin_span){stream->buffer + stream->out_begin, due(stream)};
}

void stream_sent(struct stream *stream, size_t length)
{
    stream->out_begin += length;
    if (due(stream) == 0)
        restart_output(stream, stream->in_end);
}

/* Takes `sent` bytes off the front. */
static size_t advance(struct port_piece *pieces, size_t count, size_t sent)
{
    size_t first = 0;
    while (first < count && sent >= pieces[first].length)
        sent -= pieces[first++].length;
    for (size_t i = first; i < count; i++)
        pieces[i - first] = pieces[i];
    if (first < count) {
        pieces[0].data = (const char *)pieces[0].data + sent;
        pieces[0].length -= sent;
    }
    return count - first;
}

/* Sends it all. A deadline that passes counts only if the peer was too slow over the whole reply. */
static int send_all(struct stream *stream, struct port_piece *pieces, size_t count)
{
    while (stream->error == 0 && count > 0) {
        size_t sent;
        uint64_t start = port_clock_ms();
        int result = port_send(stream->socket, pieces, count, budget_deadline(&stream->send, start), &sent);
        bool more = budget_spend(&stream->send, port_clock_ms() - start, sent);
        if (result == 0)
            break;
        count = advance(pieces, count, sent);
        if (result != BOBBIN_TIMEOUT || !more)
            stream->error = result;
    }
    return stream->error;
}

int stream_flush(struct stream *stream)
{
    struct port_piece piece = {stream->buffer + stream->out_begin, due(stream)};
    if (piece.length == 0)
        return stream->error;
    int error = send_all(stream, &piece, 1);
    restart_output(stream, stream->in_end);
    return error;
}

int stream_fill(struct stream *stream, size_t keep, uint64_t deadline)
{
    int error = stream_flush(stream);
    if (error < 0)
        return error;
    size_t room_end = input_end(stream, keep);
    if (stream->draft > 0) {
        if (room_end + stream->draft > stream->limit)
            return BOBBIN_TOO_BIG;
        restart_output(stream, room_end);
    }
    if (stream->in_end >= room_end)
        return BOBBIN_TOO_BIG;
    int got = port_recv(stream->socket, stream->buffer + stream->in_end, room_end - stream->in_end, deadline);
    if (got > 0)
        stream->in_end += (size_t)got;
    if (stream->draft == 0)
        stream->out_begin = stream->out_end = stream->in_end;
    return got;
}

int stream_send(struct stream *stream, const struct port_piece *pieces, size_t count)
{
    struct port_piece all[PORT_PIECES];
    all[0] = (struct port_piece){stream->buffer + stream->out_begin, due(stream)};
    memcpy(all + 1, pieces, count * sizeof *pieces);
    int error = send_all(stream, all, count + 1);
    restart_output(stream, stream->in_end);
    return error;
}

char *stream_room(struct stream *stream, size_t length)
{
    if (due(stream) == 0)
        stream->out_begin = stream->out_end = stream->in_end;
    return length > stream->limit - stream->out_end ? NULL : stream->buffer + stream->out_end;
}

void stream_wrote(struct stream *stream, size_t length)
{
    stream->out_end += length;
}

int stream_write(struct stream *stream, const struct port_piece *pieces, size_t count)
{
    size_t length = 0;
    if (stream->error < 0)
        return stream->error;
    for (size_t i = 0; i < count; i++)
        length += pieces[i].length;
    if (due(stream) == 0 && stream->draft == 0)
        stream->out_begin = stream->out_end = stream->in_end;
    if (length > stream->limit - stream->out_end)
        return stream_send(stream, pieces, count);
    for (size_t i = 0; i < count; i++) {
        memcpy(stream->buffer + stream->out_end, pieces[i].data, pieces[i].length);
        stream->out_end += pieces[i].length;
    }
    return 0;
}

/* Puts the pieces in the place of `length` bytes of the draft, from `at` on. */
static int splice(struct stream *stream, size_t at, size_t length, const struct bobbin_span *pieces, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += pieces[i].length;
    if (due(stream) == 0 && stream->draft == 0)
        stream->out_begin = stream->out_end = stream->in_end;
    if (total > stream->limit - stream->out_end - stream->draft + length) {
        int error = stream_flush(stream);
        if (error < 0)
            return error;
        restart_output(stream, stream->in_end);
        if (total > stream->limit - stream->out_end - stream->draft + length)
            return BOBBIN_TOO_BIG;
    }
    char *to = stream->buffer + stream->out_end + at;
    memmove(to + total, to + length, stream->draft - at - length);
    stream->draft += total - length;
    for (size_t i = 0; i < count; i++) {
        memcpy(to, pieces[i].data, pieces[i].length);
        to += pieces[i].length;
    }
    return 0;
}

int stream_draft(struct stream *stream, const struct bobbin_span *pieces, size_t count)
{
    return splice(stream, stream->draft, 0, pieces, count);
}

int stream_redraft(struct stream *stream, size_t length, const struct bobbin_span *pieces, size_t count)
{
    return splice(stream, 0, length, pieces, count);
}

char *stream_lend(struct stream *stream, size_t length)
{
    size_t used = stream->in_end > stream->out_end ? stream->in_end : stream->out_end;
    if (used + length + STREAM_BODY_ROOM + REPLY_ROOM > stream->limit)
        return NULL;
    stream->limit -= length;
    return stream->buffer + stream->limit;
}

void stream_new_reply(struct stream *stream)
{
    budget_start(&stream->send, stream->send.timeout_ms, stream->send.min_rate);
}

void stream_linger(struct stream *stream, uint64_t deadline)
{
    port_finish(stream->socket);
    while (port_recv(stream->socket, stream->buffer, stream->size, deadline) > 0)
        ;
}
