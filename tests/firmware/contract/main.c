/* A firmware that holds the FreeRTOS half to the contract's words on threads, locks and clocks (tests/contract), and
 * at last runs over a stack on purpose. The suite's main thread has the least priority: where it runs, all others are
 * blocked. */
#include <stdlib.h>
#include <string.h>

#include "FreeRTOS.h"
#include "board.h"
#include "contract.h"
#include "task.h"
#include "threads.h"

/* The suite takes its stacks from a heap; the board has 4 MiB, of which the firmware's part is the first. */
#define HEAP_BEGIN 0x20040000u
#define HEAP_END   0x20400000u

/* Nothing of it is ever given back: the suite needs no more than there is. */
void *aligned_alloc(size_t alignment, size_t bytes)
{
    static uintptr_t next = HEAP_BEGIN;
    uintptr_t block = (next + alignment - 1) / alignment * alignment;
    if (bytes > HEAP_END - block)
        return NULL;
    next = block + bytes;
    return (void *)block;
}

void *malloc(size_t bytes)
{
    return aligned_alloc(16, bytes);
}

void free(void *block)
{
    (void)block;
}

static void say(const char *a, const char *b)
{
    struct port_piece line[] = {{a, strlen(a)}, {b, strlen(b)}, {"\n", 1}};
    board_write(line, 3);
}

/* -- cmocka -- */

static const char *running;

void cmocka_check(bool holds, const char *what)
{
    if (holds)
        return;
    say("not so: ", what);
    board_halt("a test failed:", running);
}

void cmocka_set_test_filter(const char *filter)
{
    (void)filter;
}

int cmocka_run_all(const char *group, const struct CMUnitTest *tests, unsigned count)
{
    void *state = NULL;
    say("group ", group);
    for (unsigned i = 0; i < count; i++) {
        running = tests[i].name;
        tests[i].setup(&state);
        tests[i].run(&state);
        tests[i].teardown(&state);
        say("ok ", running);
    }
    return 0;
}

/* -- the other side: there is none -- */

static void nothing(void)
{
}

static void pass(uint64_t ms)
{
    uint64_t end = port_clock_ms() + ms;
    while (port_clock_ms() < end)
        vTaskDelay(1);
}

static const struct contract_peer peer = {.begin = nothing, .end = nothing, .settle = nothing, .pass = pass};

/* -- a stack that is too small for what runs on it -- */

static _Alignas(16) char small[4096];

static unsigned go_down(unsigned depth)
{
    volatile unsigned frame[16] = {depth};
    vTaskDelay(1); /* a switch of tasks, at which FreeRTOS looks */
    return depth == 0 ? 0 : go_down(depth - 1) + frame[0];
}

static void overflow(void *unused)
{
    (void)unused;
    thread_is("diver", PORT_PRIORITY);
    go_down(1000);
}

static void run(void *unused)
{
    static struct port_thread diver;
    (void)unused;
    thread_is("main", tskIDLE_PRIORITY);
    contract_peer = &peer;
    contract_run_threads();
    contract_run_locks();
    say("all held", "");
    port_thread_start(&diver, overflow, NULL, small + 2048, sizeof small - 2048);
    port_thread_join(&diver);
    board_halt("nobody saw the overflow", "");
}

int main(void)
{
    static _Alignas(16) char stack[8192];
    static struct port_thread thread;
    port_thread_start(&thread, run, NULL, stack, sizeof stack);
    vTaskStartScheduler();
}
