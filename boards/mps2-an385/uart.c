/* The console: lines go to the first UART by way of a ring, so that no thread waits for the wire. */
#include <string.h>

#include "FreeRTOS.h"
#include "board.h"
#include "mps2.h"
#include "task.h"

#define DATA    0x00
#define STATE   0x04
#define CTRL    0x08
#define CLEAR   0x0c
#define BAUDDIV 0x10

#define STATE_TX_FULL 1u
#define CTRL_TX       (1u << 0)
#define CTRL_TX_IRQ   (1u << 2)
#define BAUD          115200

#define RING_BYTES 1024

static char ring[RING_BYTES];
static size_t head, length; /* of what is still to be sent */
static unsigned lost;       /* lines, since the last that found room */

static volatile uint32_t *uart(uint32_t offset)
{
    return mps2_register(MPS2_UART, offset);
}

void uart_open(void)
{
    *uart(BAUDDIV) = configCPU_CLOCK_HZ / BAUD;
    *uart(CTRL) = CTRL_TX | CTRL_TX_IRQ;
    mps2_irq_enable(MPS2_UART_TX_IRQ);
}

/* In a critical section, or with nothing else running. */
static void send(void)
{
    while (length > 0 && (*uart(STATE) & STATE_TX_FULL) == 0) {
        *uart(DATA) = (unsigned char)ring[head];
        head = (head + 1) % RING_BYTES;
        length--;
    }
}

static void append(const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ring[(head + length + i) % RING_BYTES] = text[i];
    length += count;
}

static void append_lost(void)
{
    static const char tail[] = " lines lost)\n";
    char digits[11] = "(";
    size_t count = 1;
    for (unsigned rest = lost; rest > 0; rest /= 10)
        count++;
    for (size_t i = count - 1; i > 0; i--, lost /= 10)
        digits[i] = (char)('0' + lost % 10);
    append(digits, count);
    append(tail, sizeof tail - 1);
}

void uart_tx_handler(void)
{
    *uart(CLEAR) = 1;
    UBaseType_t mask = taskENTER_CRITICAL_FROM_ISR();
    send();
    if (lost > 0 && length == 0) {
        append_lost();
        send();
    }
    taskEXIT_CRITICAL_FROM_ISR(mask);
}

void board_write(const struct port_piece *pieces, size_t count)
{
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++)
        wanted += pieces[i].length;
    taskENTER_CRITICAL();
    if (lost > 0 && RING_BYTES - length >= wanted + 32)
        append_lost();
    if (lost > 0 || RING_BYTES - length < wanted)
        lost++;
    else
        for (size_t i = 0; i < count; i++)
            append(pieces[i].data, pieces[i].length);
    send();
    taskEXIT_CRITICAL();
}

static void send_at_once(const char *text)
{
    for (; *text != '\0'; text++) {
        while ((*uart(STATE) & STATE_TX_FULL) != 0)
            ;
        *uart(DATA) = (unsigned char)*text;
    }
}

void board_halt(const char *what, const char *detail)
{
    __asm volatile("cpsid i" ::: "memory");
    while (length > 0)
        send();
    send_at_once("\nbobbin stopped: ");
    send_at_once(what);
    send_at_once(" ");
    send_at_once(detail);
    send_at_once("\n");
    for (;;)
        __asm volatile("wfi");
}
