/* The echo protocol: to each piece received, "OK..." and the piece. On the client's thread. */
#include "client.h"

void echo_serve(struct client *client)
{
    struct stream *stream = &client->stream;
    bool fresh = true;
    for (;;) {
        stream_reset_input(stream, 0);
        int got = slot_await(client->slot, client->server, stream, fresh);
        if (got <= 0)
            return;
        struct bobbin_span piece = stream_input(stream);
        stream_new_reply(stream);
        const struct port_piece answer[] = {{"OK...", 5}, {piece.data, piece.length}};
        if (stream_send(stream, answer, 2) < 0)
            return;
        fresh = false;
    }
}

void echo_refuse(struct client *client)
{
    static const struct port_piece answer = {"BUSY: all places are taken, try again later\n", 44};
    stream_send(&client->stream, &answer, 1);
}
