/* config.stacks: client threads on stacks that the caller laid out, as systems with stacks of their own kind want. */
#include "server_fixture.h"

#include <stdlib.h>

#define STRIDE  (BOBBIN_TEST_STACK + 65536) /* what lies between two stacks is the system's */
#define CLIENTS 4

static char *use_own_stacks(struct fixture *f)
{
    char *stacks = aligned_alloc(65536, (size_t)STRIDE * (CLIENTS + 1));
    assert_non_null(stacks);
    memset(stacks, 7, (size_t)STRIDE * (CLIENTS + 1));
    f->config.max_clients = CLIENTS;
    f->config.stacks = stacks;
    f->config.stack_stride = STRIDE;
    return stacks;
}

/* Whether a byte was written, of `size` that all were 7. */
static bool touched(const char *from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (from[i] != 7)
            return true;
    return false;
}

static void threads_run_on_the_stacks_that_were_given_and_on_nothing_between(void **state)
{
    struct fixture *f = *state;
    char *stacks = use_own_stacks(f);

    fixture_start(f);
    for (int i = 0; i < CLIENTS; i++)
        fixture_get(fixture_connect(f), "/gate");
    fake_gate_wait(&f->gate, CLIENTS);
    fake_wait_quiet();
    fixture_expect(fixture_connect(f), 503); /* by the one at the door, on the last of the stacks */
    fixture_end(f);
    for (int i = 0; i <= CLIENTS; i++) {
        assert_true(touched(stacks + i * STRIDE, BOBBIN_TEST_STACK));
        assert_false(touched(stacks + i * STRIDE + BOBBIN_TEST_STACK, STRIDE - BOBBIN_TEST_STACK));
    }
    free(stacks);
}

static void a_plan_counts_stacks_of_the_caller_and_asks_no_memory_for_them(void **state)
{
    struct fixture *f = *state;
    struct bobbin_plan own, given;

    f->config.max_clients = CLIENTS;
    f->config.stack_bytes = 2568; /* as it is: what the system made, it does not round */
    assert_int_equal(bobbin_plan(&f->config, &own), 0);
    f->config.stacks = f; /* a plan does not look */
    f->config.stack_stride = 2568;
    assert_int_equal(bobbin_plan(&f->config, &given), 0);
    assert_int_equal(given.stack_bytes, 2568);
    assert_int_equal(given.total_bytes, own.total_bytes - (CLIENTS + 1) * (own.stack_bytes - given.stack_bytes));
    assert_true(given.bytes <= given.total_bytes - (CLIENTS + 1) * given.stack_bytes + 64);
    assert_true(given.bytes <= BOBBIN_MEMORY_BYTES(CLIENTS, 0, BOBBIN_BUFFER_BYTES));
}

static void stacks_closer_than_their_size_are_refused(void **state)
{
    struct fixture *f = *state;
    struct bobbin_plan plan;

    f->config.stacks = f;
    f->config.stack_stride = f->config.stack_bytes - 1;
    assert_int_equal(bobbin_plan(&f->config, &plan), BOBBIN_INVALID);
    f->config.stack_stride++;
    assert_int_equal(bobbin_plan(&f->config, &plan), 0);
}

static void the_peak_is_that_of_the_stacks_given(void **state)
{
    struct fixture *f = *state;
    char *stacks = use_own_stacks(f);

    f->config.paint_stacks = true;
    fixture_start(f);
    fixture_expect_hello(fixture_connect(f));
    fake_wait_quiet();
    assert_in_range(bobbin_stack_peak(f->server), 256, BOBBIN_TEST_STACK - 1);
    fixture_end(f);
    free(stacks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(threads_run_on_the_stacks_that_were_given_and_on_nothing_between),
        FIXTURE_TEST(a_plan_counts_stacks_of_the_caller_and_asks_no_memory_for_them),
        FIXTURE_TEST(stacks_closer_than_their_size_are_refused),
        FIXTURE_TEST(the_peak_is_that_of_the_stacks_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
