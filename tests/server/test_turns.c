/* bobbin_door_turns, what a watchdog asks: true while newcomers are let in or refused, false while nobody can be. */
#include "server_fixture.h"

static void the_door_of_an_idle_server_turns(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    for (int i = 0; i < 3; i++) {
        assert_true(bobbin_door_turns(f->server));
        fake_clock_advance(60000);
    }
    fixture_expect_hello(fixture_connect(f));
    assert_true(bobbin_door_turns(f->server));
    assert_true(bobbin_door_turns(f->server));
}

static void the_door_of_a_full_house_turns(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    for (unsigned i = 0; i < f->config.max_clients; i++)
        fixture_get(fixture_connect(f), "/gate");
    fake_gate_wait(&f->gate, f->config.max_clients);
    for (int i = 0; i < 3; i++) {
        fake_wait_quiet();
        assert_true(bobbin_door_turns(f->server));
        fixture_expect(fixture_connect(f), 503);
        fake_clock_advance(100); /* for the refused one to read it */
    }
}

/* Whoever came in since counts, also where nobody is back at the door yet. */
static void a_door_whose_last_thread_is_refusing_turns(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    for (unsigned i = 0; i < f->config.max_clients; i++)
        fixture_get(fixture_connect(f), "/gate");
    fake_gate_wait(&f->gate, f->config.max_clients);
    fake_wait_quiet();
    assert_true(bobbin_door_turns(f->server));
    fake_window_of_new(10); /* it does not read its 503 */
    fixture_connect(f);
    fake_wait_quiet();
    assert_true(bobbin_door_turns(f->server));
    assert_false(bobbin_door_turns(f->server)); /* if the clock stood still for ever, so would the door */
    fake_clock_advance(1000);
    assert_true(bobbin_door_turns(f->server));
}

static void a_door_that_cannot_accept_does_not_turn(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    fake_fail_call(FAKE_ACCEPT, 1, 1000000, BOBBIN_NO_FILES);
    struct fake_client *newcomer = fixture_connect(f);
    fake_wait_quiet();
    (void)bobbin_door_turns(f->server);
    for (int i = 0; i < 20; i++) {
        fake_clock_advance(1000);
        assert_false(bobbin_door_turns(f->server));
    }
    fake_fail_call(FAKE_ACCEPT, 1, 0, 0);
    fake_clock_advance(5000);
    fixture_expect_hello(newcomer);
    assert_true(bobbin_door_turns(f->server));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(the_door_of_an_idle_server_turns),
        FIXTURE_TEST(the_door_of_a_full_house_turns),
        FIXTURE_TEST(a_door_whose_last_thread_is_refusing_turns),
        FIXTURE_TEST(a_door_that_cannot_accept_does_not_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
