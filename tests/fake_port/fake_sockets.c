/* The fake port's sockets: what the server sees of the scripted network. */
#include <stdlib.h>
#include <string.h>

#include "bobbin/error.h"
#include "fake_world.h"

/* The server may name a socket only between listen or accept and close. */
static struct fake_socket *open_socket(const struct port_socket *socket, bool is_listener, const char *misuse)
{
    struct fake_socket *found = (struct fake_socket *)socket->handle;

    if (found == NULL || !found->open || found->is_listener != is_listener)
        fake_give_up(misuse);
    return found;
}

struct fake_client *fake_open_client(const struct port_socket *socket, const char *misuse)
{
    return (struct fake_client *)open_socket(socket, false, misuse);
}

/* -- listeners -- */

static bool is_any(const struct port_address *address)
{
    static const uint8_t zero[16];
    return memcmp(address->ip, zero, 16) == 0;
}

static bool is_own(const struct port_address *address)
{
    static const uint8_t loopback[16] = {[15] = 1};

    if (is_any(address))
        return true;
    return address->version == 4 ? address->ip[0] == 127 : memcmp(address->ip, loopback, 16) == 0;
}

static bool shares_family(const struct fake_socket *listener, const struct port_address *address, bool both)
{
    return listener->both || both || listener->local.version == address->version;
}

/* Whether a client of `to` would find this listener. */
static bool listens_at(const struct fake_socket *listener, const struct port_address *to)
{
    return listener->open && listener->adopted == NULL && listener->local.port == to->port &&
           shares_family(listener, to, false) &&
           (is_any(&listener->local) || memcmp(listener->local.ip, to->ip, 16) == 0);
}

static bool is_taken(const struct port_address *address, bool both)
{
    for (const struct fake_socket *other = fake_world.listeners; other != NULL; other = other->next) {
        if (listens_at(other, address))
            return true;
        if (other->open && other->adopted == NULL && other->local.port == address->port && is_any(address) &&
            shares_family(other, address, both))
            return true;
    }
    return false;
}

static int check_listen(const char *text, uint16_t port, struct port_address *address)
{
    *address = (struct port_address){.version = 6};
    if (text != NULL && !fake_parse_address(text, address))
        return BOBBIN_NO_ADDRESS;
    address->port = port;
    if (!is_own(address))
        return BOBBIN_NO_ADDRESS;
    if (port != 0 && port < 1024)
        return BOBBIN_DENIED;
    while (address->port == 0 || (port == 0 && is_taken(address, text == NULL)))
        address->port = fake_world.next_port++;
    return is_taken(address, text == NULL) ? BOBBIN_IN_USE : BOBBIN_OK;
}

int port_listen(struct port_socket *listener, const char *address, uint16_t port, int backlog)
{
    struct port_address local;

    fake_lock();
    int result = fake_fault(FAKE_LISTEN);
    if (result == 0)
        result = check_listen(address, port, &local);
    struct fake_socket *made = result == 0 ? calloc(1, sizeof *made) : NULL;
    if (made != NULL) {
        made->is_listener = made->open = true;
        made->local = local;
        made->both = address == NULL;
        made->backlog = (size_t)backlog;
        made->next = fake_world.listeners;
        fake_world.listeners = made;
        fake_world.sockets++;
        *listener = (struct port_socket){.handle = (intptr_t)made};
    }
    fake_unlock();
    return result;
}

int port_adopt(struct port_socket *listener, intptr_t handle)
{
    struct fake_socket *found = (struct fake_socket *)handle;

    fake_lock();
    int result = found == NULL || !found->open || !found->is_listener ? BOBBIN_INVALID : fake_fault(FAKE_LISTEN);
    struct fake_socket *made = result == 0 ? calloc(1, sizeof *made) : NULL;
    if (made != NULL) {
        made->is_listener = made->open = true;
        made->local = found->local;
        made->adopted = found;
        made->next = fake_world.listeners;
        fake_world.listeners = made;
        fake_world.sockets++;
        *listener = (struct port_socket){.handle = (intptr_t)made};
    }
    fake_unlock();
    return result;
}

int port_local_address(const struct port_socket *listener, struct port_address *address)
{
    fake_lock();
    *address = open_socket(listener, true, "port_local_address of a socket that is no open listener")->local;
    fake_unlock();
    return BOBBIN_OK;
}

/* -- accept -- */

/* The client that waits longest at the listener; those that left are passed over. */
static struct fake_client *next_client(const struct fake_socket *listener)
{
    const struct fake_socket *queue = listener->adopted != NULL ? listener->adopted : listener;
    struct fake_client *first = NULL;

    for (struct fake_client *client = fake_world.clients; client != NULL; client = client->next) {
        if (client->listener == queue && !client->left && !client->dropped)
            first = client; /* the list has the newest first */
    }
    return first;
}

static int find_client(const struct port_socket *listeners, size_t count, struct fake_client **client)
{
    for (size_t i = 0; i < count; i++) {
        if (open_socket(&listeners[i], true, "port_accept at a listener that is not open")->interrupted)
            return BOBBIN_CLOSED;
    }
    *client = NULL;
    for (size_t i = 0; i < count && *client == NULL; i++)
        *client = next_client((const struct fake_socket *)listeners[i].handle);
    return BOBBIN_OK;
}

int port_accept(const struct port_socket *listeners, size_t count, struct port_socket *client,
                struct port_address *peer, uint64_t deadline)
{
    struct fake_client *found;

    fake_lock();
    int result = find_client(listeners, count, &found);
    while (result == 0) {
        if (deadline <= fake_world.clock_ms)
            result = BOBBIN_TIMEOUT;
        else if (found != NULL)
            break;
        else
            fake_wait_change("accept");
        if (result == 0)
            result = find_client(listeners, count, &found);
    }
    int fault = fake_fault(FAKE_ACCEPT);
    if (result == 0 && fault != 0)
        result = fault;
    if (result == 0) {
        found->listener = NULL;
        found->accepted = true;
        fake_world.sockets++;
        *client = (struct port_socket){.handle = (intptr_t)&found->socket};
        *peer = found->peer;
        fake_changed();
    }
    fake_unlock();
    return result;
}

/* -- streams -- */

int port_recv(struct port_socket *socket, void *buffer, size_t size, uint64_t deadline)
{
    fake_lock();
    if (size == 0)
        fake_give_up("port_recv of 0 bytes");
    struct fake_client *client = fake_open_client(socket, "port_recv on a socket that is not open");
    int result = fake_fault(FAKE_RECV);
    while (result == 0) {
        if (client->socket.interrupted || client->dropped)
            result = BOBBIN_CLOSED;
        else if (deadline <= fake_world.clock_ms)
            result = BOBBIN_TIMEOUT;
        else if (client->in.length > 0)
            result = (int)fake_take(&client->in, buffer, client->split < size ? client->split : size);
        else if (client->ended)
            break;
        else
            fake_wait_change("recv");
    }
    fake_changed();
    fake_unlock();
    return result;
}

int fake_send_room(struct fake_client *client, uint64_t deadline, size_t *room)
{
    for (;;) {
        if (client->socket.interrupted || client->dropped || client->left || client->finished)
            return BOBBIN_CLOSED;
        if (deadline <= fake_world.clock_ms)
            return BOBBIN_TIMEOUT;
        *room = client->window > client->out.length ? client->window - client->out.length : 0;
        if (*room > 0)
            return BOBBIN_OK;
        fake_wait_change("send");
    }
}

void fake_send_now(struct fake_client *client, const char *data, size_t length, size_t *sent)
{
    fake_append(&client->out, data, length);
    fake_changed();
    *sent += length;
}

int fake_send_piece(struct fake_client *client, const struct port_piece *piece, uint64_t deadline, size_t *sent)
{
    const char *data = piece->data;
    size_t left = piece->length, room;

    while (left > 0) {
        int error = fake_send_room(client, deadline, &room);
        if (error < 0)
            return error;
        size_t length = left < room ? left : room;
        fake_send_now(client, data, length, sent);
        data += length;
        left -= length;
    }
    return BOBBIN_OK;
}

int port_send(struct port_socket *socket, const struct port_piece *pieces, size_t count, uint64_t deadline,
              size_t *sent)
{
    size_t total = 0, out = 0;

    if (count > PORT_PIECES)
        fake_give_up("port_send of more than PORT_PIECES");
    for (size_t i = 0; i < count; i++)
        total += pieces[i].length;
    fake_lock();
    struct fake_client *client = fake_open_client(socket, "port_send on a socket that is not open");
    int result = fake_fault(FAKE_SEND);
    if (total > 0)
        client->sends++;
    for (size_t i = 0; i < count && result == 0; i++)
        result = fake_send_piece(client, &pieces[i], deadline, &out);
    fake_unlock();
    if (sent != NULL)
        *sent = out;
    return result;
}

void port_finish(struct port_socket *socket)
{
    fake_lock();
    fake_open_client(socket, "port_finish on a socket that is not open")->finished = true;
    fake_changed();
    fake_unlock();
}

void port_interrupt(struct port_socket *socket)
{
    struct fake_socket *found = (struct fake_socket *)socket->handle;

    fake_lock();
    if (found == NULL || !found->open)
        fake_give_up("port_interrupt of a socket that is not open");
    found->interrupted = true;
    fake_changed();
    fake_unlock();
}

void port_close(struct port_socket *socket)
{
    struct fake_socket *found = (struct fake_socket *)socket->handle;

    fake_lock();
    if (found == NULL || !found->open)
        fake_give_up("port_close of a socket that is not open");
    found->open = false;
    fake_world.sockets--;
    for (struct fake_client *client = fake_world.clients; client != NULL; client = client->next) {
        if (found->is_listener && client->listener == found) {
            client->listener = NULL; /* refused: the client sees a reset */
            client->dropped = true;
            client->socket.open = false;
        }
        if (&client->socket == found)
            client->cut = client->in.length > 0;
    }
    fake_changed();
    fake_unlock();
}

/* -- for the test's side -- */

void fake_sockets_reset(void)
{
    while (fake_world.clients != NULL) {
        struct fake_client *client = fake_world.clients;
        fake_world.clients = client->next;
        free(client->in.data);
        free(client->out.data);
        free(client);
    }
    while (fake_world.listeners != NULL) {
        struct fake_socket *listener = fake_world.listeners;
        fake_world.listeners = listener->next;
        free(listener);
    }
    fake_world.sockets = 0;
}

struct fake_client *fake_connect(const char *from, const char *to, uint16_t port)
{
    struct port_address peer, target;
    struct fake_client *client = NULL;
    size_t waiting = 0;

    bool known = fake_parse_address(from != NULL ? from : "192.0.2.1", &peer);
    known = fake_parse_address(to != NULL ? to : peer.version == 4 ? "127.0.0.1" : "::1", &target) && known;
    if (!known)
        fake_give_up("fake_connect with an address that is none");
    target.port = port;
    fake_lock();
    struct fake_socket *listener = fake_world.listeners;
    while (listener != NULL && !listens_at(listener, &target))
        listener = listener->next;
    for (client = fake_world.clients; client != NULL; client = client->next)
        waiting += client->listener != NULL && client->listener == listener;
    if (listener != NULL && waiting < listener->backlog)
        client = calloc(1, sizeof *client);
    if (client != NULL) {
        peer.port = fake_world.next_port++;
        client->peer = peer;
        client->socket.open = true;
        client->split = SIZE_MAX;
        client->window = fake_world.new_window;
        client->listener = listener;
        client->next = fake_world.clients;
        fake_world.clients = client;
        fake_changed();
    }
    fake_unlock();
    return client;
}
