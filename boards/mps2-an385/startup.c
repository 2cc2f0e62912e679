/* From reset to main: the vector table, variables, faults. The stack that the processor starts on is the interrupts'
 * stack later. */
#include <string.h>

#include "board.h"
#include "mps2.h"

#define PAINT 0xa5a5a5a5u

int main(void);
void reset_handler(void);
void SVC_Handler(void);
void PendSV_Handler(void);
void SysTick_Handler(void);

/* Set by the linker script. */
extern uint32_t link_data_from[], link_data[], link_data_end[], link_bss[], link_bss_end[];
extern uint32_t link_stack[], link_stack_end[];

static _Noreturn void stray_handler(void)
{
    board_halt("an interrupt came that nobody waits for", "");
}

/* What the processor pushed when the fault came: r0 to r3, r12, lr, pc, xpsr. */
__attribute__((used)) static _Noreturn void fault(const uint32_t *frame)
{
    static const char digits[] = "0123456789abcdef";
    char address[] = "pc 0x00000000";
    for (int i = 0; i < 8; i++)
        address[5 + i] = digits[frame[6] >> (28 - 4 * i) & 15];
    board_halt("the processor faulted at", address);
}

__attribute__((naked)) static void fault_handler(void)
{
    __asm volatile("tst lr, #4\n"
                   "ite eq\n"
                   "mrseq r0, msp\n"
                   "mrsne r0, psp\n"
                   "b fault\n");
}

#define FIRST_IRQ 16

__attribute__((section(".vectors"), used)) static void (*const vectors[FIRST_IRQ + 32])(void) = {
    [0] = (void (*)(void))(uintptr_t)link_stack_end,
    [1] = reset_handler,
    [2 ... 6] = fault_handler, /* NMI and faults */
    [7 ... 10] = stray_handler,
    [11] = SVC_Handler,
    [12 ... 13] = stray_handler,
    [14] = PendSV_Handler,
    [15] = SysTick_Handler,
    [FIRST_IRQ] = stray_handler,
    [FIRST_IRQ + MPS2_UART_TX_IRQ] = uart_tx_handler,
    [FIRST_IRQ + 2 ... FIRST_IRQ + 12] = stray_handler,
    [FIRST_IRQ + MPS2_LAN9118_IRQ] = lan9118_handler,
    [FIRST_IRQ + 14 ... FIRST_IRQ + 31] = stray_handler,
};

void reset_handler(void)
{
    uint32_t *below = __builtin_frame_address(0);
    for (uint32_t *word = link_stack; word < below - 16; word++)
        *word = PAINT;
    memcpy(link_data, link_data_from, (size_t)((char *)link_data_end - (char *)link_data));
    memset(link_bss, 0, (size_t)((char *)link_bss_end - (char *)link_bss));
    uart_open();
    main();
    board_halt("main returned", "");
}

void board_interrupt_stack(const void **stack, size_t *size)
{
    *stack = link_stack;
    *size = (size_t)((char *)link_stack_end - (char *)link_stack);
}

/* There is no generator of random numbers: the processor's own timer, 25 million steps a second. */
uint32_t board_noise(void)
{
    return *(volatile uint32_t *)0xe000e018u;
}
