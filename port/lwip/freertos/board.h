/* What the FreeRTOS half wants of the board that it runs on. */
#ifndef PORT_LWIP_FREERTOS_BOARD_H
#define PORT_LWIP_FREERTOS_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "port.h"

/* Writes a line of text, all pieces of it, with its end. Lines of several threads do not mix, and nobody waits for
 * the wire: a line that finds no room is lost, and counted. Any thread. */
void board_write(const struct port_piece *pieces, size_t count);

/* The last words: they go out at once, whatever was being done, and the board stops. Any thread, interrupts too. */
_Noreturn void board_halt(const char *what, const char *detail);

/* The stack that interrupts run on, painted as port_stack_paint does it. */
void board_interrupt_stack(const void **stack, size_t *size);

/* What an outsider cannot know: of a random number generator, where there is one, else the finest of all timers. */
uint32_t board_noise(void);

/* The network card, as lwIP's netif_add takes it. */
struct netif;
signed char board_network_card(struct netif *netif);

#endif
