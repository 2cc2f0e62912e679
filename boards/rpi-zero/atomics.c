/* Atomic operations for ARM's 16-bit instructions, which have none: by the kernel's own compare and exchange, as
 * libgcc does it too, whose one object for all of them takes 4 KB. The compiler calls them by these names.
 *
 * The kernel's functions do what the processor needs, from ARMv5 to ARMv8: Documentation/arch/arm/
 * kernel_user_helpers.rst. They are barriers too. */
#include <stdint.h>

/* 0: the word was `old` and is `new` now. */
static int exchange_if(uint32_t old, uint32_t new, volatile uint32_t *at)
{
    return ((int (*)(uint32_t, uint32_t, volatile uint32_t *))0xffff0fc0)(old, new, at);
}

void __sync_synchronize(void)
{
    ((void (*)(void))0xffff0fa0)();
}

uint32_t __sync_val_compare_and_swap_4(volatile void *at, uint32_t old, uint32_t new)
{
    uint32_t is;

    do
        is = *(volatile uint32_t *)at;
    while (is == old && exchange_if(old, new, at) != 0);
    return is;
}

uint32_t __sync_lock_test_and_set_4(volatile void *at, uint32_t value)
{
    uint32_t old;

    do
        old = *(volatile uint32_t *)at;
    while (exchange_if(old, value, at) != 0);
    return old;
}

uint32_t __sync_fetch_and_add_4(volatile void *at, uint32_t value)
{
    uint32_t old;

    do
        old = *(volatile uint32_t *)at;
    while (exchange_if(old, old + value, at) != 0);
    return old;
}

uint32_t __sync_fetch_and_sub_4(volatile void *at, uint32_t value)
{
    return __sync_fetch_and_add_4(at, -value);
}
