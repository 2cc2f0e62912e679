/* What the files of this port share. Any thread. */
#ifndef PORT_LWIP_H
#define PORT_LWIP_H

#include <stdbool.h>

#include "lwip/sockets.h"
#include "port.h"

/* The enum bobbin_error of the calling thread's last call of lwIP that failed. */
int port_lwip_error(void);

/* Milliseconds from now to a deadline, for lwip_poll: 0 when it has passed, -1 for ever. */
int port_lwip_left_ms(uint64_t deadline);

/* What lwIP tells of an address. */
void port_lwip_address(const struct sockaddr_storage *from, struct port_address *to);

/* listeners.c: port_interrupt and port_close of one. */
bool port_lwip_is_listener(const struct port_socket *socket);
void port_lwip_interrupt_listener(struct port_socket *socket);
void port_lwip_close_listener(struct port_socket *socket);

#endif
