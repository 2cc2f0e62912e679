/* What handlers do, and what becomes of it on the wire. */
#include "server_fixture.h"

static struct fake_client *ask(struct fixture *f, bobbin_handler *handler)
{
    const struct bobbin_route route = {.pattern = "/x", .methods = BOBBIN_GET | BOBBIN_POST, .handler = handler};

    fixture_routes_set(f, &route, 1);
    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fixture_get(client, "/x");
    return client;
}

/* -- lengths -- */

static int announce_10_write_5(struct bobbin_exchange *x, void *context)
{
    (void)context;
    bobbin_length(x, 10);
    bobbin_write(x, "01234", 5);
    return 0;
}

static void a_body_shorter_than_announced_is_logged_and_ends_the_connection(void **state)
{
    struct fixture *f = *state;
    struct fake_client *client = ask(f, announce_10_write_5);

    fixture_get(client, "/x"); /* must not fill up the missing bytes */
    const struct reply *reply = fixture_reply(client, false);
    if (reply->status != 500) { /* where nothing was sent yet, the truth can still be told */
        assert_int_equal(reply->status, 200);
        assert_false(reply->whole);
    }
    fixture_expect_end(client);
    assert_int_equal(f->finished, 1);
    assert_true(fake_log_count("") > 0);
}

static int announce_5_write_10(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;

    bobbin_length(x, 5);
    bobbin_write(x, "01", 2);
    f->result = bobbin_write(x, "23456789", 8);
    return bobbin_write(x, "234", 3);
}

static void a_write_past_the_announced_length_is_too_big_and_sends_nothing(void **state)
{
    struct fixture *f = *state;
    struct fake_client *client = ask(f, announce_5_write_10);

    assert_string_equal(fixture_expect(client, 200)->body, "01234");
    fake_wait_quiet();
    assert_int_equal(f->result, BOBBIN_TOO_BIG);
}

static int announce_5_insist_on_10(struct bobbin_exchange *x, void *context)
{
    (void)context;
    bobbin_length(x, 5);
    return bobbin_write(x, "0123456789", 10);
}

static void a_body_longer_than_announced_is_logged_and_never_leaks(void **state)
{
    struct fixture *f = *state;
    struct fake_client *client = ask(f, announce_5_insist_on_10);
    const struct reply *reply = fixture_reply(client, false);

    assert_true(reply->status == 500 || !reply->whole);
    assert_null(strstr(reply->body, "01234"));
    assert_true(fake_log_count("") > 0);
}

static int say_nothing(struct bobbin_exchange *x, void *context)
{
    (void)x;
    (void)context;
    return 0;
}

static void a_handler_that_says_nothing_answers_200_with_an_empty_body(void **state)
{
    struct fake_client *client = ask(*state, say_nothing);
    const struct reply *reply = fixture_expect(client, 200);

    assert_int_equal(reply->length, 0);
    assert_false(reply->to_end);
    fixture_get(client, "/x");
    fixture_expect(client, 200);
}

static int no_content(struct bobbin_exchange *x, void *context)
{
    (void)context;
    return bobbin_status(x, 204);
}

/* RFC 9110 §8.6, RFC 9112 §6.3: a 204 has neither a body nor a length. */
static void no_content_has_no_length(void **state)
{
    struct fake_client *client = ask(*state, no_content);
    const struct reply *reply = fixture_expect(client, 204);

    assert_null(fixture_field(reply, "Content-Length"));
    assert_null(fixture_field(reply, "Transfer-Encoding"));
    fixture_get(client, "/x");
    fixture_expect(client, 204);
}

/* -- chunks -- */

static int stream(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;

    bobbin_header(x, "Content-Type", "text/event-stream");
    bobbin_write(x, "one,", 4);
    bobbin_flush(x);
    fake_gate_pass(&f->gate);
    bobbin_write(x, "", 0); /* must not end the body */
    bobbin_write(x, "two,", 4);
    bobbin_write(x, "three", 5);
    return 0;
}

static void a_body_of_unknown_length_streams_in_chunks(void **state)
{
    struct fixture *f = *state;
    struct fake_client *client = ask(f, stream);
    char start[512] = "";

    fake_gate_wait(&f->gate, 1);
    fake_wait_quiet();
    size_t there = fake_unread(client);
    assert_true(there > 0 && there < sizeof start); /* the head and "one," went before the pause */
    fake_gate_open(&f->gate);
    const struct reply *reply = fixture_expect(client, 200);
    assert_true(reply->chunked);
    assert_string_equal(reply->body, "one,two,three");
    fixture_get(client, "/x");
    assert_string_equal(fixture_expect(client, 200)->body, "one,two,three");
}

static void http_1_0_gets_an_unknown_length_until_the_end(void **state)
{
    const struct bobbin_route route = {.pattern = "/x", .methods = BOBBIN_GET, .handler = stream};
    struct fixture *f = *state;

    fixture_routes_set(f, &route, 1);
    fixture_start(f);
    fake_gate_open(&f->gate);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const struct reply *reply = fixture_expect(client, 200);
    assert_true(reply->to_end);
    assert_string_equal(reply->body, "one,two,three");
    fixture_expect_end(client);
}

static int write_until_it_fails(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    int result = 0;

    for (int i = 0; i < 100000 && result >= 0; i++)
        result = bobbin_write(x, "0123456789abcdef", 16);
    f->result = result;
    return result;
}

static void write_tells_that_the_client_is_gone(void **state)
{
    struct fixture *f = *state;
    struct fake_client *client = ask(f, write_until_it_fails);

    fake_leave(client);
    fake_wait_closed(client);
    fake_wait_quiet();
    assert_int_equal(f->result, BOBBIN_CLOSED);
    assert_int_equal(f->finished, 1);
}

/* -- fields -- */

static int refuse_fields(struct bobbin_exchange *x, void *context)
{
    static const char *const refused[][2] = {
        {"X-A", "a\r\nSet-Cookie: b"},
        {"X-A", "a\nb"},
        {"X-A", "a\rb"},
        {"X-A", "a\x01"},
        {"X A", "a"},
        {"", "a"},
        {"X-A:", "a"},
        {"X\r\nY", "a"},
        {"Content-Length", "3"},
        {"date", "a"},
        {"Connection", "x"},
        {"Transfer-encoding", "chunked"},
    };
    struct fixture *f = context;

    f->result = 0;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        f->result += bobbin_header(x, refused[i][0], refused[i][1]) == BOBBIN_INVALID;
    f->result += bobbin_header(x, "X-Good", "tab\tand space") == 0;
    f->result += bobbin_status(x, 404) == BOBBIN_WRONG_ORDER;
    int result = bobbin_reply_text(x, "body");
    f->result += bobbin_header(x, "X-Late", "a") == BOBBIN_WRONG_ORDER;
    return result;
}

static void fields_that_would_break_the_head_are_refused(void **state)
{
    struct fixture *f = *state;
    struct fake_client *client = ask(f, refuse_fields);
    const struct reply *reply = fixture_expect(client, 200);

    assert_string_equal(reply->body, "body");
    assert_string_equal(fixture_field(reply, "X-Good"), "tab\tand space");
    assert_null(strstr(reply->head, "X-A"));
    assert_null(strstr(reply->head, "Set-Cookie"));
    assert_null(strstr(reply->head, "X-Late"));
    fake_wait_quiet();
    assert_int_equal(f->result, 15);
}

static int fill_the_head(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    int result = 0, fields = 0;

    while (fields < 1000 && (result = bobbin_header(x, "X-Field", "0123456789012345678901234567890123456789")) == 0)
        fields++;
    f->result = result;
    f->handled = (unsigned)fields;
    return bobbin_reply_text(x, "body");
}

/* What fills the head leaves no room for the server's own fields either: then the truth is a 500. */
static void a_field_that_does_not_fit_is_too_big_and_never_breaks_the_head(void **state)
{
    struct fixture *f = *state;
    struct fake_client *client = ask(f, fill_the_head);
    unsigned fields = 0;

    const struct reply *reply = fixture_reply(client, false);
    for (const char *at = reply->head; (at = strstr(at, "X-Field: ")) != NULL; at++)
        fields++;
    fake_wait_quiet();
    assert_true(reply->whole);
    assert_int_equal(f->result, BOBBIN_TOO_BIG);
    if (reply->status == 200) {
        assert_int_equal(fields, f->handled);
        assert_string_equal(reply->body, "body");
    } else {
        assert_int_equal(reply->status, 500);
        assert_int_equal(fields, 0);
    }
}

static void date_is_the_wall_clocks(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fixture_get(client, "/hello");
    assert_string_equal(fixture_field(fixture_expect(client, 200), "Date"), "Sun, 06 Nov 1994 08:49:37 GMT");
    fake_wall_set(951782399); /* the last second before a leap day that a century has */
    fake_clock_advance(2000);
    fixture_get(client, "/hello");
    assert_string_equal(fixture_field(fixture_expect(client, 200), "Date"), "Mon, 28 Feb 2000 23:59:59 GMT");
    fake_wall_set(951782400);
    fake_clock_advance(2000);
    fixture_get(client, "/hello");
    assert_string_equal(fixture_field(fixture_expect(client, 200), "Date"), "Tue, 29 Feb 2000 00:00:00 GMT");
}

/* RFC 9110 §6.6.1: an origin server without a clock must not send a Date. */
static void date_is_left_out_while_the_clock_is_unknown(void **state)
{
    struct fixture *f = *state;

    fake_wall_set(-1);
    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fixture_get(client, "/hello");
    assert_null(fixture_field(fixture_expect(client, 200), "Date"));
    fake_wall_set(951782400);
    fake_clock_advance(2000);
    fixture_get(client, "/hello");
    assert_non_null(fixture_field(fixture_expect(client, 200), "Date"));
}

/* -- what handlers return -- */

static int return_result(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    (void)x;
    return f->result;
}

static void a_handlers_return_value_becomes_the_status(void **state)
{
    static const struct {
        int returned, status;
    } rows[] = {{404, 404}, {400, 400}, {599, 599}, {503, 503}, {BOBBIN_FAILED, 500}, {BOBBIN_NOT_FOUND, 500}};
    struct fixture *f = *state;

    f->result = 0;
    struct fake_client *client = ask(f, return_result);
    fixture_expect(client, 200);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        f->result = rows[i].returned;
        client = fixture_connect(f);
        fixture_get(client, "/x");
        const struct reply *reply = fixture_expect(client, rows[i].status);
        assert_true(reply->length > 0);
        fake_leave(client);
        fake_wait_closed(client);
        assert_int_equal(f->finished_status, rows[i].status);
    }
}

static int fail_in_the_middle(struct bobbin_exchange *x, void *context)
{
    (void)context;
    bobbin_write(x, "half", 4);
    bobbin_flush(x);
    return BOBBIN_FAILED;
}

static void an_error_after_the_reply_began_ends_the_connection(void **state)
{
    struct fake_client *client = ask(*state, fail_in_the_middle);
    const struct reply *reply = fixture_reply(client, false);

    assert_int_equal(reply->status, 200);
    assert_false(reply->whole); /* no last chunk: the client can tell */
    fixture_expect_end(client);
}

static int close_after(struct bobbin_exchange *x, void *context)
{
    (void)context;
    bobbin_close_after(x);
    return bobbin_reply_text(x, "last\n");
}

static void close_after_ends_the_connection_behind_the_reply(void **state)
{
    struct fake_client *client = ask(*state, close_after);
    const struct reply *reply = fixture_expect(client, 200);

    assert_string_equal(fixture_field(reply, "Connection"), "close");
    fixture_expect_end(client);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_body_shorter_than_announced_is_logged_and_ends_the_connection),
        FIXTURE_TEST(a_write_past_the_announced_length_is_too_big_and_sends_nothing),
        FIXTURE_TEST(a_body_longer_than_announced_is_logged_and_never_leaks),
        FIXTURE_TEST(a_handler_that_says_nothing_answers_200_with_an_empty_body),
        FIXTURE_TEST(no_content_has_no_length),
        FIXTURE_TEST(a_body_of_unknown_length_streams_in_chunks),
        FIXTURE_TEST(http_1_0_gets_an_unknown_length_until_the_end),
        FIXTURE_TEST(write_tells_that_the_client_is_gone),
        FIXTURE_TEST(fields_that_would_break_the_head_are_refused),
        FIXTURE_TEST(a_field_that_does_not_fit_is_too_big_and_never_breaks_the_head),
        FIXTURE_TEST(date_is_the_wall_clocks),
        FIXTURE_TEST(date_is_left_out_while_the_clock_is_unknown),
        FIXTURE_TEST(a_handlers_return_value_becomes_the_status),
        FIXTURE_TEST(an_error_after_the_reply_began_ends_the_connection),
        FIXTURE_TEST(close_after_ends_the_connection_behind_the_reply),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("replies", tests, NULL, NULL);
}
