/* The contract suite's other side on the fake port: a scripted client, and a clock moved by hand. */
#include <string.h>
#include <unistd.h>

#include "contract.h"
#include "fake_port.h"

#define PATIENCE_S   60
#define WINDOW_BYTES 65536

static void begin(void)
{
    fake_reset();
    alarm(PATIENCE_S);
}

static void end(void)
{
    alarm(0);
    assert_int_equal(fake_open_sockets(), 0);
    assert_int_equal(fake_live_threads(), 0);
    assert_int_equal(fake_open_locks(), 0);
}

static intptr_t connect_to(const struct port_address *to, struct port_address *from)
{
    struct fake_client *client = fake_connect(to->version == 4 ? "127.0.0.1" : "::1", NULL, to->port);

    assert_non_null(client);
    fake_window(client, WINDOW_BYTES);
    *from = fake_client_address(client);
    return (intptr_t)client;
}

static struct fake_client *client_of(intptr_t client)
{
    return (struct fake_client *)client;
}

static void feed(intptr_t client, const void *data, size_t length)
{
    fake_feed(client_of(client), data, length);
}

static size_t read_some(intptr_t client, void *buffer, size_t size)
{
    return fake_read(client_of(client), buffer, size);
}

static void finish(intptr_t client)
{
    fake_end(client_of(client));
}

static void leave(intptr_t client)
{
    fake_leave(client_of(client));
}

static void reset(intptr_t client)
{
    fake_drop(client_of(client));
}

static void no_files(bool none)
{
    fake_fail_call(FAKE_ACCEPT, 1, none ? 1 : 0, BOBBIN_NO_FILES);
    fake_fail_call(FAKE_FILE_OPEN, 1, none ? 1 : 0, BOBBIN_NO_FILES);
}

static int listen_without_rights(uint16_t port)
{
    struct port_socket listener;
    return port_listen(&listener, "127.0.0.1", port, 1);
}

static const char *tree_path(void)
{
    return FAKE_ROOT;
}

static void tree_end(void)
{
    assert_int_equal(fake_open_files(), 0);
}

static const struct contract_tree tree = {
    .begin = tree_path, /* begin emptied it */
    .path = tree_path,
    .end = tree_end,
    .add = fake_file_add,
    .folder = fake_folder_add,
    .special = fake_special_add,
    .resize = fake_file_resize,
    .deny = fake_file_deny,
};

int main(int argc, char **argv)
{
    const struct contract_peer peer = {
        .begin = begin,
        .end = end,
        .has_v6 = true,
        .connect = connect_to,
        .send = feed,
        .read = read_some,
        .finish = finish,
        .leave = leave,
        .reset = reset,
        .settle = fake_wait_quiet,
        .pass = fake_clock_advance,
        .no_files = no_files,
        .listen_without_rights = listen_without_rights,
        .tree = &tree,
    };
    return contract_run(&peer, argc > 1 ? argv[1] : NULL);
}
