/* port_thread_start and what stacks are for. */
#include <stdlib.h>
#include <string.h>

#include "contract.h"

#define DEPTH_BYTES 4096

static char *new_stack(void)
{
    char *stack = aligned_alloc(65536, (BOBBIN_TEST_STACK + 65535) / 65536 * 65536);
    assert_non_null(stack);
    return stack;
}

struct visit {
    uintptr_t local;
    const void *argument;
    unsigned runs;
};

static void tell_where(void *argument)
{
    struct visit *visit = argument;
    volatile char local = 1;
    visit->local = (uintptr_t)&local;
    visit->argument = argument;
    visit->runs += (unsigned)local;
}

static void thread_runs_once_on_the_given_stack(void **state)
{
    struct port_thread thread;
    struct visit visit = {0};
    char *stack = new_stack();

    (void)state;
    assert_int_equal(port_thread_start(&thread, tell_where, &visit, stack, BOBBIN_TEST_STACK), 0);
    port_thread_join(&thread);
    assert_int_equal(visit.runs, 1);
    assert_ptr_equal(visit.argument, &visit);
    assert_true(visit.local >= (uintptr_t)stack && visit.local < (uintptr_t)stack + BOBBIN_TEST_STACK);
    free(stack);
}

static void a_joined_stack_serves_the_next_thread(void **state)
{
    char *stack = new_stack();
    struct visit visit = {0};

    (void)state;
    for (int i = 0; i < 50; i++) {
        struct port_thread thread;
        memset(&thread, 0xee, sizeof thread);
        assert_int_equal(port_thread_start(&thread, tell_where, &visit, stack, BOBBIN_TEST_STACK), 0);
        port_thread_join(&thread);
        memset(stack, 0xee, BOBBIN_TEST_STACK); /* it is the caller's again */
    }
    assert_int_equal(visit.runs, 50);
    free(stack);
}

static void thread_start_needs_no_more_than_16_byte_alignment(void **state)
{
    struct port_thread thread;
    struct visit visit = {0};
    char *memory = malloc(BOBBIN_TEST_STACK + 64);

    (void)state;
    assert_non_null(memory);
    char *stack = memory + (16 - (uintptr_t)memory % 16) % 16 + 16;
    assert_int_equal(port_thread_start(&thread, tell_where, &visit, stack, BOBBIN_TEST_STACK - 16), 0);
    port_thread_join(&thread);
    assert_int_equal(visit.runs, 1);
    free(memory);
}

static void thread_start_refuses_a_stack_too_small_for_the_system(void **state)
{
    _Alignas(64) static char stack[256];
    struct port_thread thread;
    struct visit visit = {0};

    (void)state;
    assert_int_equal(port_thread_start(&thread, tell_where, &visit, stack, sizeof stack), BOBBIN_INVALID);
    assert_int_equal(visit.runs, 0);
}

/* -- how deep a stack was used -- */

static void go_deep(void *argument)
{
    volatile char deep[DEPTH_BYTES];
    struct visit *visit = argument;

    for (size_t i = 0; i < sizeof deep; i++)
        deep[i] = (char)i;
    visit->local = (uintptr_t)deep;
    visit->runs += deep[1] == 1;
}

static void stack_peak_tells_how_deep_a_thread_went(void **state)
{
    struct port_thread thread;
    struct visit visit = {0};
    char *stack = new_stack();

    (void)state;
    port_stack_paint(stack, BOBBIN_TEST_STACK);
    assert_int_equal(port_stack_peak(stack, BOBBIN_TEST_STACK), 0);
    assert_int_equal(port_thread_start(&thread, tell_where, &visit, stack, BOBBIN_TEST_STACK), 0);
    port_thread_join(&thread);
    size_t shallow = port_stack_peak(stack, BOBBIN_TEST_STACK);
    assert_true(shallow >= (uintptr_t)stack + BOBBIN_TEST_STACK - visit.local);

    port_stack_paint(stack, BOBBIN_TEST_STACK);
    assert_int_equal(port_stack_peak(stack, BOBBIN_TEST_STACK), 0);
    assert_int_equal(port_thread_start(&thread, go_deep, &visit, stack, BOBBIN_TEST_STACK), 0);
    port_thread_join(&thread);
    size_t deep = port_stack_peak(stack, BOBBIN_TEST_STACK);
    assert_true(deep >= DEPTH_BYTES);
    assert_true(deep < BOBBIN_TEST_STACK); /* the word at its low end was never reached */
    assert_int_equal(visit.runs, 2);
    free(stack);
}

static void stack_peak_counts_from_the_lowest_byte_touched(void **state)
{
    static char stack[1024];

    (void)state;
    port_stack_paint(stack, sizeof stack);
    stack[1000] = 1;
    assert_int_equal(port_stack_peak(stack, sizeof stack), 24);
    stack[300] = 1;
    assert_int_equal(port_stack_peak(stack, sizeof stack), 724);
    stack[0] = 1;
    assert_int_equal(port_stack_peak(stack, sizeof stack), 1024);
}

int contract_run_threads(void)
{
    const struct CMUnitTest tests[] = {
        CONTRACT_TEST(thread_runs_once_on_the_given_stack),
        CONTRACT_TEST(a_joined_stack_serves_the_next_thread),
        CONTRACT_TEST(thread_start_needs_no_more_than_16_byte_alignment),
        CONTRACT_TEST(thread_start_refuses_a_stack_too_small_for_the_system),
        CONTRACT_TEST(stack_peak_tells_how_deep_a_thread_went),
        CONTRACT_TEST(stack_peak_counts_from_the_lowest_byte_touched),
    };
    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
