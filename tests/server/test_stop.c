/* bobbin_stop: nobody comes in, the idle go at once, the busy have their grace. */
#include "server_fixture.h"

#define GRACE_MS 4000

static void start(struct fixture *f)
{
    f->config.grace_ms = GRACE_MS;
    fixture_start(f);
}

static void stop_of_an_empty_house_returns_at_once(void **state)
{
    struct fixture *f = *state;

    start(f);
    fixture_stop(f);
    assert_true(fixture_has_stopped(f)); /* which means that accept was woken: the clock stands still */
    assert_int_equal(f->run_result, 0);
}

static void stop_closes_idle_clients_at_once(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *fresh = fixture_connect(f);
    struct fake_client *idle = fixture_connect(f);
    fixture_expect_hello(idle);
    fake_wait_quiet();
    fixture_stop(f);
    fixture_expect_end(fresh);
    fixture_expect_end(idle);
    fake_end(fresh);
    fake_end(idle);
    assert_true(fixture_has_stopped(f));
}

static void stop_lets_nobody_in(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *busy = fixture_connect(f);
    fixture_get(busy, "/gate");
    fake_gate_wait(&f->gate, 1);
    fixture_stop(f);
    struct fake_client *late = fake_connect(NULL, NULL, f->port);
    fake_wait_quiet();
    if (late != NULL) /* the system's queue may still take it, the server not */
        assert_false(fake_is_accepted(late));
    assert_false(fixture_has_stopped(f));
}

static void stop_lets_requests_in_flight_finish(void **state)
{
    struct fixture *f = *state;
    struct fake_client *clients[3];

    start(f);
    for (size_t i = 0; i < 3; i++) {
        clients[i] = fixture_connect(f);
        fixture_get(clients[i], "/gate");
    }
    fake_gate_wait(&f->gate, 3);
    fixture_stop(f);
    fake_clock_advance(GRACE_MS - 1);
    assert_false(fixture_has_stopped(f));
    fake_gate_open(&f->gate);
    for (size_t i = 0; i < 3; i++) {
        const struct reply *reply = fixture_expect(clients[i], 200);
        assert_string_equal(reply->body, "hello\n");
        assert_string_equal(fixture_field(reply, "Connection"), "close");
        fixture_expect_end(clients[i]);
        fake_end(clients[i]);
    }
    assert_true(fixture_has_stopped(f));
}

static void stop_ends_keep_alive_after_the_reply(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fixture_get(client, "/gate");
    fixture_get(client, "/hello"); /* pipelined: not begun when the stop comes */
    fake_gate_wait(&f->gate, 1);
    fixture_stop(f);
    fake_gate_open(&f->gate);
    fixture_expect(client, 200);
    fixture_expect_end(client);
    assert_int_equal(f->handled, 1);
    fake_end(client);
    assert_true(fixture_has_stopped(f));
}

static void grace_over_interrupts_who_waits_for_a_body(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
    fake_wait_quiet();
    fixture_stop(f);
    fake_clock_advance(GRACE_MS - 1);
    fixture_expect_open(client);
    assert_false(fixture_has_stopped(f));
    fake_clock_advance(1);
    fake_wait_end(client);
    assert_int_equal(f->result, BOBBIN_CLOSED);
    fake_clock_advance(BOBBIN_LINGER_MS);
    assert_true(fixture_has_stopped(f));
}

static void grace_over_interrupts_who_waits_for_a_reader(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fake_window(client, 100);
    fixture_get(client, "/flood");
    fake_wait_quiet();
    fixture_stop(f);
    assert_false(fixture_has_stopped(f));
    fake_clock_advance(GRACE_MS);
    fake_wait_end(client);
    assert_true(f->result < 0);
    fake_clock_advance(BOBBIN_LINGER_MS);
    assert_true(fixture_has_stopped(f));
}

/* A handler that the server cannot wake: it is told at its next call, and waited for. */
static void a_handler_that_outlasts_the_grace_is_waited_for(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fixture_get(client, "/gate");
    fake_gate_wait(&f->gate, 1);
    fixture_stop(f);
    fake_clock_advance(2 * GRACE_MS);
    fake_wait_end(client);
    assert_false(fixture_has_stopped(f));
    fake_gate_open(&f->gate);
    assert_true(fixture_has_stopped(f));
}

static void stop_during_half_a_head_ends_within_the_grace(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "GET /hello HTTP/1.1\r\nHo");
    fake_wait_quiet();
    fixture_stop(f);
    fake_clock_advance(GRACE_MS);
    fake_wait_end(client);
    fake_clock_advance(BOBBIN_LINGER_MS);
    assert_true(fixture_has_stopped(f));
}

static void stop_ends_lingering_within_the_grace(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "NOT HTTP\r\n\r\n");
    fixture_expect(client, 400);
    fixture_expect_end(client);
    fixture_stop(f);
    fake_clock_advance(GRACE_MS);
    assert_true(fixture_has_stopped(f));
}

static void stop_may_be_called_any_number_of_times(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fixture_get(client, "/gate");
    fake_gate_wait(&f->gate, 1);
    bobbin_stop(f->server);
    fake_clock_advance(GRACE_MS / 2);
    bobbin_stop(f->server);
    fake_clock_advance(GRACE_MS / 2); /* the first one counts: the grace is over */
    fake_wait_end(client);
    fake_gate_open(&f->gate);
    assert_true(fixture_has_stopped(f));
    bobbin_stop(f->server);
}

static void stop_before_start_ends_it_at_once(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(fixture_open(f), 0);
    bobbin_stop(f->server); /* a signal may come between the two */
    assert_int_equal(bobbin_run(f->server), 0);
}

static int stop_handler(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    bobbin_stop(f->server);
    return bobbin_reply_text(x, "goodbye\n");
}

static void a_handler_may_stop_its_server(void **state)
{
    const struct bobbin_route route = {.pattern = "/stop", .methods = BOBBIN_GET, .handler = stop_handler};
    struct fixture *f = *state;

    fixture_routes_set(f, &route, 1);
    start(f);
    struct fake_client *client = fixture_connect(f);
    fixture_get(client, "/stop");
    assert_string_equal(fixture_expect(client, 200)->body, "goodbye\n");
    fixture_expect_end(client);
    fake_end(client);
    assert_true(fixture_has_stopped(f));
}

static void stop_leaves_no_thread_and_only_close_ends_the_listeners(void **state)
{
    struct fixture *f = *state;

    start(f);
    for (int i = 0; i < 4; i++)
        fixture_expect_hello(fixture_connect(f));
    fake_wait_quiet();
    bobbin_stop(f->server);
    fake_drop_all();
    assert_true(fixture_has_stopped(f));
    assert_int_equal(fake_live_threads(), 1); /* the one that was in bobbin_run */
    assert_true(fake_open_sockets() <= f->config.address_count);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(stop_of_an_empty_house_returns_at_once),
        FIXTURE_TEST(stop_closes_idle_clients_at_once),
        FIXTURE_TEST(stop_lets_nobody_in),
        FIXTURE_TEST(stop_lets_requests_in_flight_finish),
        FIXTURE_TEST(stop_ends_keep_alive_after_the_reply),
        FIXTURE_TEST(grace_over_interrupts_who_waits_for_a_body),
        FIXTURE_TEST(grace_over_interrupts_who_waits_for_a_reader),
        FIXTURE_TEST(a_handler_that_outlasts_the_grace_is_waited_for),
        FIXTURE_TEST(stop_during_half_a_head_ends_within_the_grace),
        FIXTURE_TEST(stop_ends_lingering_within_the_grace),
        FIXTURE_TEST(stop_may_be_called_any_number_of_times),
        FIXTURE_TEST(stop_before_start_ends_it_at_once),
        FIXTURE_TEST(a_handler_may_stop_its_server),
        FIXTURE_TEST(stop_leaves_no_thread_and_only_close_ends_the_listeners),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("stop", tests, NULL, NULL);
}
