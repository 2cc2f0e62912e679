/* Plans, opening, addresses, and more than one server. */
#include <stdlib.h>

#include "server_fixture.h"

/* -- configurations -- */

static const char *const too_many[BOBBIN_LISTENERS + 1] = {"127.0.0.1"};
static const struct bobbin_route bad_pattern = {.pattern = "no-slash", .methods = BOBBIN_GET};
static const struct bobbin_route bad_star = {.pattern = "/a*", .methods = BOBBIN_GET};
static const struct bobbin_route foreign_pattern = {.pattern = "\xc3\xbc", .methods = BOBBIN_GET};
static const struct bobbin_route no_pattern = {.pattern = NULL, .methods = BOBBIN_GET};

#define BAD_MAX 26

static void set_routes(struct bobbin_config *config, const struct bobbin_route *route)
{
    config->routes = route;
    config->route_count = 1;
}

/* Configurations that are wrong in one thing each; how many. */
static size_t make_bad(const struct bobbin_config *good, struct bobbin_config *bad)
{
    size_t n = 0;

    for (size_t i = 0; i < BAD_MAX; i++)
        bad[i] = *good;
    bad[n++].max_clients = 0;
    bad[n++].max_clients = 65536;
    bad[n++].stack_bytes = 1023;
    bad[n++].stack_bytes = SIZE_MAX;
    bad[n++].stack_bytes = SIZE_MAX / 2;
    bad[n++].buffer_bytes = 511;
    bad[n++].buffer_bytes = (16 << 20) + 1;
    bad[n++].idle_timeout_ms = 0;
    bad[n++].request_timeout_ms = 0;
    bad[n++].body_timeout_ms = 0;
    bad[n++].send_timeout_ms = 0;
    bad[n++].min_rate = 0;
    bad[n++].backlog = 0;
    bad[n++].backlog = -1;
    bad[n++].max_head = 0;
    bad[n++].max_request_line = 0;
    bad[n++].max_fields = 0;
    bad[n++].protocol = NULL;
    bad[n].addresses = too_many;
    bad[n++].address_count = BOBBIN_LISTENERS + 1;
    bad[n].addresses = NULL;
    bad[n].address_count = 0;
    bad[n++].socket_count = BOBBIN_LISTENERS + 1;
    bad[n++].socket_count = 1; /* beside addresses */
    set_routes(&bad[n++], &bad_pattern);
    set_routes(&bad[n++], &bad_star);
    set_routes(&bad[n++], &no_pattern);
    set_routes(&bad[n++], &foreign_pattern); /* and the log stays printable */
    assert_true(n <= BAD_MAX);
    return n;
}

static void open_refuses_values_outside_their_range(void **state)
{
    static struct bobbin_config bad[BAD_MAX];
    static char memory[4096];
    struct fixture *f = *state;
    struct bobbin_plan plan;

    assert_int_equal(bobbin_plan(&f->config, &plan), 0);
    size_t count = make_bad(&f->config, bad);
    for (size_t i = 0; i < count; i++) {
        unsigned lines = fake_log_count("");
        int result = bobbin_plan(&bad[i], &plan);
        if (result != BOBBIN_INVALID)
            fail_msg("bobbin_plan took bad configuration %zu: %d", i, result);
        if (fake_log_count("") == lines)
            fail_msg("the log does not say what is wrong with configuration %zu", i);
        result = bobbin_open(&f->server, &bad[i], memory, sizeof memory, NULL);
        if (result != BOBBIN_INVALID)
            fail_msg("bobbin_open took bad configuration %zu: %d", i, result);
    }
    assert_int_equal(fake_open_sockets(), 0);
}

static void open_takes_the_ends_of_the_ranges(void **state)
{
    struct fixture *f = *state;

    f->config.max_clients = 1;
    f->config.buffer_bytes = 512;
    f->config.stack_bytes = BOBBIN_TEST_STACK + 1; /* rounded up to 16 */
    f->config.min_rate = 1;
    fixture_start(f);
    struct fake_client *client = fixture_connect(f);
    for (int i = 0; i < 3; i++)
        fixture_expect_hello(client);
}

static void a_plan_adds_up_and_the_macro_is_enough(void **state)
{
    struct fixture *f = *state;
    static const size_t stacks[] = {1024, 16384, 65537}, buffers[] = {512, 4096, 100001};
    static const unsigned clients[] = {1, 7, 1000};
    struct bobbin_plan plan;

    for (int i = 0; i < 27; i++) {
        f->config.max_clients = clients[i / 9];
        f->config.stack_bytes = stacks[i / 3 % 3];
        f->config.buffer_bytes = buffers[i % 3];
        assert_int_equal(bobbin_plan(&f->config, &plan), 0);
        assert_int_equal(plan.threads, clients[i / 9] + 1);
        assert_true(plan.stack_bytes >= stacks[i / 3 % 3] && plan.stack_bytes < stacks[i / 3 % 3] + 16);
        assert_true(plan.buffer_bytes >= buffers[i % 3]);
        assert_int_equal(plan.total_bytes, plan.server_bytes + plan.threads * (plan.stack_bytes + plan.buffer_bytes +
                                                                               plan.bookkeeping_bytes));
        assert_true(plan.bytes >= plan.total_bytes);
        size_t macro = BOBBIN_MEMORY_BYTES(clients[i / 9], stacks[i / 3 % 3], buffers[i % 3]);
        assert_true(plan.bytes <= macro);
    }
}

static void open_refuses_memory_smaller_than_the_plan(void **state)
{
    struct fixture *f = *state;
    struct bobbin_plan plan;

    assert_int_equal(bobbin_plan(&f->config, &plan), 0);
    char *memory = aligned_alloc(4096, (plan.bytes + 4095) / 4096 * 4096);
    assert_non_null(memory);
    assert_int_equal(bobbin_open(&f->server, &f->config, memory, plan.bytes - 1, NULL), BOBBIN_TOO_BIG);
    assert_int_equal(bobbin_open(&f->server, &f->config, memory, 16, NULL), BOBBIN_TOO_BIG);
    assert_int_equal(bobbin_open(&f->server, &f->config, memory, 0, NULL), BOBBIN_TOO_BIG);
    free(memory);
}

/* -- listening -- */

static int open_failing(struct fixture *f, size_t *failed)
{
    struct bobbin_plan plan;
    static char memory[BOBBIN_MEMORY_BYTES(4, BOBBIN_TEST_STACK, BOBBIN_BUFFER_BYTES)];

    assert_int_equal(bobbin_plan(&f->config, &plan), 0);
    return bobbin_open(&f->server, &f->config, memory, sizeof memory, failed);
}

static void open_tells_which_address_failed_and_keeps_none(void **state)
{
    static const char *const addresses[] = {"127.0.0.1", "192.0.2.77", "::1"};
    struct fixture *f = *state;
    size_t failed = 99;

    f->config.addresses = addresses;
    f->config.address_count = 3;
    assert_int_equal(open_failing(f, &failed), BOBBIN_NO_ADDRESS);
    assert_int_equal(failed, 1);
    assert_int_equal(fake_open_sockets(), 0);
    f->config.port = 80;
    assert_int_equal(open_failing(f, &failed), BOBBIN_DENIED);
    assert_int_equal(failed, 0);
    assert_int_equal(open_failing(f, NULL), BOBBIN_DENIED);
    assert_int_equal(fake_open_sockets(), 0);
}

static void open_that_fails_inside_leaves_nothing(void **state)
{
    static const enum fake_call calls[] = {FAKE_MUTEX_INIT, FAKE_COND_INIT, FAKE_LISTEN};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        unsigned before = fake_calls(calls[i]);
        assert_int_equal(fixture_open(f), 0);
        unsigned needed = fake_calls(calls[i]) - before;
        fixture_end(f);
        for (unsigned nth = 1; nth <= needed; nth++) {
            fake_fail_call(calls[i], nth, 1, BOBBIN_NO_MEMORY);
            assert_int_equal(fixture_open(f), BOBBIN_NO_MEMORY);
            assert_int_equal(fake_open_sockets(), 0);
            assert_int_equal(fake_open_locks(), 0);
        }
        fake_fail_call(calls[i], 1, 0, 0);
    }
}

static void close_may_come_instead_of_start(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(fixture_open(f), 0);
    assert_int_equal(fake_open_sockets(), 2);
    fixture_end(f);
}

static void addresses_are_told_as_text(void **state)
{
    struct fixture *f = *state;
    struct bobbin_peer address;

    assert_int_equal(fixture_open(f), 0);
    assert_int_equal(bobbin_address(f->server, 0, &address), 0);
    assert_memory_equal(address.text, "127.0.0.1:", 10);
    assert_int_equal(strtol(address.text + 10, NULL, 10), bobbin_port(f->server));
    assert_int_equal(address.address_start, 0);
    assert_int_equal(address.address_length, 9);
    assert_int_equal(bobbin_address(f->server, 1, &address), 0);
    assert_memory_equal(address.text, "[::1]:", 6);
    assert_int_equal(address.address_start, 1);
    assert_int_equal(address.address_length, 3);
    assert_int_equal(bobbin_address(f->server, 2, &address), BOBBIN_NOT_FOUND);
    assert_int_equal(bobbin_address(f->server, SIZE_MAX, &address), BOBBIN_NOT_FOUND);
}

static void one_port_0_is_the_same_port_at_every_address(void **state)
{
    struct fixture *f = *state;
    struct bobbin_peer one, two;

    assert_int_equal(fixture_open(f), 0);
    assert_int_equal(bobbin_address(f->server, 0, &one), 0);
    assert_int_equal(bobbin_address(f->server, 1, &two), 0);
    assert_string_equal(strrchr(one.text, ':'), strrchr(two.text, ':'));
}

static void peers_are_told_as_text(void **state)
{
    struct fixture *f = *state;

    f->config.addresses = NULL;
    f->config.address_count = 0;
    fixture_start(f);
    fixture_expect_hello(fixture_connect_from(f, "192.0.2.9"));
    assert_memory_equal(f->peer.text, "192.0.2.9:", 10);
    assert_int_equal(f->peer.address_length, 9);
    fixture_expect_hello(fixture_connect_from(f, "2001:db8::1:0:0:5"));
    assert_memory_equal(f->peer.text, "[2001:db8::1:0:0:5]:", 20); /* RFC 5952 */
    assert_int_equal(f->peer.address_start, 1);
    assert_int_equal(f->peer.address_length, 17);
}

static int nothing(struct bobbin_exchange *x, void *context)
{
    (void)x;
    (void)context;
    return 0;
}

static void routes_that_overlap_are_logged(void **state)
{
    static const struct bobbin_route routes[] = {
        {.pattern = "/a/{x}", .methods = BOBBIN_GET, .handler = nothing},
        {.pattern = "/a/{y}", .methods = BOBBIN_GET, .handler = nothing},
    };
    struct fixture *f = *state;

    unsigned lines = fake_log_count("/a/{");
    fixture_routes_set(f, routes, 2);
    assert_int_equal(fixture_open(f), 0);
    assert_true(fake_log_count("/a/{") > lines);
}

static void routes_that_do_not_overlap_are_not_logged(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(fixture_open(f), 0);
    assert_int_equal(fake_log_count("warning"), 0);
    assert_int_equal(fake_log_count("error"), 0);
}

/* -- running -- */

static void two_servers_serve_side_by_side(void **state)
{
    struct fixture *f = *state;
    struct fixture *second;

    fixture_start(f);
    /* The second one is set up by hand: a setup would reset the world. */
    second = calloc(1, sizeof *second);
    assert_non_null(second);
    second->config = f->config;
    second->config.context = second;
    second->config.max_clients = 1;
    fixture_start(second);
    assert_int_not_equal(f->port, second->port);
    struct fake_client *one = fixture_connect(f), *two = fixture_connect(second);
    fixture_expect_hello(one);
    fixture_expect_hello(two);
    fixture_stop(second);
    fixture_expect_end(two);
    fake_end(two);
    assert_true(fixture_has_stopped(second));
    assert_false(fixture_has_stopped(f));
    fixture_expect_hello(one);
    fixture_end(second);
    free(second);
}

static void start_and_wait_do_what_run_does(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(fixture_open(f), 0);
    assert_int_equal(bobbin_start(f->server), 0);
    fake_wait_quiet();
    struct fake_client *client = fixture_connect(f);
    fixture_expect_hello(client);
    fake_end(client);
    fake_wait_closed(client);
    bobbin_stop(f->server);
    bobbin_wait(f->server);
    assert_int_equal(fake_live_threads(), 0);
}

static void stack_peak_is_told_where_stacks_are_painted(void **state)
{
    struct fixture *f = *state;

    f->config.paint_stacks = true;
    fixture_start(f);
    fixture_expect_hello(fixture_connect(f));
    fake_wait_quiet();
    size_t peak = bobbin_stack_peak(f->server);
    assert_true(peak > 256);
    assert_true(peak < BOBBIN_TEST_STACK);
}

static void stack_peak_is_0_without_paint(void **state)
{
    struct fixture *f = *state;

    fixture_start(f);
    fixture_expect_hello(fixture_connect(f));
    fake_wait_quiet();
    assert_int_equal(bobbin_stack_peak(f->server), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(open_refuses_values_outside_their_range),
        FIXTURE_TEST(open_takes_the_ends_of_the_ranges),
        FIXTURE_TEST(a_plan_adds_up_and_the_macro_is_enough),
        FIXTURE_TEST(open_refuses_memory_smaller_than_the_plan),
        FIXTURE_TEST(open_tells_which_address_failed_and_keeps_none),
        FIXTURE_TEST(open_that_fails_inside_leaves_nothing),
        FIXTURE_TEST(close_may_come_instead_of_start),
        FIXTURE_TEST(addresses_are_told_as_text),
        FIXTURE_TEST(one_port_0_is_the_same_port_at_every_address),
        FIXTURE_TEST(peers_are_told_as_text),
        FIXTURE_TEST(routes_that_overlap_are_logged),
        FIXTURE_TEST(routes_that_do_not_overlap_are_not_logged),
        FIXTURE_TEST(two_servers_serve_side_by_side),
        FIXTURE_TEST(start_and_wait_do_what_run_does),
        FIXTURE_TEST(stack_peak_is_told_where_stacks_are_painted),
        FIXTURE_TEST(stack_peak_is_0_without_paint),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
