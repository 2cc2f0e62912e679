/* A firmware that holds the FreeRTOS half to the contract's words on threads, locks and clocks (tests/contract), and
 * at last runs over a stack on purpose. The suite's main thread has the least priority: where it runs, all others are
 * blocked. */
#include <string.h>

#include "FreeRTOS.h"
#include "bare.h"
#include "board.h"
#include "contract.h"
#include "task.h"
#include "threads.h"

/* The board has 4 MiB, of which the firmware's part is the first. */
char *bare_heap = (char *)0x20040000u;
size_t bare_heap_bytes = 0x3c0000u;
const char *const *bare_left_out;

void bare_say(const char *a, const char *b)
{
    struct port_piece line[] = {{a, strlen(a)}, {b, strlen(b)}, {"\n", 1}};
    board_write(line, 3);
}

void bare_halt(const char *why, const char *what)
{
    board_halt(why, what);
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
    bare_say("all held", "");
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
