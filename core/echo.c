/* The echo protocol: to each piece received, "OK..." and the piece. On the client's thread. */
#include "client.h"
#include "config.h"

static void serve(struct client *client)
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

static void refuse(struct client *client)
{
    static const struct port_piece answer = {"BUSY: all places are taken, try again later\n", 44};
    stream_send(&client->stream, &answer, 1);
}

void bobbin_config_init_echo(struct bobbin_config *config)
{
    static const struct bobbin_protocol echo = {serve, refuse};
    config_set_defaults(config, &echo);
}
