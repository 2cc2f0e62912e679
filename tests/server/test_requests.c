/* Requests on one connection: keep-alive, pipelining, heads larger than the buffer, bodies. */
#include <stdio.h>

#include "server_fixture.h"

static void keep_alive_serves_many_requests(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    for (int i = 0; i < 100; i++)
        fixture_expect_hello(client);
    fixture_expect_open(client);
    assert_int_equal(f->connected, 1);
    assert_int_equal(f->finished, 100);
    assert_int_equal(f->finished_status, 200);
}

static void connection_close_is_obeyed(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const struct reply *reply = fixture_expect(client, 200);
    assert_string_equal(fixture_field(reply, "Connection"), "close");
    fixture_expect_end(client);
}

static void http_1_0_ends_after_one_reply_unless_it_asks(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    fixture_expect(client, 200);
    fixture_expect_open(client);
    fake_feed_text(client, "GET /hello HTTP/1.0\r\n\r\n");
    fixture_expect(client, 200);
    fixture_expect_end(client);
}

static void requests_may_come_byte_by_byte(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fake_split(client, 1);
    fixture_get(client, "/hello");
    fake_feed_text(client, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\n");
    fixture_get(client, "/hello");
    assert_string_equal(fixture_expect(client, 200)->body, "hello\n");
    assert_string_equal(fixture_expect(client, 200)->body, "abc0123456789");
    assert_string_equal(fixture_expect(client, 200)->body, "hello\n");
}

static void pipelined_requests_leave_in_one_send(void **state)
{
    struct fixture *f = *state;
    char requests[1024] = "";

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    for (int i = 0; i < 4; i++)
        strcat(requests, "GET /hello HTTP/1.1\r\nHost: device\r\n\r\n");
    fake_feed_text(client, requests);
    for (int i = 0; i < 4; i++)
        assert_string_equal(fixture_expect(client, 200)->body, "hello\n");
    fixture_expect_open(client);
    assert_int_equal(fake_sends(client), 1);
}

static void a_reply_does_not_wait_for_the_rest_of_a_pipelined_request(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HT");
    fixture_expect(client, 200);
    fake_feed_text(client, "TP/1.1\r\nHost: a\r\n\r\n");
    fixture_expect(client, 200);
}

/* A handler that blocks must not hold back what was answered before it. */
static void a_reply_does_not_wait_for_a_later_handler_that_reads(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fixture_get(client, "/hello");
    fake_feed_text(client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
    fixture_expect(client, 200);
    fake_feed_text(client, "abc");
    assert_string_equal(fixture_expect(client, 200)->body, "abc");
}

static void head_has_the_length_and_no_body(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    const struct reply *reply = fixture_reply(client, true);
    assert_int_equal(reply->status, 200);
    assert_string_equal(fixture_field(reply, "Content-Length"), "6");
    fixture_expect_open(client);
    fake_feed_text(client, "HEAD /flood HTTP/1.1\r\nHost: a\r\n\r\nHEAD /nowhere HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(fixture_reply(client, true)->status, 200);
    assert_int_equal(fixture_reply(client, true)->status, 404);
    fixture_expect_hello(client);
}

static void nothing_after_a_broken_request_is_read_as_one(void **state)
{
    static const char *const broken[] = {
        "GET /hello HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
        "GET /hello HTTP/1.1\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
    };
    struct fixture *f = *state;

    fixture_start(f);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct fake_client *client = fixture_connect(f);
        fake_feed_text(client, broken[i]);
        fixture_get(client, "/hello");
        const struct reply *reply = fixture_expect(client, 400);
        assert_string_equal(fixture_field(reply, "Connection"), "close");
        fixture_expect_end(client);
        fake_leave(client);
        fake_wait_closed(client);
    }
    assert_int_equal(f->handled, 0);
}

/* -- heads and the buffer -- */

static void feed_filler(struct fake_client *client, const char *name, size_t length)
{
    static char filler[65536];

    memset(filler, 'c', length);
    fake_feed_text(client, name);
    fake_feed(client, filler, length);
    fake_feed_text(client, "\r\n");
}

static void long_cookies_are_dropped(void **state)
{
    struct fixture *f = *state;

    f->config.buffer_bytes = 2048;
    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    for (int i = 0; i < 2; i++) {
        fake_split(client, i == 0 ? SIZE_MAX : 100);
        fake_feed_text(client, "GET /hello HTTP/1.1\r\nHost: a\r\n");
        feed_filler(client, "Cookie: a=", 8000);
        feed_filler(client, "X-More: ", 1500);
        fake_feed_text(client, "Accept: */*\r\n\r\n");
        assert_string_equal(fixture_expect(client, 200)->body, "hello\n");
    }
    fixture_expect_hello(client);
}

static void heads_past_their_limit_are_431(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "GET /hello HTTP/1.1\r\nHost: a\r\n");
    feed_filler(client, "Cookie: a=", f->config.max_head);
    fake_feed_text(client, "\r\n");
    fixture_expect(client, 431);
    fixture_expect_end(client);
    client = fixture_connect(f);
    fake_feed_text(client, "GET /hello HTTP/1.1\r\nHost: a\r\n");
    for (size_t i = 0; i < f->config.max_fields + 1; i++)
        fake_feed_text(client, "X: y\r\n");
    fake_feed_text(client, "\r\n");
    fixture_expect(client, 431);
    fixture_expect_end(client);
}

static void a_request_line_past_its_limit_is_414(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    feed_filler(client, "GET /", f->config.max_request_line + 10);
    fixture_expect(client, 414);
    fixture_expect_end(client);
}

static int cookie_handler(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    struct bobbin_span cookie = bobbin_field(x, "cookie");

    f->result = cookie.data == NULL ? -1 : (int)cookie.length;
    return bobbin_reply_text(x, "");
}

static void a_field_that_the_route_names_is_kept(void **state)
{
    static const char *const fields[] = {"Cookie", NULL};
    const struct bobbin_route routes[] = {
        {.pattern = "/keep", .methods = BOBBIN_GET, .handler = cookie_handler, .fields = fields}};
    struct fixture *f = *state;

    f->config.buffer_bytes = 2048;
    fixture_routes_set(f, routes, 1);
    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "GET /keep HTTP/1.1\r\nHost: a\r\n");
    feed_filler(client, "X-More: ", 3000);
    feed_filler(client, "Cookie: ", 500);
    feed_filler(client, "X-Even-More: ", 3000);
    fake_feed_text(client, "\r\n");
    fixture_expect(client, 200);
    assert_int_equal(f->result, 500);
    fake_feed_text(client, "GET /keep HTTP/1.1\r\nHost: a\r\n");
    feed_filler(client, "Cookie: ", 4000); /* it can be neither kept nor dropped */
    fake_feed_text(client, "\r\n");
    fixture_expect(client, 431);
    fixture_expect_end(client);
}

/* -- bodies -- */

static void expect_continue_is_answered_when_the_body_is_read(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    assert_int_equal(fixture_reply(client, true)->status, 100);
    fixture_expect_open(client);
    fake_feed_text(client, "body");
    assert_string_equal(fixture_expect(client, 200)->body, "body");
    fixture_expect_hello(client);
}

static void expect_continue_is_left_out_when_nobody_reads_the_body(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "POST /ignore HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    fixture_expect(client, 200);
}

static void expect_continue_is_left_out_when_the_body_is_there(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody");
    const struct reply *reply = fixture_reply(client, false);
    if (reply->status == 100) /* allowed, RFC 9110 §10.1.1: "MAY omit" */
        reply = fixture_reply(client, false);
    assert_int_equal(reply->status, 200);
    assert_string_equal(reply->body, "body");
}

static void a_small_unread_body_is_passed_over(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n0123456789");
    fixture_expect(client, 200); /* not held back until the rest comes */
    fake_feed_text(client, "GET /never");
    fixture_expect_hello(client);
    fake_feed_text(client, "POST /ignore HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "3\r\nabc\r\n0\r\n\r\n");
    fixture_expect(client, 200);
    fixture_expect_hello(client);
}

static void a_large_unread_body_ends_the_connection(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n0123456789");
    fixture_expect(client, 200);
    for (int i = 0; i < 10 && !fake_is_ended(client); i++) {
        static char more[20000];
        fake_feed(client, more, sizeof more);
        fake_clock_advance(1);
    }
    fixture_expect_end(client);
}

static void a_body_past_its_limit_is_413(void **state)
{
    const struct bobbin_route routes[] = {
        {.pattern = "/echo", .methods = BOBBIN_POST, .handler = fixture_routes[2].handler, .max_body = 10}};
    static const char *const requests[] = {
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n3\r\n012\r\n0\r\n\r\n",
    };
    struct fixture *f = *state;

    fixture_routes_set(f, routes, 1);
    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789");
    fixture_expect(client, 200);
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        client = fixture_connect(f);
        fake_feed_text(client, requests[i]);
        fixture_expect(client, 413);
        fixture_expect_end(client);
    }
}

static void a_body_cut_short_is_no_body(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fake_feed_text(client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n0123456789");
    fake_end(client);
    fake_wait_end(client);
    fake_wait_quiet();
    assert_true(f->result < 0);
}

static void large_bodies_stream_both_ways(void **state)
{
    static char body[100000];
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (char)('a' + i % 26);
    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    for (size_t split = 1000; split <= 7000; split += 3000) {
        fake_split(client, split);
        fake_feed_text(client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
        fake_feed(client, body, sizeof body);
        const struct reply *reply = fixture_expect(client, 200);
        assert_int_equal(reply->length, sizeof body);
        assert_memory_equal(reply->body, body, sizeof body);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(keep_alive_serves_many_requests),
        FIXTURE_TEST(connection_close_is_obeyed),
        FIXTURE_TEST(http_1_0_ends_after_one_reply_unless_it_asks),
        FIXTURE_TEST(requests_may_come_byte_by_byte),
        FIXTURE_TEST(pipelined_requests_leave_in_one_send),
        FIXTURE_TEST(a_reply_does_not_wait_for_the_rest_of_a_pipelined_request),
        FIXTURE_TEST(a_reply_does_not_wait_for_a_later_handler_that_reads),
        FIXTURE_TEST(head_has_the_length_and_no_body),
        FIXTURE_TEST(nothing_after_a_broken_request_is_read_as_one),
        FIXTURE_TEST(long_cookies_are_dropped),
        FIXTURE_TEST(heads_past_their_limit_are_431),
        FIXTURE_TEST(a_request_line_past_its_limit_is_414),
        FIXTURE_TEST(a_field_that_the_route_names_is_kept),
        FIXTURE_TEST(expect_continue_is_answered_when_the_body_is_read),
        FIXTURE_TEST(expect_continue_is_left_out_when_nobody_reads_the_body),
        FIXTURE_TEST(expect_continue_is_left_out_when_the_body_is_there),
        FIXTURE_TEST(a_small_unread_body_is_passed_over),
        FIXTURE_TEST(a_large_unread_body_ends_the_connection),
        FIXTURE_TEST(a_body_past_its_limit_is_413),
        FIXTURE_TEST(a_body_cut_short_is_no_body),
        FIXTURE_TEST(large_bodies_stream_both_ways),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
