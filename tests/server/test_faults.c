/* A system that runs out of descriptors, memory or threads: the server waits, says so, and lives on. */
#include "server_fixture.h"

static void accept_errors_back_off_and_recover(struct fixture *f, int error)
{
    fixture_start(f);
    struct fake_client *old = fixture_connect(f);
    fixture_get(old, "/gate");
    fake_gate_wait(&f->gate, 1);
    fake_wait_quiet();
    unsigned before = fake_calls(FAKE_ACCEPT), lines = fake_log_count("");
    fake_fail_call(FAKE_ACCEPT, 1, 1000000, error);
    struct fake_client *newcomer = fixture_connect(f);
    assert_true(fake_calls(FAKE_ACCEPT) - before <=
                8); /* each thread at the door tried once: the clock stands still */
    assert_false(fake_is_accepted(newcomer));
    for (int i = 0; i < 200; i++)
        fake_clock_advance(10);
    assert_true(fake_calls(FAKE_ACCEPT) - before <= 210); /* far less than it could */
    assert_true(fake_calls(FAKE_ACCEPT) - before >= 2);   /* within two seconds it did try again */
    assert_true(fake_log_count("") > lines);
    assert_true(fake_log_count("") - lines < 20);
    fake_fail_call(FAKE_ACCEPT, 1, 0, 0);
    fake_clock_advance(5000);
    fixture_expect_hello(newcomer);
    fake_gate_open(&f->gate);
    fixture_expect(old, 200); /* those who were inside noticed nothing */
}

static void accept_without_files_backs_off_and_recovers(void **state)
{
    accept_errors_back_off_and_recover(*state, BOBBIN_NO_FILES);
}

static void accept_without_memory_backs_off_and_recovers(void **state)
{
    accept_errors_back_off_and_recover(*state, BOBBIN_NO_MEMORY);
}

static void accept_that_fails_otherwise_backs_off_and_recovers(void **state)
{
    accept_errors_back_off_and_recover(*state, BOBBIN_FAILED);
}

static void stop_ends_the_back_off(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    fake_fail_call(FAKE_ACCEPT, 1, 1000000, BOBBIN_NO_FILES);
    fixture_connect(f);
    fixture_stop(f);
    assert_true(fixture_has_stopped(f));
}

/* -- threads -- */

static void thread_start_failing_gives_503_and_the_server_lives_on(void **state)
{
    struct fixture *f = *state;
    struct fake_client *clients[3];
    unsigned refused = 0;

    fixture_start(f);
    fake_fail_call(FAKE_THREAD_START, 1, 1000000, BOBBIN_NO_MEMORY);
    for (size_t i = 0; i < 3; i++) {
        clients[i] = fixture_connect(f);
        fixture_get(clients[i], "/gate");
        fake_wait_quiet();
        if (f->gate.waiting <= i - refused) {
            const struct reply *reply = fixture_expect(clients[i], 503);
            assert_non_null(fixture_field(reply, "Retry-After"));
            fixture_expect_end(clients[i]);
            fake_leave(clients[i]);
            refused++;
        }
    }
    assert_true(refused >= 1);
    assert_true(fake_log_count("") > 0);
    fake_fail_call(FAKE_THREAD_START, 1, 0, 0);
    fake_gate_open(&f->gate);
    fake_clock_advance(5000);
    for (int i = 0; i < 3; i++)
        fixture_expect_hello(fixture_connect(f));
}

static void one_thread_that_does_not_start_is_no_lasting_harm(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    for (int i = 0; i < 8; i++) {
        fake_fail_call(FAKE_THREAD_START, 1, 1, BOBBIN_NO_MEMORY);
        struct fake_client *client = fixture_connect(f);
        fixture_get(client, "/hello");
        const struct reply *reply = fixture_reply(client, false);
        assert_true(reply->status == 200 || reply->status == 503);
        fake_leave(client);
        fake_wait_closed(client);
        fake_wait_quiet();
    }
    fake_fail_call(FAKE_THREAD_START, 1, 0, 0);
    struct fake_client *clients[4];
    for (size_t i = 0; i < 4; i++)
        clients[i] = fixture_connect(f);
    for (size_t i = 0; i < 4; i++)
        fixture_expect_hello(clients[i]); /* no slot was lost */
}

static void start_without_a_first_thread_fails_and_close_cleans_up(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(fixture_open(f), 0);
    fake_fail_call(FAKE_THREAD_START, 1, 1000000, BOBBIN_NO_MEMORY);
    assert_int_equal(bobbin_start(f->server), BOBBIN_NO_MEMORY);
    fixture_end(f);
}

/* A stack without its guard page must not be used as if it had one. */
static void start_without_a_guard_fails(void **state)
{
    struct fixture *f = *state;

    if (port_page_bytes() == 0 || port_page_bytes() > BOBBIN_PAGE_BYTES)
        skip();
    assert_int_equal(fixture_open(f), 0);
    fake_fail_call(FAKE_GUARD, 1, 1000000, BOBBIN_NO_MEMORY);
    assert_int_equal(bobbin_start(f->server), BOBBIN_NO_MEMORY);
    fixture_end(f);
}

/* -- sockets -- */

static void recv_that_fails_costs_one_connection(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *one = fixture_connect(f);
    struct fake_client *two = fixture_connect(f);
    fixture_expect_hello(one);
    fake_wait_quiet();
    fake_fail_call(FAKE_RECV, 1, 1, BOBBIN_FAILED);
    fixture_get(one, "/hello"); /* answered by the call that was blocked already */
    fake_wait_end(one);
    fake_fail_call(FAKE_RECV, 1, 0, 0);
    fixture_expect_hello(two);
}

static void send_that_fails_costs_one_connection(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *one = fixture_connect(f);
    struct fake_client *two = fixture_connect(f);
    fake_fail_call(FAKE_SEND, 1, 1, BOBBIN_FAILED);
    fixture_get(one, "/hello");
    fixture_expect_end(one);
    fixture_expect_hello(two);
    assert_int_equal(f->finished, 2); /* a reply that failed was finished as well */
}

static void clients_that_leave_at_any_moment_cost_only_themselves(void **state)
{
    static const char request[] = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *other = fixture_connect(f);
    for (size_t length = 0; length <= sizeof request - 1; length++) {
        for (int way = 0; way < 3; way++) {
            struct fake_client *client = fixture_connect(f);
            fake_feed(client, request, length);
            fake_wait_quiet();
            if (way == 0)
                fake_drop(client);
            else if (way == 1)
                fake_leave(client);
            else
                fake_end(client);
            fake_wait_closed(client);
            fake_wait_quiet();
        }
    }
    fixture_expect_hello(other);
}

static void a_client_that_ends_its_side_still_gets_its_replies(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    fixture_get(client, "/hello");
    fixture_get(client, "/hello");
    fake_end(client);
    fixture_expect(client, 200);
    fixture_expect(client, 200);
    fixture_expect_end(client);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(accept_without_files_backs_off_and_recovers),
        FIXTURE_TEST(accept_without_memory_backs_off_and_recovers),
        FIXTURE_TEST(accept_that_fails_otherwise_backs_off_and_recovers),
        FIXTURE_TEST(stop_ends_the_back_off),
        FIXTURE_TEST(thread_start_failing_gives_503_and_the_server_lives_on),
        FIXTURE_TEST(one_thread_that_does_not_start_is_no_lasting_harm),
        FIXTURE_TEST(start_without_a_first_thread_fails_and_close_cleans_up),
        FIXTURE_TEST(start_without_a_guard_fails),
        FIXTURE_TEST(recv_that_fails_costs_one_connection),
        FIXTURE_TEST(send_that_fails_costs_one_connection),
        FIXTURE_TEST(clients_that_leave_at_any_moment_cost_only_themselves),
        FIXTURE_TEST(a_client_that_ends_its_side_still_gets_its_replies),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
