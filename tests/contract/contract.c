/* The contract suite's shared parts: workers, pairs, and the order of its groups. */
#include "contract.h"

#include <stdlib.h>
#include <string.h>

const struct contract_peer *contract_peer;

/* -- workers -- */

void contract_start(struct contract_worker *worker, void (*entry)(void *))
{
    worker->stack = aligned_alloc(65536, (BOBBIN_TEST_STACK + 65535) / 65536 * 65536);
    assert_non_null(worker->stack);
    assert_int_equal(port_thread_start(&worker->thread, entry, worker, worker->stack, BOBBIN_TEST_STACK), 0);
}

void contract_join(struct contract_worker *worker)
{
    port_thread_join(&worker->thread);
    free(worker->stack);
    worker->stack = NULL;
}

void contract_accept(void *argument)
{
    struct contract_worker *worker = argument;
    worker->result =
        port_accept(worker->listeners, worker->listener_count, &worker->client, &worker->peer, worker->deadline);
    worker->returned_ms = port_clock_ms();
}

void contract_recv(void *argument)
{
    struct contract_worker *worker = argument;
    worker->result = port_recv(worker->socket, worker->buffer, worker->size, worker->deadline);
    worker->returned_ms = port_clock_ms();
}

void contract_send(void *argument)
{
    struct contract_worker *worker = argument;
    struct port_piece pieces[PORT_PIECES];
    for (size_t i = 0; i < PORT_PIECES; i++)
        pieces[i] = (struct port_piece){worker->buffer, worker->size};
    worker->result = port_send(worker->socket, pieces, PORT_PIECES, worker->deadline, &worker->sent);
    worker->returned_ms = port_clock_ms();
}

/* -- pairs -- */

void contract_listen(struct port_socket *listener, const char *address, struct port_address *at)
{
    assert_int_equal(port_listen(listener, address, 0, 16), 0);
    assert_int_equal(port_local_address(listener, at), 0);
}

void contract_pair_open(struct contract_pair *pair)
{
    struct port_address at, from, peer;

    contract_listen(&pair->listener, "127.0.0.1", &at);
    pair->client = contract_peer->connect(&at, &from);
    assert_int_equal(port_accept(&pair->listener, 1, &pair->server, &peer, PORT_NEVER), 0);
}

void contract_pair_close(struct contract_pair *pair)
{
    port_close(&pair->server);
    port_close(&pair->listener);
}

/* -- the suite -- */

int contract_setup(void **state)
{
    (void)state;
    contract_peer->begin();
    return 0;
}

int contract_teardown(void **state)
{
    (void)state;
    contract_peer->end();
    return 0;
}

int contract_run_with_files(const struct contract_peer *peer, const char *filter)
{
    contract_peer = peer;
    if (filter != NULL)
        cmocka_set_test_filter(filter);
    return contract_run_files() + contract_run_folders() + contract_run_send_file();
}

int contract_run(const struct contract_peer *peer, const char *filter)
{
    int failed = peer->tree != NULL ? contract_run_with_files(peer, filter) : 0;
    contract_peer = peer;
    if (filter != NULL)
        cmocka_set_test_filter(filter);
    return failed + contract_run_listen() + contract_run_adopt() + contract_run_accept() + contract_run_stream() +
           contract_run_interrupt() + contract_run_threads() + contract_run_locks() + contract_run_host();
}
