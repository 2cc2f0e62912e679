/* Methods, targets and routes, as a client sees them. */
#include "server_fixture.h"

static int show(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    char id[16], value[16];

    f->result = bobbin_parameter(x, "id", id, sizeof id);
    if (f->result < 0)
        return f->result == BOBBIN_TOO_BIG ? 414 : f->result;
    if (bobbin_value(bobbin_query(x), "q", value, sizeof value) < 0)
        value[0] = '\0';
    bobbin_write(x, id, strlen(id));
    bobbin_write(x, "|", 1);
    return bobbin_write(x, value, strlen(value));
}

static int plain(struct bobbin_exchange *x, void *context)
{
    (void)context;
    return bobbin_reply_text(x, "plain");
}

static const struct bobbin_route routes[] = {
    {.pattern = "/things/{id}", .methods = BOBBIN_GET, .handler = show},
    {.pattern = "/things/special", .methods = BOBBIN_GET | BOBBIN_PUT, .handler = plain},
    {.pattern = "/only-post", .methods = BOBBIN_POST, .handler = plain},
};

static struct fake_client *start(struct fixture *f)
{
    fixture_routes_set(f, routes, sizeof routes / sizeof *routes);
    fixture_start(f);
    return fixture_connect(f);
}

static void ask(struct fake_client *client, const char *line)
{
    fake_feed_text(client, line);
    fake_feed_text(client, " HTTP/1.1\r\nHost: device\r\n\r\n");
}

static void parameters_and_values_arrive_decoded(void **state)
{
    struct fake_client *client = start(*state);

    ask(client, "GET /things/caf%C3%A9?q=a+b%21");
    assert_string_equal(fixture_expect(client, 200)->body, "caf\xc3\xa9|a b!");
    ask(client, "GET /things/a%2Fb");
    assert_string_equal(fixture_expect(client, 200)->body, "a/b|");
    ask(client, "GET /x/../things/./7");
    assert_string_equal(fixture_expect(client, 200)->body, "7|");
    ask(client, "GET http://device/things/8?q=1");
    assert_string_equal(fixture_expect(client, 200)->body, "8|1");
    ask(client, "GET /things/far-too-long-for-that");
    fixture_expect(client, 414);
    fixture_expect_open(client); /* the handler's own status ends nothing */
}

static void the_exact_route_goes_first(void **state)
{
    struct fake_client *client = start(*state);

    ask(client, "GET /things/special");
    assert_string_equal(fixture_expect(client, 200)->body, "plain");
}

static void head_of_a_body_in_chunks_sends_no_chunk(void **state)
{
    struct fake_client *client = start(*state);

    ask(client, "HEAD /things/7?q=1");
    const struct reply *reply = fixture_reply(client, true);
    assert_int_equal(reply->status, 200);
    fixture_expect_open(client);
    ask(client, "GET /things/7");
    assert_string_equal(fixture_expect(client, 200)->body, "7|");
}

static void an_unknown_path_is_404_and_the_connection_goes_on(void **state)
{
    struct fake_client *client = start(*state);

    ask(client, "GET /nowhere");
    fixture_expect(client, 404);
    ask(client, "DELETE /nowhere");
    fixture_expect(client, 404);
    ask(client, "GET /things/special");
    fixture_expect(client, 200);
}

/* RFC 9110 §15.5.6: with what is allowed instead. */
static void a_method_without_a_route_is_405_with_allow(void **state)
{
    struct fake_client *client = start(*state);

    ask(client, "GET /only-post");
    const char *allow = fixture_field(fixture_expect(client, 405), "Allow");
    assert_non_null(allow);
    assert_non_null(strstr(allow, "POST"));
    assert_null(strstr(allow, "GET"));
    ask(client, "DELETE /things/special");
    allow = fixture_field(fixture_expect(client, 405), "Allow");
    assert_non_null(strstr(allow, "GET"));
    assert_non_null(strstr(allow, "HEAD"));
    assert_non_null(strstr(allow, "PUT"));
    assert_null(strstr(allow, "DELETE"));
    fixture_expect_open(client);
}

static void options_is_answered_by_the_server(void **state)
{
    static const char *const targets[] = {"OPTIONS /only-post", "OPTIONS *"};
    struct fake_client *client = start(*state);

    for (size_t i = 0; i < 2; i++) {
        ask(client, targets[i]);
        const struct reply *reply = fixture_reply(client, false);
        assert_in_range(reply->status, 200, 204);
        assert_non_null(fixture_field(reply, "Allow"));
        assert_non_null(strstr(fixture_field(reply, "Allow"), "POST"));
    }
    ask(client, "GET /things/special");
    fixture_expect(client, 200);
}

static void what_the_server_does_not_speak_is_refused(void **state)
{
    static const struct {
        const char *request;
        int status;
    } rows[] = {
        {"BREW /things/7 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"GET /things/7 HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        {"GET /things/7 HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417},
        {"GET /things/%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /things/%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"PUT /things/special HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
    };
    struct fixture *f = *state;

    fake_leave(start(f));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fake_client *client = fixture_connect(f);
        fake_feed_text(client, rows[i].request);
        const struct reply *reply = fixture_reply(client, false);
        if (reply->status != rows[i].status)
            fail_msg("status %d for %s", reply->status, rows[i].request);
        fake_leave(client);
        fake_wait_closed(client);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(parameters_and_values_arrive_decoded),
        FIXTURE_TEST(the_exact_route_goes_first),
        FIXTURE_TEST(head_of_a_body_in_chunks_sends_no_chunk),
        FIXTURE_TEST(an_unknown_path_is_404_and_the_connection_goes_on),
        FIXTURE_TEST(a_method_without_a_route_is_405_with_allow),
        FIXTURE_TEST(options_is_answered_by_the_server),
        FIXTURE_TEST(what_the_server_does_not_speak_is_refused),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("methods", tests, NULL, NULL);
}
