/* The board's peripherals, as Arm's application note AN385 lays them out. */
#ifndef MPS2_H
#define MPS2_H

#include <stdint.h>

#define MPS2_UART    0x40004000u /* the first of the CMSDK's */
#define MPS2_LAN9118 0x40200000u

/* Their numbers in the vector table, behind the processor's own 16. */
#define MPS2_UART_TX_IRQ 1
#define MPS2_LAN9118_IRQ 13

/* As FreeRTOSConfig.h has it: late enough to call FreeRTOS. */
#define MPS2_IRQ_PRIORITY (6u << 5)

static inline volatile uint32_t *mps2_register(uint32_t base, uint32_t offset)
{
    return (volatile uint32_t *)(uintptr_t)(base + offset);
}

/* The processor's NVIC: lets an interrupt of the board come. */
static inline void mps2_irq_enable(unsigned irq)
{
    ((volatile uint8_t *)0xe000e400u)[irq] = MPS2_IRQ_PRIORITY;
    ((volatile uint32_t *)0xe000e100u)[irq / 32] = 1u << irq % 32;
}

/* The interrupts' handlers, by the names that startup.c has in its table. */
void uart_tx_handler(void);
void lan9118_handler(void);

/* Before anything is written. */
void uart_open(void);

#endif
