/* port_recv, port_send and port_finish: bytes, ends and deadlines. */
#include <stdlib.h>
#include <string.h>

#include "contract.h"

#define FLOOD_BYTES (4 << 20) /* of one piece; PORT_PIECES of them are more than any window */

static void recv_waits_for_a_byte_and_gives_at_most_size(void **state)
{
    struct contract_pair pair;
    struct contract_worker worker = {0};
    char buffer[8] = "";

    (void)state;
    contract_pair_open(&pair);
    worker.socket = &pair.server;
    worker.buffer = buffer;
    worker.size = 3;
    worker.deadline = PORT_NEVER;
    contract_start(&worker, contract_recv);
    contract_peer->settle();
    contract_peer->send(pair.client, "abcd", 4);
    contract_join(&worker);
    assert_int_equal(worker.result, 3);
    assert_memory_equal(buffer, "abc\0", 4); /* nothing behind what was asked for */
    assert_int_equal(port_recv(&pair.server, buffer, sizeof buffer, PORT_NEVER), 1);
    assert_int_equal(buffer[0], 'd');
    contract_peer->leave(pair.client);
    contract_pair_close(&pair);
}

static void recv_returns_zero_when_peer_ended(void **state)
{
    struct contract_pair pair;
    char buffer[4];

    (void)state;
    contract_pair_open(&pair);
    contract_peer->send(pair.client, "ab", 2);
    contract_peer->finish(pair.client);
    size_t got = 0;
    while (got < 2) {
        int result = port_recv(&pair.server, buffer + got, sizeof buffer - got, PORT_NEVER);
        assert_true(result > 0);
        got += (size_t)result;
    }
    assert_int_equal(port_recv(&pair.server, buffer, sizeof buffer, PORT_NEVER), 0);
    assert_int_equal(port_recv(&pair.server, buffer, sizeof buffer, PORT_NEVER), 0);
    /* A peer that ended its side still reads. */
    struct port_piece piece = {"still here", 10};
    assert_true(port_send(&pair.server, &piece, 1, PORT_NEVER, NULL) >= 0);
    char text[10];
    assert_int_equal(contract_peer->read(pair.client, text, 10), 10);
    assert_memory_equal(text, "still here", 10);
    contract_peer->leave(pair.client);
    contract_pair_close(&pair);
}

static void recv_after_a_reset_is_closed(void **state)
{
    struct contract_pair pair;
    char byte;

    (void)state;
    contract_pair_open(&pair);
    contract_peer->reset(pair.client);
    assert_int_equal(port_recv(&pair.server, &byte, 1, PORT_NEVER), BOBBIN_CLOSED);
    contract_pair_close(&pair);
}

static void check_recv_times_out(struct contract_pair *pair, uint64_t after_ms)
{
    struct contract_worker worker = {.socket = &pair->server};
    char byte;

    worker.buffer = &byte;
    worker.size = 1;
    worker.deadline = port_clock_ms() + after_ms;
    contract_start(&worker, contract_recv);
    contract_peer->pass(after_ms + PORT_LATE_MS);
    contract_join(&worker);
    assert_int_equal(worker.result, BOBBIN_TIMEOUT);
    assert_true(worker.returned_ms >= worker.deadline);
}

static void recv_times_out_at_its_deadline(void **state)
{
    struct contract_pair pair;

    (void)state;
    contract_pair_open(&pair);
    check_recv_times_out(&pair, CONTRACT_SHORT_MS);
    contract_peer->leave(pair.client);
    contract_pair_close(&pair);
}

/* A port may keep a socket's timer from one call to the next: neither a longer nor a shorter one may last. */
static void each_recv_keeps_its_own_deadline(void **state)
{
    struct contract_pair pair;
    char byte;

    (void)state;
    contract_pair_open(&pair);
    contract_peer->send(pair.client, "ab", 2);
    uint64_t far_away = port_clock_ms() + 3600000;
    assert_int_equal(port_recv(&pair.server, &byte, 1, far_away), 1);
    assert_int_equal(port_recv(&pair.server, &byte, 1, PORT_NEVER), 1);
    check_recv_times_out(&pair, CONTRACT_SHORT_MS / 2);
    check_recv_times_out(&pair, CONTRACT_SHORT_MS);
    check_recv_times_out(&pair, CONTRACT_SHORT_MS);
    check_recv_times_out(&pair, CONTRACT_SHORT_MS + CONTRACT_SHORT_MS / 5); /* a timer a little too short */
    check_recv_times_out(&pair, CONTRACT_SHORT_MS / 2);
    assert_true(port_clock_ms() < far_away);
    contract_peer->leave(pair.client);
    contract_pair_close(&pair);
}

static void recv_without_a_deadline_outlasts_an_earlier_timer(void **state)
{
    struct contract_pair pair, other;
    struct contract_worker worker = {0};
    char byte;

    (void)state;
    contract_pair_open(&pair);
    contract_pair_open(&other);
    check_recv_times_out(&pair, CONTRACT_SHORT_MS / 2);
    worker = (struct contract_worker){.socket = &pair.server, .deadline = PORT_NEVER, .buffer = &byte, .size = 1};
    contract_start(&worker, contract_recv);
    check_recv_times_out(&other, CONTRACT_SHORT_MS); /* meanwhile this much time passes */
    contract_peer->send(pair.client, "x", 1);
    contract_join(&worker);
    assert_int_equal(worker.result, 1);
    contract_peer->leave(pair.client);
    contract_peer->leave(other.client);
    contract_pair_close(&pair);
    contract_pair_close(&other);
}

static void recv_takes_deadline_zero_as_long_past(void **state)
{
    struct contract_pair pair;
    char byte;

    (void)state;
    contract_pair_open(&pair);
    assert_int_equal(port_recv(&pair.server, &byte, 1, 0), BOBBIN_TIMEOUT);
    contract_peer->send(pair.client, "x", 1);
    assert_int_equal(port_recv(&pair.server, &byte, 1, PORT_NEVER), 1);
    assert_int_equal(port_recv(&pair.server, &byte, 1, 0), BOBBIN_TIMEOUT);
    contract_peer->leave(pair.client);
    contract_pair_close(&pair);
}

/* -- send -- */

static void send_gathers_pieces_in_order_and_passes_over_empty_ones(void **state)
{
    struct contract_pair pair;
    const struct port_piece pieces[PORT_PIECES] = {{"", 0}, {"one ", 4}, {NULL, 0}, {"two", 3}};
    char text[7];
    size_t sent = 99;

    (void)state;
    contract_pair_open(&pair);
    assert_true(port_send(&pair.server, pieces, PORT_PIECES, PORT_NEVER, &sent) >= 0);
    assert_int_equal(sent, 7);
    assert_int_equal(contract_peer->read(pair.client, text, 7), 7);
    assert_memory_equal(text, "one two", 7);
    contract_peer->leave(pair.client);
    contract_pair_close(&pair);
}

static void send_of_nothing_succeeds(void **state)
{
    struct contract_pair pair;
    const struct port_piece empty = {"", 0};
    size_t sent = 99;

    (void)state;
    contract_pair_open(&pair);
    assert_true(port_send(&pair.server, NULL, 0, PORT_NEVER, &sent) >= 0);
    assert_int_equal(sent, 0);
    sent = 99;
    assert_true(port_send(&pair.server, &empty, 1, PORT_NEVER, &sent) >= 0);
    assert_int_equal(sent, 0);
    assert_true(port_send(&pair.server, NULL, 0, PORT_NEVER, NULL) >= 0);
    contract_peer->leave(pair.client);
    contract_pair_close(&pair);
}

static void send_completes_large_gathered_pieces(void **state)
{
    struct contract_pair pair;
    struct contract_worker worker = {0};
    size_t size = (1 << 20) + 17; /* so that no piece ends where a segment or a page does */
    char *out = malloc(size), *in = malloc(size);

    (void)state;
    assert_non_null(out);
    assert_non_null(in);
    for (size_t i = 0; i < size; i++)
        out[i] = (char)(i % 251);
    contract_pair_open(&pair);
    worker = (struct contract_worker){.socket = &pair.server, .deadline = PORT_NEVER, .buffer = out, .size = size};
    contract_start(&worker, contract_send);
    contract_peer->settle(); /* its window is full: from here on it goes by what is read */
    for (int piece = 0; piece < PORT_PIECES; piece++) {
        assert_int_equal(contract_peer->read(pair.client, in, size), size);
        assert_memory_equal(in, out, size);
    }
    contract_join(&worker);
    assert_true(worker.result >= 0);
    assert_int_equal(worker.sent, PORT_PIECES * size);
    contract_peer->leave(pair.client);
    contract_pair_close(&pair);
    free(out);
    free(in);
}

static void send_to_peer_that_left_fails(void **state)
{
    struct contract_pair pair;
    const struct port_piece piece = {"x", 1};
    size_t sent = 99;
    int result = 0;

    (void)state;
    contract_pair_open(&pair);
    contract_peer->leave(pair.client);
    /* The first ones may go out before the news has come. */
    for (int i = 0; i < 100000 && result >= 0; i++)
        result = port_send(&pair.server, &piece, 1, PORT_NEVER, &sent);
    assert_int_equal(result, BOBBIN_CLOSED);
    assert_int_equal(sent, 0);
    contract_pair_close(&pair);
}

static void send_after_a_reset_is_closed(void **state)
{
    struct contract_pair pair;
    const struct port_piece piece = {"x", 1};
    char byte;

    (void)state;
    contract_pair_open(&pair);
    contract_peer->reset(pair.client);
    assert_int_equal(port_recv(&pair.server, &byte, 1, PORT_NEVER), BOBBIN_CLOSED);
    assert_int_equal(port_send(&pair.server, &piece, 1, PORT_NEVER, NULL), BOBBIN_CLOSED);
    contract_pair_close(&pair);
}

static void send_times_out_when_nobody_reads_and_tells_how_much_went(void **state)
{
    struct contract_pair pair;
    struct contract_worker worker = {0};
    char *flood = calloc(1, FLOOD_BYTES), *in = malloc(FLOOD_BYTES);
    size_t got = 0, more;

    (void)state;
    assert_non_null(flood);
    assert_non_null(in);
    contract_pair_open(&pair);
    worker = (struct contract_worker){.socket = &pair.server, .buffer = flood, .size = FLOOD_BYTES};
    worker.deadline = port_clock_ms() + CONTRACT_SHORT_MS;
    contract_start(&worker, contract_send);
    contract_peer->pass(CONTRACT_SHORT_MS + PORT_LATE_MS);
    contract_join(&worker);
    assert_int_equal(worker.result, BOBBIN_TIMEOUT);
    assert_true(worker.returned_ms >= worker.deadline);
    assert_true(worker.sent < (size_t)PORT_PIECES * FLOOD_BYTES);
    contract_pair_close(&pair);
    while ((more = contract_peer->read(pair.client, in, FLOOD_BYTES)) > 0)
        got += more;
    assert_int_equal(got, worker.sent);
    contract_peer->leave(pair.client);
    free(flood);
    free(in);
}

static void accepted_sockets_send_without_delay(void **state)
{
    struct contract_pair pair;

    (void)state;
    if (contract_peer->sends_at_once == NULL)
        skip();
    contract_pair_open(&pair);
    assert_true(contract_peer->sends_at_once(&pair.server));
    contract_peer->leave(pair.client);
    contract_pair_close(&pair);
}

static void finish_ends_the_stream_behind_what_was_sent(void **state)
{
    struct contract_pair pair;
    const struct port_piece piece = {"last", 4};
    char text[8];

    (void)state;
    contract_pair_open(&pair);
    assert_true(port_send(&pair.server, &piece, 1, PORT_NEVER, NULL) >= 0);
    port_finish(&pair.server);
    assert_int_equal(contract_peer->read(pair.client, text, sizeof text), 4);
    assert_memory_equal(text, "last", 4);
    /* Our side alone: the peer is still heard. */
    contract_peer->send(pair.client, "y", 1);
    assert_int_equal(port_recv(&pair.server, text, 1, PORT_NEVER), 1);
    contract_peer->leave(pair.client);
    assert_int_equal(port_recv(&pair.server, text, 1, PORT_NEVER), 0);
    contract_pair_close(&pair);
}

static void close_ends_the_stream_behind_what_was_sent(void **state)
{
    struct contract_pair pair;
    const struct port_piece piece = {"last", 4};
    char text[8];

    (void)state;
    contract_pair_open(&pair);
    assert_true(port_send(&pair.server, &piece, 1, PORT_NEVER, NULL) >= 0);
    contract_pair_close(&pair);
    assert_int_equal(contract_peer->read(pair.client, text, sizeof text), 4);
    contract_peer->leave(pair.client);
}

int contract_run_stream(void)
{
    const struct CMUnitTest tests[] = {
        CONTRACT_TEST(recv_waits_for_a_byte_and_gives_at_most_size),
        CONTRACT_TEST(recv_returns_zero_when_peer_ended),
        CONTRACT_TEST(recv_after_a_reset_is_closed),
        CONTRACT_TEST(recv_times_out_at_its_deadline),
        CONTRACT_TEST(each_recv_keeps_its_own_deadline),
        CONTRACT_TEST(recv_without_a_deadline_outlasts_an_earlier_timer),
        CONTRACT_TEST(recv_takes_deadline_zero_as_long_past),
        CONTRACT_TEST(send_gathers_pieces_in_order_and_passes_over_empty_ones),
        CONTRACT_TEST(send_of_nothing_succeeds),
        CONTRACT_TEST(send_completes_large_gathered_pieces),
        CONTRACT_TEST(send_to_peer_that_left_fails),
        CONTRACT_TEST(send_after_a_reset_is_closed),
        CONTRACT_TEST(send_times_out_when_nobody_reads_and_tells_how_much_went),
        CONTRACT_TEST(accepted_sockets_send_without_delay),
        CONTRACT_TEST(finish_ends_the_stream_behind_what_was_sent),
        CONTRACT_TEST(close_ends_the_stream_behind_what_was_sent),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
