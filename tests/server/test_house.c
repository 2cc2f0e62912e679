/* Who is let in: full houses, caps, and systems that run out. */
#include "server_fixture.h"

static struct fake_client *busy_client(struct fixture *f, const char *from)
{
    unsigned waiting = f->gate.waiting;
    struct fake_client *client = fixture_connect_from(f, from);

    fixture_get(client, "/gate");
    fake_gate_wait(&f->gate, waiting + 1);
    fake_wait_quiet();
    return client;
}

static void expect_full(struct fake_client *client)
{
    const struct reply *reply = fixture_expect(client, 503);

    assert_non_null(fixture_field(reply, "Retry-After"));
    assert_string_equal(fixture_field(reply, "Retry-After"), "5");
    assert_string_equal(fixture_field(reply, "Connection"), "close");
    assert_true(reply->length > 0);
    fixture_expect_end(client);
    fake_leave(client); /* as whoever reads the end does */
    fake_wait_quiet();
}

/* -- full house -- */

static void full_house_closes_the_longest_idle(void **state)
{
    struct fixture *f = *state;
    struct fake_client *clients[4];

    fixture_start(f);
    for (size_t i = 0; i < 4; i++) {
        clients[i] = fixture_connect(f);
        fixture_expect_hello(clients[i]);
        fake_clock_advance(100);
    }
    fixture_expect_hello(clients[0]); /* now the second has been idle longest */
    fake_clock_advance(FIXTURE_SETTLE_MS);
    struct fake_client *newcomer = fixture_connect(f);
    fixture_expect_hello(newcomer);
    fixture_expect_end(clients[1]);
    fixture_expect_hello(clients[0]);
    fixture_expect_hello(clients[2]);
    fixture_expect_hello(clients[3]);
}

static void full_house_spares_the_busy_for_an_idle_one(void **state)
{
    struct fixture *f = *state;

    f->config.max_clients = 3;
    fixture_start(f);
    struct fake_client *busy = busy_client(f, NULL);
    fake_clock_advance(100);
    struct fake_client *idle = fixture_connect(f);
    fixture_expect_hello(idle);
    struct fake_client *other = busy_client(f, NULL);
    fake_clock_advance(FIXTURE_SETTLE_MS);
    fixture_expect_hello(fixture_connect(f));
    fixture_expect_end(idle);
    fake_gate_open(&f->gate);
    fixture_expect(busy, 200);
    fixture_expect(other, 200);
}

static void busy_house_answers_503_and_goes_on(void **state)
{
    struct fixture *f = *state;
    struct fake_client *busy[4];

    fixture_start(f);
    for (size_t i = 0; i < 4; i++)
        busy[i] = busy_client(f, NULL);
    for (int i = 0; i < 3; i++) {
        struct fake_client *newcomer = fixture_connect(f);
        fixture_get(newcomer, "/hello");
        expect_full(newcomer);
    }
    assert_int_equal(f->handled, 4);
    fake_gate_open(&f->gate);
    for (size_t i = 0; i < 4; i++)
        fixture_expect(busy[i], 200);
    fake_clock_advance(FIXTURE_SETTLE_MS);
    fixture_expect_hello(fixture_connect(f));
}

/* Whoever says nothing must not hold up the one at the door. */
static void a_silent_newcomer_at_a_busy_house_is_answered_too(void **state)
{
    struct fixture *f = *state;

    f->config.max_clients = 1;
    fixture_start(f);
    busy_client(f, NULL);
    expect_full(fixture_connect(f));
    expect_full(fixture_connect(f));
}

/* Only one can stand at the door of a busy house: what it may wait for a newcomer is bounded, and short. */
static void a_newcomer_that_stays_after_its_503_holds_the_door_for_a_moment_only(void **state)
{
    struct fixture *f = *state;

    f->config.max_clients = 1;
    fixture_start(f);
    busy_client(f, NULL);
    struct fake_client *stays = fixture_connect(f);
    assert_int_equal(fixture_reply(stays, false)->status, 503);
    fake_clock_advance(100);
    assert_true(fake_is_closed(stays));
    expect_full(fixture_connect(f));
}

static void a_newcomer_that_does_not_read_its_503_holds_the_door_for_a_moment_only(void **state)
{
    struct fixture *f = *state;

    f->config.max_clients = 1;
    fixture_start(f);
    struct fake_client *busy = busy_client(f, NULL);
    fake_window_of_new(10);
    struct fake_client *deaf = fixture_connect(f);
    fake_window_of_new(SIZE_MAX);
    fake_clock_advance(500); /* a second is long for those who wait behind it */
    fake_clock_advance(500);
    assert_true(fake_is_closed(deaf));
    expect_full(fixture_connect(f));
    fake_gate_open(&f->gate);
    fixture_expect(busy, 200);
}

static void fresh_connections_make_no_room(void **state)
{
    struct fixture *f = *state;

    f->config.max_clients = 2;
    fixture_start(f);
    struct fake_client *one = fixture_connect(f);
    struct fake_client *two = fixture_connect(f);
    fake_clock_advance(BOBBIN_FRESH_MS - 100);
    struct fake_client *refused = fixture_connect(f);
    fake_clock_advance(50); /* it waits for their first requests, but not long */
    expect_full(refused);
    fixture_expect_open(one);
    fixture_expect_open(two);
    fake_clock_advance(51);
    fixture_expect_hello(fixture_connect(f));
    fixture_expect_end(one); /* the longest there without a word */
    fixture_expect_hello(two);
}

/* A browser that opens six connections at once to a house of four gets six answers. */
static void a_newcomer_waits_for_those_who_came_just_before(void **state)
{
    struct fixture *f = *state;

    f->config.max_clients = 1;
    fixture_start(f);
    struct fake_client *first = fixture_connect(f), *second = fixture_connect(f);
    fake_wait_quiet();
    fixture_get(second, "/hello");
    fixture_expect_hello(first);
    fixture_expect(second, 200); /* the clock stood still: it came in when the first became idle */
    fixture_expect_end(first);
}

/* Who holds as many places as one address may gives up an idle one of its own, though others are free. */
static void a_crowd_makes_room_for_its_own(void **state)
{
    struct fixture *f = *state;

    f->config.max_clients = 4;
    f->config.per_address = 1;
    fixture_start(f);
    struct fake_client *other = fixture_connect_from(f, "192.168.0.2");
    struct fake_client *mine = fixture_connect_from(f, "192.168.0.1");
    fixture_expect_hello(other);
    fake_clock_advance(10);
    fixture_expect_hello(mine);
    fake_clock_advance(10);
    fixture_expect_hello(fixture_connect_from(f, "192.168.0.1"));
    fixture_expect_end(mine);
    fixture_expect_hello(other);
}

static void a_request_under_way_makes_no_room(void **state)
{
    struct fixture *f = *state;

    f->config.max_clients = 1;
    fixture_start(f);
    struct fake_client *slow = fixture_connect(f);
    fake_feed_text(slow, "GET /hello HT");
    fake_clock_advance(FIXTURE_SETTLE_MS);
    expect_full(fixture_connect(f));
    fake_feed_text(slow, "TP/1.1\r\nHost: device\r\n\r\n");
    fixture_expect(slow, 200);
}

static void slots_are_used_again_and_again(void **state)
{
    struct fixture *f = *state;

    f->config.max_clients = 2;
    fixture_start(f);
    for (int i = 0; i < 20; i++) {
        struct fake_client *client = fixture_connect(f);
        fixture_expect_hello(client);
        fake_leave(client);
        fake_wait_closed(client);
        fake_wait_quiet();
    }
    assert_int_equal(f->connected, 20);
    assert_int_equal(f->finished, 20);
}

static void a_blocked_handler_stalls_nobody(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    for (int i = 0; i < 3; i++)
        busy_client(f, NULL);
    struct fake_client *client = fixture_connect(f);
    for (int i = 0; i < 10; i++)
        fixture_expect_hello(client);
    fake_clock_advance(FIXTURE_SETTLE_MS);
    fixture_expect_hello(fixture_connect(f));
}

/* -- one address -- */

static void per_address_caps_one_machine_and_not_the_others(void **state)
{
    struct fixture *f = *state;

    f->config.per_address = 2;
    fixture_start(f);
    busy_client(f, "192.0.2.5");
    busy_client(f, "192.0.2.5");
    struct fake_client *third = fixture_connect_from(f, "192.0.2.5");
    fixture_get(third, "/hello");
    expect_full(third);
    fixture_expect_hello(fixture_connect_from(f, "192.0.2.6"));
    fixture_expect_hello(fixture_connect_from(f, "2001:db8::5"));
}

static void per_address_forgets_those_that_left(void **state)
{
    struct fixture *f = *state;

    f->config.per_address = 1;
    fixture_start(f);
    for (int i = 0; i < 5; i++) {
        struct fake_client *client = fixture_connect_from(f, "192.0.2.5");
        fixture_expect_hello(client);
        fake_leave(client);
        fake_wait_closed(client);
        fake_wait_quiet();
    }
}

static void per_address_leaves_loopback_out_unless_told(void **state)
{
    struct fixture *f = *state;

    f->config.per_address = 1;
    fixture_start(f);
    busy_client(f, "127.0.0.9");
    fixture_expect_hello(fixture_connect_from(f, "127.0.0.9"));
    busy_client(f, "::1");
    fixture_expect_hello(fixture_connect_from(f, "::1"));
}

static void per_address_counts_loopback_when_told(void **state)
{
    struct fixture *f = *state;

    f->config.per_address = 1;
    f->config.count_loopback = true;
    fixture_start(f);
    busy_client(f, "127.0.0.9");
    expect_full(fixture_connect_from(f, "127.0.0.9"));
    busy_client(f, "::1");
    expect_full(fixture_connect_from(f, "::1"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(full_house_closes_the_longest_idle),
        FIXTURE_TEST(full_house_spares_the_busy_for_an_idle_one),
        FIXTURE_TEST(busy_house_answers_503_and_goes_on),
        FIXTURE_TEST(a_silent_newcomer_at_a_busy_house_is_answered_too),
        FIXTURE_TEST(a_newcomer_that_stays_after_its_503_holds_the_door_for_a_moment_only),
        FIXTURE_TEST(a_newcomer_that_does_not_read_its_503_holds_the_door_for_a_moment_only),
        FIXTURE_TEST(fresh_connections_make_no_room),
        FIXTURE_TEST(a_newcomer_waits_for_those_who_came_just_before),
        FIXTURE_TEST(a_crowd_makes_room_for_its_own),
        FIXTURE_TEST(a_request_under_way_makes_no_room),
        FIXTURE_TEST(slots_are_used_again_and_again),
        FIXTURE_TEST(a_blocked_handler_stalls_nobody),
        FIXTURE_TEST(per_address_caps_one_machine_and_not_the_others),
        FIXTURE_TEST(per_address_forgets_those_that_left),
        FIXTURE_TEST(per_address_leaves_loopback_out_unless_told),
        FIXTURE_TEST(per_address_counts_loopback_when_told),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("house", tests, NULL, NULL);
}
