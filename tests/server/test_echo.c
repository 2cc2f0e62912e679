/* The echo protocol: "OK..." and the bytes, for every piece that came. */
#include "server_fixture.h"

static struct fake_client *start(struct fixture *f)
{
    struct bobbin_config echo;

    bobbin_config_init_echo(&echo);
    f->config.protocol = echo.protocol;
    f->config.routes = NULL;
    f->config.route_count = 0;
    fixture_start(f);
    return fixture_connect(f);
}

static void expect_text(struct fake_client *client, const char *text)
{
    char got[256] = "";
    size_t length = strlen(text);

    assert_int_equal(fake_read(client, got, length), length);
    assert_string_equal(got, text);
    fixture_expect_open(client);
}

static void echo_answers_each_piece(void **state)
{
    struct fake_client *client = start(*state);

    fixture_expect_open(client); /* it does not speak first */
    fake_feed_text(client, "hello");
    expect_text(client, "OK...hello");
    fake_feed(client, "\0\r\n", 3);
    char got[8];
    assert_int_equal(fake_read(client, got, 8), 8);
    assert_memory_equal(got, "OK...\0\r\n", 8);
}

static void echo_ends_when_the_client_ends(void **state)
{
    struct fake_client *client = start(*state);

    fake_feed_text(client, "bye");
    fake_end(client);
    char got[16];
    assert_int_equal(fake_read(client, got, sizeof got), 8);
    assert_memory_equal(got, "OK...bye", 8);
    fake_wait_closed(client);
    assert_false(fake_was_cut(client));
}

static void echo_closes_the_silent(void **state)
{
    struct fixture *f = *state;
    struct fake_client *client = start(f);

    fake_feed_text(client, "x");
    expect_text(client, "OK...x");
    fake_clock_advance(f->config.idle_timeout_ms - 1);
    fixture_expect_open(client);
    fake_clock_advance(1);
    fixture_expect_end(client);
}

static void echo_serves_several_at_once_and_stops(void **state)
{
    struct fixture *f = *state;
    struct fake_client *one = start(f), *two = fixture_connect(f);

    fake_feed_text(two, "two");
    expect_text(two, "OK...two");
    fake_feed_text(one, "one");
    expect_text(one, "OK...one");
    fixture_stop(f);
    fixture_expect_end(one);
    fixture_expect_end(two);
    fake_end(one);
    fake_end(two);
    assert_true(fixture_has_stopped(f));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(echo_answers_each_piece),
        FIXTURE_TEST(echo_ends_when_the_client_ends),
        FIXTURE_TEST(echo_closes_the_silent),
        FIXTURE_TEST(echo_serves_several_at_once_and_stops),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("echo", tests, NULL, NULL);
}
