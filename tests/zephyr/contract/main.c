/* Holds Zephyr's half of the port to the contract's words on threads, locks and clocks (tests/contract), on a board.
 * All threads have the lowest priority there is: who yields comes back when all others are blocked. */
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "bare.h"
#include "contract.h"

#define TURNS 100 /* of each who can run: what one does may let another run */

static char __noinit heap[3 << 20];

char *bare_heap = heap;
size_t bare_heap_bytes = sizeof heap;

/* Zephyr tells of threads that run, and paints their stacks itself. */
static const char *const left_out[] = {"stack_peak_tells_how_deep_a_thread_went",
                                       "stack_peak_counts_from_the_lowest_byte_touched", NULL};
const char *const *bare_left_out = left_out;

void bare_say(const char *a, const char *b)
{
    printk("%s%s\n", a, b);
}

void bare_halt(const char *why, const char *what)
{
    printk("bobbin stopped: %s %s\n", why, what);
    k_sleep(K_FOREVER);
}

static void nothing(void)
{
}

static void settle(void)
{
    for (int i = 0; i < TURNS; i++)
        k_yield();
}

static void pass(uint64_t ms)
{
    k_sleep(K_MSEC(ms));
}

static const struct contract_peer peer = {.begin = nothing, .end = nothing, .settle = settle, .pass = pass};

int main(void)
{
    k_thread_priority_set(k_current_get(), K_LOWEST_APPLICATION_THREAD_PRIO);
    contract_peer = &peer;
    contract_run_threads();
    contract_run_locks();
    printk("all held\n");
    return 0;
}
