/* Bytes of a file onto a stream: read into the buffer, or sent by the port. On the client's thread. */
#include "file_send.h"

#include "bobbin/error.h"

static int by_buffer(struct stream *stream, const struct port_file *file, uint64_t offset, size_t length,
                     uint64_t *sent)
{
    char *room = stream_room(stream, length);
    int got = port_file_read(file, offset, room, length);
    if (got < 0)
        return BOBBIN_FAILED;
    stream_wrote(stream, (size_t)got);
    *sent += (uint64_t)got;
    return (size_t)got < length ? BOBBIN_FAILED : 0;
}

/* As a deadline of stream_send: one that passes counts only if the peer was too slow over the whole reply. */
static int past_buffer(struct stream *stream, const struct port_file *file, uint64_t offset, uint64_t length,
                       uint64_t *sent)
{
    int result = BOBBIN_TIMEOUT;
    while (stream->error == 0 && result == BOBBIN_TIMEOUT) {
        struct bobbin_span head = stream_due(stream);
        struct port_piece piece = {head.data, head.length};
        uint64_t went, start = port_clock_ms();
        result = port_send_file(stream->socket, &piece, head.length > 0, file, offset, length,
                                budget_deadline(&stream->send, start), &went);
        bool more = budget_spend(&stream->send, port_clock_ms() - start, went);
        size_t of_head = went < head.length ? (size_t)went : head.length;
        stream_sent(stream, of_head);
        offset += went - of_head;
        length -= went - of_head;
        *sent += went - of_head;
        if (result < 0 && result != BOBBIN_FAILED && (result != BOBBIN_TIMEOUT || !more))
            stream->error = result;
    }
    return result == BOBBIN_FAILED ? result : stream->error;
}

int file_send(struct stream *stream, const struct port_file *file, uint64_t offset, uint64_t length, uint64_t *sent)
{
    if (stream->error < 0)
        return stream->error;
    if (length <= stream->size && stream_room(stream, (size_t)length) != NULL)
        return by_buffer(stream, file, offset, (size_t)length, sent);
    return past_buffer(stream, file, offset, length, sent);
}
