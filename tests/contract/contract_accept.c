/* port_accept: who is woken, by what, and when. */
#include "contract.h"

static void wait_at(struct contract_worker *worker, const struct port_socket *listeners, size_t count,
                    uint64_t deadline)
{
    worker->listeners = listeners;
    worker->listener_count = count;
    worker->deadline = deadline;
    contract_start(worker, contract_accept);
}

static void accept_takes_clients_from_all_of_its_listeners(void **state)
{
    struct port_socket listeners[2], server;
    struct port_address at[2], from, peer;

    (void)state;
    contract_listen(&listeners[0], "127.0.0.1", &at[0]);
    contract_listen(&listeners[1], "127.0.0.1", &at[1]);
    for (int round = 0; round < 4; round++) {
        intptr_t client = contract_peer->connect(&at[(round + 1) % 2], &from);
        assert_int_equal(port_accept(listeners, 2, &server, &peer, PORT_NEVER), 0);
        assert_int_equal(peer.port, from.port);
        contract_peer->leave(client);
        port_close(&server);
    }
    port_close(&listeners[0]);
    port_close(&listeners[1]);
}

/* Several wait; one client comes: one of them gets it, and the others still wait, until they are interrupted. */
static void check_one_is_woken(const char *address, size_t count, uint64_t deadline)
{
    struct contract_worker workers[CONTRACT_THREADS] = {0};
    struct port_socket listeners[2];
    struct port_address at[2], from;
    size_t got = 0;

    for (size_t i = 0; i < count; i++)
        contract_listen(&listeners[i], address, &at[i]);
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        wait_at(&workers[i], listeners, count, deadline);
    contract_peer->settle();
    intptr_t client = contract_peer->connect(&at[count - 1], &from);
    contract_peer->settle();
    contract_peer->send(client, "x", 1); /* whoever has the client can read this */
    for (size_t i = 0; i < count; i++)
        port_interrupt(&listeners[i]);
    for (size_t i = 0; i < CONTRACT_THREADS; i++) {
        contract_join(&workers[i]);
        if (workers[i].result == 0) {
            char byte = 0;
            got++;
            assert_int_equal(workers[i].peer.port, from.port);
            assert_int_equal(port_recv(&workers[i].client, &byte, 1, PORT_NEVER), 1);
            port_close(&workers[i].client);
        } else {
            assert_int_equal(workers[i].result, BOBBIN_CLOSED);
        }
    }
    assert_int_equal(got, 1);
    contract_peer->leave(client);
    for (size_t i = 0; i < count; i++)
        port_close(&listeners[i]);
}

static void accept_wakes_one_waiter(void **state)
{
    (void)state;
    check_one_is_woken("127.0.0.1", 1, PORT_NEVER);
}

static void accept_at_two_listeners_wakes_one_waiter(void **state)
{
    (void)state;
    check_one_is_woken("127.0.0.1", 2, PORT_NEVER);
}

static void accept_with_a_deadline_wakes_one_waiter(void **state)
{
    (void)state;
    check_one_is_woken("127.0.0.1", 1, port_clock_ms() + 3600000);
}

static void every_client_finds_a_waiter(void **state)
{
    struct contract_worker workers[CONTRACT_THREADS] = {0};
    intptr_t clients[CONTRACT_THREADS];
    struct port_socket listener;
    struct port_address at, from;

    (void)state;
    contract_listen(&listener, "127.0.0.1", &at);
    /* Mixed: a port may wait in two ways, for a deadline and without. */
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        wait_at(&workers[i], &listener, 1, i % 2 == 0 ? PORT_NEVER : port_clock_ms() + 3600000);
    contract_peer->settle();
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        clients[i] = contract_peer->connect(&at, &from);
    for (size_t i = 0; i < CONTRACT_THREADS; i++) {
        contract_join(&workers[i]);
        assert_int_equal(workers[i].result, 0);
        port_close(&workers[i].client);
        contract_peer->leave(clients[i]);
    }
    port_close(&listener);
}

static void accept_times_out_at_its_deadline(void **state)
{
    struct contract_worker worker = {0};
    struct port_socket listeners[2];
    struct port_address at;

    (void)state;
    contract_listen(&listeners[0], "127.0.0.1", &at);
    contract_listen(&listeners[1], "127.0.0.1", &at);
    for (size_t count = 1; count <= 2; count++) {
        wait_at(&worker, listeners, count, port_clock_ms() + CONTRACT_SHORT_MS);
        contract_peer->pass(CONTRACT_SHORT_MS + PORT_LATE_MS);
        contract_join(&worker);
        assert_int_equal(worker.result, BOBBIN_TIMEOUT);
        assert_true(worker.returned_ms >= worker.deadline);
    }
    port_close(&listeners[0]);
    port_close(&listeners[1]);
}

/* All of them see that a client is there, and one gets it: the others must not wait for ever then. */
static void accept_that_loses_a_client_to_another_times_out_all_the_same(void **state)
{
    struct contract_worker workers[CONTRACT_THREADS] = {0};
    struct port_socket listener;
    struct port_address at, from;
    size_t got = 0;

    (void)state;
    contract_listen(&listener, "127.0.0.1", &at);
    uint64_t deadline = port_clock_ms() + 2 * CONTRACT_SHORT_MS;
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        wait_at(&workers[i], &listener, 1, deadline);
    contract_peer->settle();
    intptr_t client = contract_peer->connect(&at, &from);
    contract_peer->settle();
    contract_peer->pass(2 * CONTRACT_SHORT_MS + PORT_LATE_MS);
    for (size_t i = 0; i < CONTRACT_THREADS; i++) {
        contract_join(&workers[i]);
        if (workers[i].result == 0) {
            got++;
            port_close(&workers[i].client);
        } else {
            assert_int_equal(workers[i].result, BOBBIN_TIMEOUT);
            assert_true(workers[i].returned_ms >= deadline);
        }
    }
    contract_peer->leave(client);
    assert_true(got <= 1); /* 0 where they were slower than the deadline */
    port_close(&listener);
}

static void accept_takes_deadline_zero_as_long_past(void **state)
{
    struct port_socket listener, server;
    struct port_address at, peer;

    (void)state;
    contract_listen(&listener, "127.0.0.1", &at);
    assert_int_equal(port_accept(&listener, 1, &server, &peer, 0), BOBBIN_TIMEOUT);
    port_close(&listener);
}

/* A port may hand out a client that has left already, but to fail for it would end the loop of whoever accepts. */
static void accept_does_not_fail_for_a_client_that_left(void **state)
{
    struct port_socket listener, server;
    struct port_address at, from, peer = {0};

    (void)state;
    contract_listen(&listener, "127.0.0.1", &at);
    contract_peer->reset(contract_peer->connect(&at, &from));
    contract_peer->leave(contract_peer->connect(&at, &from));
    intptr_t client = contract_peer->connect(&at, &from);
    for (int seen = 0; seen < 3 && peer.port != from.port; seen++) {
        assert_int_equal(port_accept(&listener, 1, &server, &peer, PORT_NEVER), 0);
        port_close(&server);
    }
    assert_int_equal(peer.port, from.port);
    contract_peer->leave(client);
    port_close(&listener);
}

static void accept_takes_a_client_that_asked_and_ended_its_side(void **state)
{
    struct port_socket listener, server;
    struct port_address at, from, peer;
    char byte;

    (void)state;
    contract_listen(&listener, "127.0.0.1", &at);
    intptr_t client = contract_peer->connect(&at, &from);
    contract_peer->send(client, "x", 1);
    contract_peer->finish(client);
    assert_int_equal(port_accept(&listener, 1, &server, &peer, PORT_NEVER), 0);
    assert_int_equal(peer.port, from.port);
    assert_int_equal(port_recv(&server, &byte, 1, PORT_NEVER), 1);
    contract_peer->leave(client);
    port_close(&server);
    port_close(&listener);
}

static void accept_without_files_leaves_the_client_waiting(void **state)
{
    struct port_socket listener, server;
    struct port_address at, from, peer;

    (void)state;
    if (contract_peer->no_files == NULL)
        skip();
    contract_listen(&listener, "127.0.0.1", &at);
    intptr_t client = contract_peer->connect(&at, &from);
    contract_peer->no_files(true);
    int result = port_accept(&listener, 1, &server, &peer, PORT_NEVER);
    contract_peer->no_files(false);
    assert_int_equal(result, BOBBIN_NO_FILES);
    assert_int_equal(port_accept(&listener, 1, &server, &peer, PORT_NEVER), 0);
    assert_int_equal(peer.port, from.port);
    contract_peer->leave(client);
    port_close(&server);
    port_close(&listener);
}

static void interrupt_wakes_accept_in_all_threads_that_wait(void **state)
{
    struct contract_worker workers[CONTRACT_THREADS] = {0};
    struct port_socket listener, server;
    struct port_address at, peer;

    (void)state;
    contract_listen(&listener, "127.0.0.1", &at);
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        wait_at(&workers[i], &listener, 1, i % 2 == 0 ? PORT_NEVER : port_clock_ms() + 3600000);
    contract_peer->settle();
    port_interrupt(&listener);
    for (size_t i = 0; i < CONTRACT_THREADS; i++) {
        contract_join(&workers[i]);
        assert_int_equal(workers[i].result, BOBBIN_CLOSED);
    }
    assert_int_equal(port_accept(&listener, 1, &server, &peer, PORT_NEVER), BOBBIN_CLOSED);
    port_close(&listener);
}

static void interrupt_of_one_of_two_listeners_wakes_accept_in_all_threads(void **state)
{
    struct contract_worker workers[CONTRACT_THREADS] = {0};
    struct port_socket listeners[2];
    struct port_address at;

    (void)state;
    contract_listen(&listeners[0], "127.0.0.1", &at);
    contract_listen(&listeners[1], "127.0.0.1", &at);
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        wait_at(&workers[i], listeners, 2, PORT_NEVER);
    contract_peer->settle();
    port_interrupt(&listeners[1]);
    for (size_t i = 0; i < CONTRACT_THREADS; i++) {
        contract_join(&workers[i]);
        assert_int_equal(workers[i].result, BOBBIN_CLOSED);
    }
    port_close(&listeners[0]);
    port_close(&listeners[1]);
}

int contract_run_accept(void)
{
    const struct CMUnitTest tests[] = {
        CONTRACT_TEST(accept_takes_clients_from_all_of_its_listeners),
        CONTRACT_TEST(accept_wakes_one_waiter),
        CONTRACT_TEST(accept_at_two_listeners_wakes_one_waiter),
        CONTRACT_TEST(accept_with_a_deadline_wakes_one_waiter),
        CONTRACT_TEST(every_client_finds_a_waiter),
        CONTRACT_TEST(accept_times_out_at_its_deadline),
        CONTRACT_TEST(accept_that_loses_a_client_to_another_times_out_all_the_same),
        CONTRACT_TEST(accept_takes_deadline_zero_as_long_past),
        CONTRACT_TEST(accept_does_not_fail_for_a_client_that_left),
        CONTRACT_TEST(accept_takes_a_client_that_asked_and_ended_its_side),
        CONTRACT_TEST(accept_without_files_leaves_the_client_waiting),
        CONTRACT_TEST(interrupt_wakes_accept_in_all_threads_that_wait),
        CONTRACT_TEST(interrupt_of_one_of_two_listeners_wakes_accept_in_all_threads),
    };
    return cmocka_run_group_tests_name("accept", tests, NULL, NULL);
}
