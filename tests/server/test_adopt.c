/* A server on listeners that somebody else opened: it serves there, and leaves them as they were. */
#include <stdlib.h>

#include "server_fixture.h"

struct owner {
    struct port_socket listeners[2];
    struct port_address at[2];
    intptr_t handles[2];
};

static void owner_listen(struct owner *owner, struct fixture *f)
{
    static const char *const addresses[] = {"127.0.0.1", "::1"};

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(port_listen(&owner->listeners[i], addresses[i], 0, 16), 0);
        assert_int_equal(port_local_address(&owner->listeners[i], &owner->at[i]), 0);
        owner->handles[i] = owner->listeners[i].handle;
    }
    f->config.addresses = NULL;
    f->config.address_count = 0;
    f->config.sockets = owner->handles;
    f->config.socket_count = 2;
}

static void owner_close(struct owner *owner)
{
    for (size_t i = 0; i < 2; i++)
        port_close(&owner->listeners[i]);
}

static void given_sockets_serve_and_tell_their_own_addresses(void **state)
{
    struct fixture *f = *state;
    struct owner owner;
    struct bobbin_peer address;

    owner_listen(&owner, f);
    fixture_start(f);
    assert_int_equal(bobbin_port(f->server), owner.at[0].port);
    assert_int_equal(bobbin_address(f->server, 1, &address), 0);
    assert_memory_equal(address.text, "[::1]:", 6);
    assert_int_equal(bobbin_address(f->server, 2, &address), BOBBIN_NOT_FOUND);
    fixture_expect_hello(fake_connect(NULL, "127.0.0.1", owner.at[0].port));
    fixture_expect_hello(fake_connect("2001:db8::1", "::1", owner.at[1].port));
    fixture_end(f);
    owner_close(&owner);
}

static void who_waits_when_the_server_stops_is_served_by_the_next(void **state)
{
    struct fixture *f = *state;
    struct owner owner;

    owner_listen(&owner, f);
    fixture_start(f);
    fixture_expect_hello(fake_connect(NULL, NULL, owner.at[0].port));
    fixture_end(f);
    struct fake_client *between = fake_connect(NULL, NULL, owner.at[0].port);
    assert_non_null(between);
    fixture_start(f);
    fixture_expect_hello(between);
    fixture_end(f);
    owner_close(&owner);
}

static void open_tells_which_given_socket_does_not_listen(void **state)
{
    struct fixture *f = *state;
    struct bobbin_plan plan;
    struct owner owner;
    size_t failed = 99;

    owner_listen(&owner, f);
    port_close(&owner.listeners[1]);
    assert_int_equal(bobbin_plan(&f->config, &plan), 0);
    void *memory = malloc(plan.bytes);
    assert_non_null(memory);
    assert_int_equal(bobbin_open(&f->server, &f->config, memory, plan.bytes, &failed), BOBBIN_INVALID);
    assert_int_equal(failed, 1);
    free(memory);
    assert_int_equal(fake_open_sockets(), 1); /* the owner's */
    port_close(&owner.listeners[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(given_sockets_serve_and_tell_their_own_addresses),
        FIXTURE_TEST(who_waits_when_the_server_stops_is_served_by_the_next),
        FIXTURE_TEST(open_tells_which_given_socket_does_not_listen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
