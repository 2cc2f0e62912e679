/* A core without what config.h lets boards leave out: no words for the log, no IPv6, no Date, no phrases. */
#include "server_fixture.h"

static int always_fail(struct bobbin_exchange *x, void *context)
{
    (void)x;
    (void)context;
    return BOBBIN_FAILED;
}

static struct fake_client *start(struct fixture *f)
{
    static const struct bobbin_route routes[] = {
        {.pattern = "/fail", .methods = BOBBIN_GET, .handler = always_fail},
        {.pattern = "/{any}", .methods = BOBBIN_GET, .handler = always_fail},
    };
    fixture_routes_set(f, routes, 2);
    f->config.address_count = 1; /* 127.0.0.1 */
    fixture_start(f);
    return fixture_connect(f);
}

static void replies_have_neither_a_phrase_nor_a_date(void **state)
{
    struct fake_client *client = start(*state);

    fixture_get(client, "/a/b");
    const struct reply *reply = fixture_expect(client, 404);
    assert_memory_equal(reply->head, "HTTP/1.1 404 \r\n", 15); /* RFC 9112 §4: the space stays */
    assert_null(fixture_field(reply, "Date"));
    assert_string_equal(fixture_field(reply, "Content-Length"), "4");
    assert_string_equal(reply->body, "404\n");
    fixture_expect_open(client);
}

static void errors_are_answered_and_the_log_is_told_nothing(void **state)
{
    struct fixture *f = *state;
    struct bobbin_config bad;
    struct bobbin_plan plan;
    struct fake_client *client = start(f); /* whose routes overlap */

    fixture_get(client, "/fail");
    assert_string_equal(fixture_expect(client, 500)->body, "500\n");
    bad = f->config;
    bad.buffer_bytes = 1;
    assert_int_equal(bobbin_plan(&bad, &plan), BOBBIN_INVALID);
    assert_int_equal(fake_log_count(""), 0);
}

static void a_peer_is_told_as_before(void **state)
{
    struct fixture *f = *state;

    start(f);
    fixture_connect_from(f, "192.0.2.77");
    fake_wait_quiet();
    assert_memory_equal(f->peer.text, "192.0.2.77:", 11);
    assert_int_equal(f->peer.address_length, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(replies_have_neither_a_phrase_nor_a_date),
        FIXTURE_TEST(errors_are_answered_and_the_log_is_told_nothing),
        FIXTURE_TEST(a_peer_is_told_as_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
