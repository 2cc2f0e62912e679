/* port_adopt: a listener of somebody else's serves here, and outlives it. */
#include <string.h>

#include "contract.h"

static void check_visit(const struct port_socket *listener, const struct port_address *to)
{
    struct port_address from, peer;
    struct port_socket server;
    intptr_t client = contract_peer->connect(to, &from);

    assert_int_equal(port_accept(listener, 1, &server, &peer, PORT_NEVER), 0);
    assert_int_equal(peer.port, from.port);
    contract_peer->leave(client);
    port_close(&server);
}

static void an_adopted_listener_tells_its_address_and_accepts(void **state)
{
    struct port_socket owners, adopted;
    struct port_address at, told;

    (void)state;
    contract_listen(&owners, "127.0.0.1", &at);
    assert_int_equal(port_adopt(&adopted, owners.handle), 0);
    assert_int_equal(port_local_address(&adopted, &told), 0);
    assert_int_equal(told.version, at.version);
    assert_memory_equal(told.ip, at.ip, 4);
    assert_int_equal(told.port, at.port);
    check_visit(&adopted, &at);
    port_close(&adopted);
    port_close(&owners);
}

static void small_pieces_leave_an_adopted_listeners_clients_at_once(void **state)
{
    struct port_socket owners, adopted, server;
    struct port_address at, from, peer;

    (void)state;
    if (contract_peer->sends_at_once == NULL)
        skip();
    contract_listen(&owners, "127.0.0.1", &at);
    assert_int_equal(port_adopt(&adopted, owners.handle), 0);
    intptr_t client = contract_peer->connect(&at, &from);
    assert_int_equal(port_accept(&adopted, 1, &server, &peer, PORT_NEVER), 0);
    assert_true(contract_peer->sends_at_once(&server));
    contract_peer->leave(client);
    port_close(&server);
    port_close(&adopted);
    port_close(&owners);
}

/* Beside a listener of our own: whoever waits, waits at both. */
static void interrupt_wakes_who_waits_at_an_adopted_listener(void **state)
{
    struct contract_worker workers[CONTRACT_THREADS] = {0};
    struct port_socket owners, listeners[2];
    struct port_address at;

    (void)state;
    for (size_t count = 1; count <= 2; count++) {
        contract_listen(&owners, "127.0.0.1", &at);
        assert_int_equal(port_adopt(&listeners[0], owners.handle), 0);
        contract_listen(&listeners[1], "127.0.0.1", &at);
        for (size_t i = 0; i < CONTRACT_THREADS; i++) {
            workers[i] = (struct contract_worker){.listeners = listeners, .listener_count = count};
            workers[i].deadline = i % 2 == 0 ? PORT_NEVER : port_clock_ms() + 3600000;
            contract_start(&workers[i], contract_accept);
        }
        contract_peer->settle();
        port_interrupt(&listeners[0]);
        for (size_t i = 0; i < CONTRACT_THREADS; i++) {
            contract_join(&workers[i]);
            assert_int_equal(workers[i].result, BOBBIN_CLOSED);
        }
        port_close(&listeners[0]);
        port_close(&listeners[1]);
        port_close(&owners);
    }
}

static void the_owner_and_who_waits_outlive_an_adoption(void **state)
{
    struct port_socket owners, adopted, server;
    struct port_address at, from, peer;

    (void)state;
    contract_listen(&owners, "127.0.0.1", &at);
    assert_int_equal(port_adopt(&adopted, owners.handle), 0);
    intptr_t client = contract_peer->connect(&at, &from);
    port_interrupt(&adopted);
    assert_int_equal(port_accept(&adopted, 1, &server, &peer, PORT_NEVER), BOBBIN_CLOSED);
    port_close(&adopted);

    assert_int_equal(port_adopt(&adopted, owners.handle), 0); /* as the next program would */
    assert_int_equal(port_accept(&adopted, 1, &server, &peer, PORT_NEVER), 0);
    assert_int_equal(peer.port, from.port);
    contract_peer->leave(client);
    port_close(&server);
    port_close(&adopted);
    check_visit(&owners, &at);
    port_close(&owners);
}

static void adopt_refuses_what_does_not_listen(void **state)
{
    struct contract_pair pair;
    struct port_socket adopted;

    (void)state;
    contract_pair_open(&pair);
    assert_int_equal(port_adopt(&adopted, pair.server.handle), BOBBIN_INVALID);
    contract_peer->leave(pair.client);
    contract_pair_close(&pair);
}

int contract_run_adopt(void)
{
    const struct CMUnitTest tests[] = {
        CONTRACT_TEST(an_adopted_listener_tells_its_address_and_accepts),
        CONTRACT_TEST(small_pieces_leave_an_adopted_listeners_clients_at_once),
        CONTRACT_TEST(interrupt_wakes_who_waits_at_an_adopted_listener),
        CONTRACT_TEST(the_owner_and_who_waits_outlive_an_adoption),
        CONTRACT_TEST(adopt_refuses_what_does_not_listen),
    };
    return cmocka_run_group_tests_name("adopt", tests, NULL, NULL);
}
