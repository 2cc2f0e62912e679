/* Each timeout by the clock moved by hand: idle, request, body, send, and what a rate adds to the last two. */
#include "server_fixture.h"

#define IDLE_MS    15000
#define REQUEST_MS 10000
#define BODY_MS    8000
#define SEND_MS    6000
#define RATE       1024

static void start(struct fixture *f)
{
    f->config.idle_timeout_ms = IDLE_MS;
    f->config.request_timeout_ms = REQUEST_MS;
    f->config.body_timeout_ms = BODY_MS;
    f->config.send_timeout_ms = SEND_MS;
    f->config.min_rate = RATE;
    fixture_start(f);
}

static void idle_from_accept_closes_without_a_word(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fake_clock_advance(IDLE_MS - 1);
    fixture_expect_open(client);
    fake_clock_advance(1);
    fixture_expect_end(client);
}

static void idle_between_requests_closes_without_a_word(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fake_clock_advance(IDLE_MS - 1);
    fixture_expect_hello(client);
    fake_clock_advance(IDLE_MS - 1); /* counts from the reply's end */
    fixture_expect_hello(client);
    fake_clock_advance(IDLE_MS - 1);
    fixture_expect_open(client);
    fake_clock_advance(1);
    fixture_expect_end(client);
}

static void half_a_head_is_answered_408(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fake_clock_advance(5000); /* idle time before the first byte does not count */
    fake_feed_text(client, "GET /hello HTTP/1.1\r\nHo");
    fake_clock_advance(REQUEST_MS - 1);
    fixture_expect_open(client);
    fake_clock_advance(1);
    const struct reply *reply = fixture_expect(client, 408);
    assert_string_equal(fixture_field(reply, "Connection"), "close");
    fixture_expect_end(client);
    assert_int_equal(f->handled, 0);
}

static void trickling_a_head_does_not_extend_its_deadline(void **state)
{
    static const char head[] = "GET /hello HTTP/1.1\r\nHost: device\r\nX-Long: 0123456789\r\n\r\n";
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    for (size_t i = 0; i < 10; i++) {
        fixture_expect_open(client);
        fake_feed(client, head + i, 1);
        fake_clock_advance(REQUEST_MS / 10);
    }
    fixture_expect(client, 408);
    fixture_expect_end(client);
}

static void empty_lines_before_a_request_do_not_extend_a_deadline(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    for (int i = 0; i < 30 && !fake_is_ended(client); i++) { /* RFC 9112 §2.2 lets them be ignored, not for ever */
        fake_feed_text(client, "\r\n");
        fake_clock_advance(1000);
    }
    assert_true(fake_is_ended(client));
}

static void a_pipelined_half_head_has_a_deadline_too(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /he");
    fixture_expect(client, 200);
    fake_clock_advance(REQUEST_MS - 1);
    fixture_expect_open(client);
    fake_clock_advance(1);
    fixture_expect(client, 408);
    fixture_expect_end(client);
}

/* -- bodies -- */

static struct fake_client *post(struct fixture *f, const char *length)
{
    struct fake_client *client = fixture_connect(f);

    fake_feed_text(client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ");
    fake_feed_text(client, length);
    fake_feed_text(client, "\r\n\r\n");
    fake_wait_quiet();
    return client;
}

static void a_body_that_does_not_come_is_answered_408(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = post(f, "10");
    fake_clock_advance(BODY_MS - 1);
    fixture_expect_open(client);
    fake_clock_advance(1);
    fixture_expect(client, 408);
    fixture_expect_end(client);
    assert_int_equal(f->result, BOBBIN_TIMEOUT);
}

static void a_trickled_body_gains_no_more_than_its_bytes_are_worth(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = post(f, "1000");
    for (int i = 0; i < 8; i++) {
        fixture_expect_open(client);
        fake_feed_text(client, "x");
        fake_clock_advance(BODY_MS / 8);
    }
    fake_clock_advance(9); /* 8 bytes at 1024 bytes/s */
    fixture_expect(client, 408);
    fixture_expect_end(client);
}

static void a_body_above_the_rate_outlasts_the_timeout(void **state)
{
    static char second[2 * RATE];
    struct fixture *f = *state;

    memset(second, 'b', sizeof second);
    start(f);
    struct fake_client *client = post(f, "65536");
    for (int i = 0; i < 32; i++) { /* 32 s, four times the timeout */
        fixture_expect_open(client);
        fake_feed(client, second, sizeof second);
        if (i < 31)
            fake_clock_advance(1000);
    }
    const struct reply *reply = fixture_expect(client, 200);
    assert_int_equal(reply->length, 65536);
}

static void a_body_below_the_rate_is_cut_in_the_end(void **state)
{
    static char second[RATE / 2];
    struct fixture *f = *state;
    int seconds = 0;

    memset(second, 'b', sizeof second);
    start(f);
    struct fake_client *client = post(f, "65536");
    while (seconds < 100 && fake_unread(client) == 0) {
        fake_feed(client, second, sizeof second);
        fake_clock_advance(1000);
        seconds++;
    }
    fixture_expect(client, 408);
    assert_in_range(seconds, BODY_MS / 1000, 2 * BODY_MS / 1000 + 1); /* half the rate doubles its time */
}

/* -- replies -- */

static void a_reply_that_nobody_reads_is_cut(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fake_window(client, 1000);
    fixture_get(client, "/flood");
    fake_clock_advance(SEND_MS - 1);
    assert_false(fake_is_ended(client));
    fake_clock_advance(1);
    fake_clock_advance(1000 + 2 * BOBBIN_BUFFER_BYTES); /* what 1000 bytes are worth, and nothing more moved */
    fake_wait_end(client);
    assert_true(f->result < 0);
}

static void a_reader_above_the_rate_outlasts_the_timeout(void **state)
{
    struct fixture *f = *state;
    static char piece[2 * RATE];
    size_t got = 0;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fake_window(client, sizeof piece);
    fixture_get(client, "/flood");
    fake_wait_quiet();
    for (int i = 0; i < 60; i++) { /* one minute, ten times the timeout */
        got += fake_read(client, piece, sizeof piece);
        fake_clock_advance(1000);
        assert_false(fake_is_ended(client));
    }
    assert_int_equal(got, 60 * sizeof piece);
    fake_window(client, SIZE_MAX);
    fake_wait_quiet();
    assert_true(f->result >= 0);
    assert_int_equal(f->finished_status, 200);
}

static void check_slow_reader(struct fixture *f, size_t each_second)
{
    static char piece[RATE];
    int seconds = 0;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fake_window(client, each_second);
    fixture_get(client, "/flood");
    fake_wait_quiet();
    for (; seconds < 100 && !fake_is_ended(client); seconds++) {
        fake_read(client, piece, each_second);
        fake_clock_advance(1000);
    }
    assert_in_range(seconds, SEND_MS / 1000, 60);
    assert_true(f->result < 0);
}

static void a_reader_far_below_the_rate_is_cut_soon(void **state)
{
    check_slow_reader(*state, RATE / 4);
}

/* Each send gets done in time; the reply as a whole does not. */
static void a_reader_a_little_below_the_rate_is_cut_in_the_end(void **state)
{
    check_slow_reader(*state, RATE * 3 / 4);
}

/* A handler may think for longer than any timeout. */
static void the_time_a_handler_takes_is_its_own(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct fake_client *client = fixture_connect(f);
    fixture_get(client, "/gate");
    fake_gate_wait(&f->gate, 1);
    fake_clock_advance(3600000);
    fake_gate_open(&f->gate);
    fixture_expect(client, 200);
    fake_wait_quiet();
    fixture_expect_hello(client);
}

static int pause(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;

    bobbin_write(x, "before,", 7);
    bobbin_flush(x);
    fake_gate_pass(&f->gate);
    f->result = bobbin_write(x, "after", 5);
    return f->result;
}

/* Server-sent events pause for minutes; the reader is not to blame. */
static void a_pause_in_a_reply_is_the_handlers_own_too(void **state)
{
    const struct bobbin_route route = {.pattern = "/pause", .methods = BOBBIN_GET, .handler = pause};
    struct fixture *f = *state;

    fixture_routes_set(f, &route, 1);
    start(f);
    struct fake_client *client = fixture_connect(f);
    fixture_get(client, "/pause");
    fake_gate_wait(&f->gate, 1);
    fake_clock_advance(3600000);
    fake_gate_open(&f->gate);
    const struct reply *reply = fixture_expect(client, 200);
    assert_string_equal(reply->body, "before,after");
}

/* What went out before the body came must not use up the time that the reply has. */
static void a_long_upload_leaves_the_reply_its_whole_time(void **state)
{
    static const char *const expect[] = {"", "Expect: 100-continue\r\n"};
    static char second[2 * RATE];
    struct fixture *f = *state;

    memset(second, 'b', sizeof second);
    start(f);
    for (int asks = 0; asks < 2; asks++) {
        struct fake_client *client = fixture_connect(f);
        fixture_get(client, "/hello"); /* its reply leaves when the server waits for the body */
        fake_feed_text(client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 20480\r\n");
        fake_feed_text(client, expect[asks]);
        fake_feed_text(client, "\r\n");
        fixture_expect(client, 200);
        if (asks)
            assert_int_equal(fixture_reply(client, true)->status, 100);
        for (int i = 0; i < 10; i++) {
            fake_clock_advance(1000);
            fake_feed(client, second, sizeof second);
        }
        assert_int_equal(fixture_expect(client, 200)->length, 20480);
    }
}

static void a_closed_connection_is_read_until_the_client_left_or_the_linger_is_over(void **state)
{
    static char rest[2000];
    struct fixture *f = *state;

    start(f);
    for (int leaves = 0; leaves < 2; leaves++) {
        struct fake_client *client = fixture_connect(f);
        fake_feed_text(client, "NOT HTTP\r\n\r\n");
        fixture_expect(client, 400);
        fixture_expect_end(client);
        fake_feed(client, rest, sizeof rest); /* what was under way: a reset now would swallow the reply */
        fake_wait_quiet();
        assert_int_equal(fake_untaken(client), 0);
        assert_false(fake_is_closed(client));
        if (leaves)
            fake_end(client);
        else
            fake_clock_advance(BOBBIN_LINGER_MS);
        fake_wait_closed(client);
        assert_false(fake_was_cut(client));
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(idle_from_accept_closes_without_a_word),
        FIXTURE_TEST(idle_between_requests_closes_without_a_word),
        FIXTURE_TEST(half_a_head_is_answered_408),
        FIXTURE_TEST(trickling_a_head_does_not_extend_its_deadline),
        FIXTURE_TEST(empty_lines_before_a_request_do_not_extend_a_deadline),
        FIXTURE_TEST(a_pipelined_half_head_has_a_deadline_too),
        FIXTURE_TEST(a_body_that_does_not_come_is_answered_408),
        FIXTURE_TEST(a_trickled_body_gains_no_more_than_its_bytes_are_worth),
        FIXTURE_TEST(a_body_above_the_rate_outlasts_the_timeout),
        FIXTURE_TEST(a_body_below_the_rate_is_cut_in_the_end),
        FIXTURE_TEST(a_reply_that_nobody_reads_is_cut),
        FIXTURE_TEST(a_reader_above_the_rate_outlasts_the_timeout),
        FIXTURE_TEST(a_reader_far_below_the_rate_is_cut_soon),
        FIXTURE_TEST(a_reader_a_little_below_the_rate_is_cut_in_the_end),
        FIXTURE_TEST(the_time_a_handler_takes_is_its_own),
        FIXTURE_TEST(a_pause_in_a_reply_is_the_handlers_own_too),
        FIXTURE_TEST(a_long_upload_leaves_the_reply_its_whole_time),
        FIXTURE_TEST(a_closed_connection_is_read_until_the_client_left_or_the_linger_is_over),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("deadlines", tests, NULL, NULL);
}
