/* What the files of this port share. Any thread, unless said otherwise. */
#ifndef PORT_LWIP_H
#define PORT_LWIP_H

#include <stdbool.h>

#include "lwip/sockets.h"
#include "port.h"

struct netconn;

/* sockets.c: the enum bobbin_error of the calling thread's last call of lwIP that failed. */
int port_lwip_error(void);

/* What stands behind the number of a socket; NULL where there is none. Under the core lock. */
struct netconn *port_lwip_netconn(int number);

/* listeners.c: port_interrupt and port_close of one. */
bool port_lwip_is_listener(const struct port_socket *socket);
void port_lwip_interrupt_listener(struct port_socket *socket);
void port_lwip_close_listener(struct port_socket *socket);

/* addresses.c: what lwIP tells of an address. */
void port_lwip_address(const struct sockaddr_storage *from, struct port_address *to);

/* A socket address, and its length. */
socklen_t port_lwip_sockaddr(struct sockaddr_storage *to, const ip_addr_t *address, uint16_t port);

/* All of "192.168.0.7", "::1" or "fe80::1%e0". */
bool port_lwip_parse(const char *text, ip_addr_t *address);

/* Whether somebody may listen there, on both families where `both`; lwIP itself takes any address, and a port twice.
 * NO_ADDRESS, IN_USE. Under the core lock. */
int port_lwip_check_listen(const ip_addr_t *address, bool both, uint16_t port);

#endif
