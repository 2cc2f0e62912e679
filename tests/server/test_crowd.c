/* Many at once, in whatever order the threads run: nobody is forgotten, and nothing stays behind. */
#include "server_fixture.h"

#define CROWD  12
#define ROUNDS 10

static struct fake_client *crowd[CROWD];

/* They come all at once, ask, and end their side: whoever is turned away then holds up nobody. */
static void gather(struct fixture *f, const char *path)
{
    for (size_t i = 0; i < CROWD; i++) {
        crowd[i] = fake_connect(NULL, NULL, f->port);
        assert_non_null(crowd[i]);
        fixture_get(crowd[i], path);
        fake_end(crowd[i]);
    }
}

static void a_crowd_is_served_or_refused_to_the_last(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    for (int round = 0; round < ROUNDS; round++) {
        unsigned served = 0;
        gather(f, "/hello");
        for (size_t i = 0; i < CROWD; i++) {
            const struct reply *reply = fixture_reply(crowd[i], false);
            assert_true(reply->status == 200 || reply->status == 503);
            assert_true(reply->whole);
            served += reply->status == 200;
            fake_wait_closed(crowd[i]);
        }
        assert_true(served >= 1);
    }
    assert_int_equal(f->connected, ROUNDS * CROWD);
    assert_int_equal(f->finished, ROUNDS * CROWD);
    fake_wait_quiet();
    fixture_expect_hello(fixture_connect(f));
}

static void stop_amid_a_crowd_leaves_nobody_behind(void **state)
{
    struct fixture *f = *state;
    struct bobbin_config config = f->config;

    fake_gate_open(&f->gate);
    for (int round = 0; round < ROUNDS; round++) {
        f->config = config;
        fixture_start(f);
        gather(f, round % 2 == 0 ? "/gate" : "/flood");
        for (int i = 0; i < round && i < CROWD; i++)
            fake_wait_end(crowd[i]); /* so that the stop comes earlier or later */
        bobbin_stop(f->server);
        assert_true(fixture_has_stopped(f));
        for (size_t i = 0; i < CROWD; i++) {
            if (fake_is_accepted(crowd[i]))
                assert_true(fake_is_closed(crowd[i]));
        }
        fixture_end(f);
        assert_int_equal(fake_open_sockets(), 0);
    }
}

/* Idle ones are asked to leave just as they ask for more: they are answered or closed, never left hanging. */
static void requests_that_cross_an_eviction_are_answered_or_closed(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    for (int round = 0; round < ROUNDS; round++) {
        struct fake_client *old[4];
        for (size_t i = 0; i < 4; i++) {
            old[i] = fixture_connect(f);
            fixture_expect_hello(old[i]);
        }
        fake_clock_advance(FIXTURE_SETTLE_MS);
        for (size_t i = 0; i < 4; i++) {
            crowd[i] = fake_connect(NULL, NULL, f->port);
            fixture_get(old[i], "/hello");
            fixture_get(crowd[i], "/hello");
            fake_end(crowd[i]);
        }
        for (size_t i = 0; i < 4; i++) {
            const struct reply *reply = fixture_reply(old[i], false);
            assert_true(reply->status == 0 || (reply->status == 200 && reply->whole));
            reply = fixture_reply(crowd[i], false);
            assert_true(reply->status == 200 || reply->status == 503);
            fake_leave(old[i]);
            fake_wait_closed(old[i]);
            fake_wait_closed(crowd[i]);
        }
        fake_wait_quiet();
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_crowd_is_served_or_refused_to_the_last),
        FIXTURE_TEST(stop_amid_a_crowd_leaves_nobody_behind),
        FIXTURE_TEST(requests_that_cross_an_eviction_are_answered_or_closed),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("crowd", tests, NULL, NULL);
}
