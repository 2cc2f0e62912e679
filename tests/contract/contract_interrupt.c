/* port_interrupt of a connection: whoever is blocked returns, whoever comes later fails, the owner closes. */
#include <stdlib.h>

#include "contract.h"

#define FLOOD_BYTES (4 << 20)

static void check_later_calls_fail(struct port_socket *socket)
{
    const struct port_piece piece = {"x", 1};
    char byte;

    int result = port_recv(socket, &byte, 1, PORT_NEVER);
    assert_true(result == BOBBIN_CLOSED || result == 0);
    assert_int_equal(port_send(socket, &piece, 1, PORT_NEVER, NULL), BOBBIN_CLOSED);
}

static void interrupt_wakes_recv(void **state)
{
    struct contract_worker workers[CONTRACT_THREADS] = {0};
    struct contract_pair pairs[CONTRACT_THREADS];
    char bytes[CONTRACT_THREADS];

    (void)state;
    for (size_t i = 0; i < CONTRACT_THREADS; i++) {
        contract_pair_open(&pairs[i]);
        workers[i] = (struct contract_worker){.socket = &pairs[i].server, .buffer = &bytes[i], .size = 1};
        workers[i].deadline = i % 2 == 0 ? PORT_NEVER : port_clock_ms() + 3600000;
        contract_start(&workers[i], contract_recv);
    }
    contract_peer->settle();
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        port_interrupt(&pairs[i].server);
    for (size_t i = 0; i < CONTRACT_THREADS; i++) {
        contract_join(&workers[i]);
        assert_true(workers[i].result == BOBBIN_CLOSED || workers[i].result == 0);
        check_later_calls_fail(&pairs[i].server);
        contract_peer->leave(pairs[i].client);
        contract_pair_close(&pairs[i]);
    }
}

static void interrupt_wakes_send(void **state)
{
    struct contract_worker workers[CONTRACT_THREADS] = {0};
    struct contract_pair pairs[CONTRACT_THREADS];
    char *flood = calloc(1, FLOOD_BYTES);

    (void)state;
    assert_non_null(flood);
    for (size_t i = 0; i < CONTRACT_THREADS; i++) {
        contract_pair_open(&pairs[i]);
        workers[i] = (struct contract_worker){.socket = &pairs[i].server, .buffer = flood, .size = FLOOD_BYTES};
        workers[i].deadline = i % 2 == 0 ? PORT_NEVER : port_clock_ms() + 3600000;
        contract_start(&workers[i], contract_send);
    }
    contract_peer->settle();
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        port_interrupt(&pairs[i].server);
    for (size_t i = 0; i < CONTRACT_THREADS; i++) {
        contract_join(&workers[i]);
        assert_int_equal(workers[i].result, BOBBIN_CLOSED);
        assert_true(workers[i].sent < (size_t)PORT_PIECES * FLOOD_BYTES);
        check_later_calls_fail(&pairs[i].server);
        contract_peer->leave(pairs[i].client);
        contract_pair_close(&pairs[i]);
    }
    free(flood);
}

/* The owner may be between two calls: then its next one has to notice. */
static void interrupt_before_a_call_makes_it_fail(void **state)
{
    struct contract_pair pair;

    (void)state;
    contract_pair_open(&pair);
    port_interrupt(&pair.server);
    check_later_calls_fail(&pair.server);
    port_interrupt(&pair.server); /* once more is no harm */
    contract_peer->leave(pair.client);
    contract_pair_close(&pair);
}

static void interrupt_after_the_peer_left_is_harmless(void **state)
{
    struct contract_pair pair;

    (void)state;
    contract_pair_open(&pair);
    contract_peer->reset(pair.client);
    port_interrupt(&pair.server);
    check_later_calls_fail(&pair.server);
    contract_pair_close(&pair);
}

static void interrupt_leaves_other_sockets_alone(void **state)
{
    struct contract_pair one, two;
    char byte;

    (void)state;
    contract_pair_open(&one);
    contract_pair_open(&two);
    port_interrupt(&one.server);
    port_interrupt(&one.listener);
    contract_peer->send(two.client, "x", 1);
    assert_int_equal(port_recv(&two.server, &byte, 1, PORT_NEVER), 1);
    contract_peer->leave(one.client);
    contract_peer->leave(two.client);
    contract_pair_close(&one);
    contract_pair_close(&two);
}

static void interrupt_of_a_listener_leaves_its_connections_alone(void **state)
{
    struct contract_pair pair;
    const struct port_piece piece = {"y", 1};
    char byte;

    (void)state;
    contract_pair_open(&pair);
    port_interrupt(&pair.listener);
    contract_peer->send(pair.client, "x", 1);
    assert_int_equal(port_recv(&pair.server, &byte, 1, PORT_NEVER), 1);
    assert_true(port_send(&pair.server, &piece, 1, PORT_NEVER, NULL) >= 0);
    assert_int_equal(contract_peer->read(pair.client, &byte, 1), 1);
    contract_peer->leave(pair.client);
    contract_pair_close(&pair);
}

int contract_run_interrupt(void)
{
    const struct CMUnitTest tests[] = {
        CONTRACT_TEST(interrupt_wakes_recv),
        CONTRACT_TEST(interrupt_wakes_send),
        CONTRACT_TEST(interrupt_before_a_call_makes_it_fail),
        CONTRACT_TEST(interrupt_after_the_peer_left_is_harmless),
        CONTRACT_TEST(interrupt_leaves_other_sockets_alone),
        CONTRACT_TEST(interrupt_of_a_listener_leaves_its_connections_alone),
    };
    return cmocka_run_group_tests_name("interrupt", tests, NULL, NULL);
}
