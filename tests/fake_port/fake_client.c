/* The fake port's clients: what a test does at the other end of a connection. */
#include <string.h>

#include "fake_world.h"

struct port_address fake_client_address(const struct fake_client *client)
{
    return client->peer;
}

/* -- what the client does -- */

void fake_feed(struct fake_client *client, const void *data, size_t length)
{
    fake_lock();
    fake_append(&client->in, data, length);
    fake_changed();
    fake_unlock();
}

void fake_feed_text(struct fake_client *client, const char *text)
{
    fake_feed(client, text, strlen(text));
}

static void set_size(size_t *field, size_t value)
{
    fake_lock();
    *field = value;
    fake_changed();
    fake_unlock();
}

void fake_window_of_new(size_t bytes)
{
    set_size(&fake_world.new_window, bytes);
}

static void set_flag(bool *flag)
{
    fake_lock();
    *flag = true;
    fake_changed();
    fake_unlock();
}

void fake_split(struct fake_client *client, size_t most)
{
    set_size(&client->split, most);
}

void fake_window(struct fake_client *client, size_t bytes)
{
    set_size(&client->window, bytes);
}

void fake_end(struct fake_client *client)
{
    set_flag(&client->ended);
}

void fake_leave(struct fake_client *client)
{
    set_flag(&client->left);
    set_flag(&client->ended);
}

void fake_drop(struct fake_client *client)
{
    set_flag(&client->dropped);
}

void fake_drop_all(void)
{
    fake_lock();
    for (struct fake_client *client = fake_world.clients; client != NULL; client = client->next)
        client->dropped = true;
    fake_changed();
    fake_unlock();
}

/* -- what the client sees -- */

static bool closed(const void *subject)
{
    return !((const struct fake_client *)subject)->socket.open;
}

static bool ended(const void *subject)
{
    const struct fake_client *client = subject;
    return client->finished || client->socket.interrupted || closed(client);
}

struct wanted {
    const struct fake_client *client;
    size_t length;
};

static bool arrived(const void *subject)
{
    const struct wanted *wanted = subject;
    return wanted->client->out.length >= wanted->length || ended(wanted->client);
}

/* Takes what there is as it comes, so that a window narrower than `size` opens again. */
size_t fake_read(struct fake_client *client, void *buffer, size_t size)
{
    size_t got = 0;

    fake_lock();
    while (got < size) {
        struct wanted wanted = {client, 1};
        fake_wait_until("the server sent less than the test reads", arrived, &wanted);
        size_t taken = fake_take(&client->out, (char *)buffer + got, size - got);
        if (taken == 0)
            break;
        got += taken;
        fake_changed();
    }
    fake_unlock();
    return got;
}

size_t fake_unread(const struct fake_client *client)
{
    fake_lock();
    size_t length = client->out.length;
    fake_unlock();
    return length;
}

size_t fake_untaken(const struct fake_client *client)
{
    fake_lock();
    size_t length = client->in.length;
    fake_unlock();
    return length;
}

unsigned fake_sends(const struct fake_client *client)
{
    fake_lock();
    unsigned sends = client->sends;
    fake_unlock();
    return sends;
}

void fake_wait_end(struct fake_client *client)
{
    fake_lock();
    fake_wait_until("the server never ended the stream", ended, client);
    fake_unlock();
}

void fake_wait_closed(struct fake_client *client)
{
    fake_lock();
    fake_wait_until("the server never closed the connection", closed, client);
    fake_unlock();
}

bool fake_is_ended(const struct fake_client *client)
{
    fake_lock();
    bool is = ended(client);
    fake_unlock();
    return is;
}

bool fake_is_closed(const struct fake_client *client)
{
    fake_lock();
    bool is = closed(client);
    fake_unlock();
    return is;
}

bool fake_is_accepted(const struct fake_client *client)
{
    fake_lock();
    bool is = client->accepted;
    fake_unlock();
    return is;
}

bool fake_was_cut(const struct fake_client *client)
{
    fake_lock();
    bool is = client->cut;
    fake_unlock();
    return is;
}
