/* port_send_file: a file behind pieces, to peers that read, wait, leave; of files that change meanwhile. */
#include <stdlib.h>
#include <string.h>

#include "contract_files.h"

#define FLOOD_BYTES ((size_t)16 << 20) /* more than any window */
#define MEBIBYTE    ((size_t)1 << 20)

struct sending {
    struct contract_worker worker; /* first: what a worker is started with */
    struct port_file file;
    struct port_piece pieces[PORT_PIECES - 1];
    size_t count;
    uint64_t offset, length, sent;
};

static void send_file(void *argument)
{
    struct sending *sending = argument;
    struct contract_worker *worker = &sending->worker;

    worker->result = port_send_file(worker->socket, sending->pieces, sending->count, &sending->file, sending->offset,
                                    sending->length, worker->deadline, &sending->sent);
    worker->returned_ms = port_clock_ms();
}

static char byte_at(size_t i)
{
    return (char)((i * 2654435761u) >> 11);
}

static void open_flood(struct contract_pair *pair, struct sending *sending)
{
    char *data = malloc(FLOOD_BYTES);

    assert_non_null(data);
    for (size_t i = 0; i < FLOOD_BYTES; i++)
        data[i] = byte_at(i);
    contract_peer->tree->add("flood", data, FLOOD_BYTES, 0);
    free(data);
    contract_pair_open(pair);
    *sending = (struct sending){.length = FLOOD_BYTES, .sent = 1};
    sending->worker.socket = &pair->server;
    sending->worker.deadline = PORT_NEVER;
    contract_open("flood", &sending->file);
}

static void close_flood(struct contract_pair *pair, struct sending *sending)
{
    port_file_close(&sending->file);
    contract_pair_close(pair);
}

/* Reads `length` bytes of the flood from `offset` on. */
static void read_flood(const struct contract_pair *pair, size_t offset, size_t length)
{
    char *data = malloc(length + 1);
    size_t wrong = 0;

    assert_non_null(data);
    assert_int_equal(contract_peer->read(pair->client, data, length), length);
    for (size_t i = 0; i < length; i++)
        wrong += data[i] != byte_at(offset + i);
    assert_int_equal(wrong, 0);
    free(data);
}

static void run(struct sending *sending)
{
    contract_start(&sending->worker, send_file);
    contract_join(&sending->worker);
}

/* -- what is sent -- */

static void the_pieces_come_first_and_then_the_part_of_the_file(void **state)
{
    struct sending sending = {.pieces = {{"head ", 5}, {"", 0}, {"body: ", 6}}, .offset = 2, .length = 3};
    struct contract_pair pair;
    char text[16] = "";

    (void)state;
    contract_add("file", "0123456789");
    contract_open("file", &sending.file);
    contract_pair_open(&pair);
    sending.worker.socket = &pair.server;
    sending.worker.deadline = PORT_NEVER;
    for (sending.count = 0; sending.count < PORT_PIECES; sending.count++) {
        static const char *const wanted[] = {"234", "head 234", "head 234", "head body: 234"};
        size_t length = strlen(wanted[sending.count]);
        run(&sending);
        assert_int_equal(sending.worker.result, 0);
        assert_int_equal(sending.sent, length);
        assert_int_equal(contract_peer->read(pair.client, text, length), length);
        assert_memory_equal(text, wanted[sending.count], length);
    }
    port_finish(&pair.server);
    assert_int_equal(contract_peer->read(pair.client, text, 1), 0); /* and nothing more */
    contract_peer->leave(pair.client);
    port_file_close(&sending.file);
    contract_pair_close(&pair);
}

static void nothing_of_a_file_is_sent_as_well_as_something(void **state)
{
    struct sending sending = {.pieces = {{"head", 4}}, .count = 1};
    struct contract_pair pair;
    char text[4];

    (void)state;
    contract_add("empty", "");
    contract_open("empty", &sending.file);
    contract_pair_open(&pair);
    sending.worker.socket = &pair.server;
    sending.worker.deadline = PORT_NEVER;
    run(&sending);
    assert_int_equal(sending.worker.result, 0);
    assert_int_equal(sending.sent, 4);
    assert_int_equal(contract_peer->read(pair.client, text, 4), 4);
    contract_peer->leave(pair.client);
    port_file_close(&sending.file);
    contract_pair_close(&pair);
}

static void a_peer_that_reads_slowly_gets_every_byte(void **state)
{
    struct contract_pair pair;
    struct sending sending;

    (void)state;
    open_flood(&pair, &sending);
    contract_start(&sending.worker, send_file);
    contract_peer->settle(); /* it waits for the peer */
    for (size_t at = 0; at < FLOOD_BYTES; at += MEBIBYTE)
        read_flood(&pair, at, MEBIBYTE);
    contract_join(&sending.worker);
    assert_int_equal(sending.worker.result, 0);
    assert_int_equal(sending.sent, FLOOD_BYTES);
    contract_peer->leave(pair.client);
    close_flood(&pair, &sending);
}

static void the_socket_waits_for_bytes_afterwards_as_before(void **state)
{
    struct contract_pair pair;
    struct sending sending;
    char byte = 0;
    struct contract_worker worker = {.buffer = &byte, .size = 1, .deadline = PORT_NEVER};

    (void)state;
    open_flood(&pair, &sending);
    sending.length = 10;
    run(&sending);
    worker.socket = &pair.server;
    contract_start(&worker, contract_recv);
    contract_peer->settle();
    contract_peer->send(pair.client, "x", 1);
    contract_join(&worker);
    assert_int_equal(worker.result, 1);
    assert_int_equal(byte, 'x');
    contract_peer->leave(pair.client);
    close_flood(&pair, &sending);
}

static void a_large_offset_is_sent_from(void **state)
{
    struct sending sending = {.pieces = {{"a", 1}}, .count = 1, .offset = ((uint64_t)5 << 30) + 1, .length = 2};
    struct contract_pair pair;
    char text[3];

    (void)state;
    contract_add("far", "near");
    contract_peer->tree->resize("far", ((uint64_t)5 << 30) + 3);
    contract_open("far", &sending.file);
    contract_pair_open(&pair);
    sending.worker.socket = &pair.server;
    sending.worker.deadline = PORT_NEVER;
    run(&sending);
    assert_int_equal(sending.worker.result, 0);
    assert_int_equal(contract_peer->read(pair.client, text, 3), 3);
    assert_memory_equal(text, "a\0\0", 3);
    contract_peer->leave(pair.client);
    port_file_close(&sending.file);
    contract_pair_close(&pair);
}

/* -- what goes wrong -- */

static void a_deadline_ends_it_and_sent_tells_where_to_go_on(void **state)
{
    struct contract_pair pair;
    struct sending sending;

    (void)state;
    open_flood(&pair, &sending);
    sending.worker.deadline = port_clock_ms() + CONTRACT_SHORT_MS;
    contract_start(&sending.worker, send_file);
    contract_peer->pass(CONTRACT_SHORT_MS + PORT_LATE_MS);
    contract_join(&sending.worker);
    assert_int_equal(sending.worker.result, BOBBIN_TIMEOUT);
    assert_true(sending.worker.returned_ms >= sending.worker.deadline);
    assert_true(sending.sent < FLOOD_BYTES);
    read_flood(&pair, 0, (size_t)sending.sent);
    sending.offset = sending.sent;
    sending.length -= sending.sent;
    sending.worker.deadline = PORT_NEVER;
    contract_start(&sending.worker, send_file);
    read_flood(&pair, (size_t)sending.offset, (size_t)sending.length);
    contract_join(&sending.worker);
    assert_int_equal(sending.worker.result, 0);
    assert_true(sending.sent == sending.length);
    contract_peer->leave(pair.client);
    close_flood(&pair, &sending);
}

static void a_deadline_long_past_is_a_timeout(void **state)
{
    struct contract_pair pair;
    struct sending sending;

    (void)state;
    open_flood(&pair, &sending);
    sending.worker.deadline = 0;
    run(&sending);
    assert_int_equal(sending.worker.result, BOBBIN_TIMEOUT);
    read_flood(&pair, 0, (size_t)sending.sent);
    contract_peer->leave(pair.client);
    close_flood(&pair, &sending);
}

static void an_interrupt_wakes_it(void **state)
{
    struct contract_pair pair;
    struct sending sending;

    (void)state;
    open_flood(&pair, &sending);
    contract_start(&sending.worker, send_file);
    contract_peer->settle();
    port_interrupt(&pair.server);
    contract_join(&sending.worker);
    assert_int_equal(sending.worker.result, BOBBIN_CLOSED);
    assert_true(sending.sent < FLOOD_BYTES);
    run(&sending);
    assert_int_equal(sending.worker.result, BOBBIN_CLOSED);
    assert_int_equal(sending.sent, 0);
    contract_peer->leave(pair.client);
    close_flood(&pair, &sending);
}

static void a_peer_that_resets_ends_it(void **state)
{
    struct contract_pair pair;
    struct sending sending;

    (void)state;
    open_flood(&pair, &sending);
    contract_start(&sending.worker, send_file);
    contract_peer->settle();
    contract_peer->reset(pair.client);
    contract_join(&sending.worker);
    assert_int_equal(sending.worker.result, BOBBIN_CLOSED);
    close_flood(&pair, &sending);
}

static void a_file_that_ends_before_is_sent_as_far_as_it_goes(void **state)
{
    struct sending sending = {.pieces = {{"head ", 5}}, .count = 1, .offset = 1, .length = 20};
    struct contract_pair pair;
    char text[16];

    (void)state;
    contract_add("file", "0123456789");
    contract_open("file", &sending.file);
    contract_pair_open(&pair);
    sending.worker.socket = &pair.server;
    sending.worker.deadline = PORT_NEVER;
    run(&sending);
    assert_int_equal(sending.worker.result, BOBBIN_FAILED);
    assert_int_equal(sending.sent, 14);
    assert_int_equal(contract_peer->read(pair.client, text, 14), 14);
    assert_memory_equal(text, "head 123456789", 14);
    port_finish(&pair.server);
    assert_int_equal(contract_peer->read(pair.client, text, 1), 0);
    contract_peer->leave(pair.client);
    port_file_close(&sending.file);
    contract_pair_close(&pair);
}

static void a_file_that_gets_shorter_meanwhile_is_not_padded(void **state)
{
    struct contract_pair pair;
    struct sending sending;
    char byte;

    (void)state;
    open_flood(&pair, &sending);
    contract_start(&sending.worker, send_file);
    contract_peer->settle();
    contract_peer->tree->resize("flood", FLOOD_BYTES - 4 * MEBIBYTE);
    read_flood(&pair, 0, FLOOD_BYTES - 4 * MEBIBYTE);
    contract_join(&sending.worker);
    assert_int_equal(sending.worker.result, BOBBIN_FAILED);
    assert_int_equal(sending.sent, FLOOD_BYTES - 4 * MEBIBYTE);
    port_finish(&pair.server);
    assert_int_equal(contract_peer->read(pair.client, &byte, 1), 0);
    contract_peer->leave(pair.client);
    close_flood(&pair, &sending);
}

static void a_file_that_grows_meanwhile_is_sent_as_long_as_was_asked(void **state)
{
    struct contract_pair pair;
    struct sending sending;
    char byte;

    (void)state;
    open_flood(&pair, &sending);
    contract_start(&sending.worker, send_file);
    contract_peer->settle();
    contract_peer->tree->resize("flood", FLOOD_BYTES + MEBIBYTE);
    read_flood(&pair, 0, FLOOD_BYTES);
    contract_join(&sending.worker);
    assert_int_equal(sending.worker.result, 0);
    assert_int_equal(sending.sent, FLOOD_BYTES);
    port_finish(&pair.server);
    assert_int_equal(contract_peer->read(pair.client, &byte, 1), 0);
    contract_peer->leave(pair.client);
    close_flood(&pair, &sending);
}

int contract_run_send_file(void)
{
    const struct CMUnitTest tests[] = {
        CONTRACT_FILES_TEST(the_pieces_come_first_and_then_the_part_of_the_file),
        CONTRACT_FILES_TEST(nothing_of_a_file_is_sent_as_well_as_something),
        CONTRACT_FILES_TEST(a_peer_that_reads_slowly_gets_every_byte),
        CONTRACT_FILES_TEST(the_socket_waits_for_bytes_afterwards_as_before),
        CONTRACT_FILES_TEST(a_large_offset_is_sent_from),
        CONTRACT_FILES_TEST(a_deadline_ends_it_and_sent_tells_where_to_go_on),
        CONTRACT_FILES_TEST(a_deadline_long_past_is_a_timeout),
        CONTRACT_FILES_TEST(an_interrupt_wakes_it),
        CONTRACT_FILES_TEST(a_peer_that_resets_ends_it),
        CONTRACT_FILES_TEST(a_file_that_ends_before_is_sent_as_far_as_it_goes),
        CONTRACT_FILES_TEST(a_file_that_gets_shorter_meanwhile_is_not_padded),
        CONTRACT_FILES_TEST(a_file_that_grows_meanwhile_is_sent_as_long_as_was_asked),
    };
    return cmocka_run_group_tests_name("send_file", tests, NULL, NULL);
}
