/* What the files of this port share. */
#ifndef PORT_POSIX_H
#define PORT_POSIX_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "bobbin/config.h"
#include "port.h"

/* Some systems have IPv6 only if asked for it when they are built. */
static inline bool port_posix_has_ipv6(void)
{
    return BOBBIN_IPV6 && sizeof(struct sockaddr_storage) >= sizeof(struct sockaddr_in6);
}

/* port_listen, without what a system adds to it. */
int port_posix_listen(struct port_socket *listener, const char *address, uint16_t port, int backlog);

/* A socket address as the contract has it. */
void port_posix_from(const struct sockaddr_storage *from, struct port_address *to);

/* An interface's number by its name; 0: there is none. */
uint32_t port_posix_interface(const char *name);

/* The socket address of an IP address (in network order) and a port; its length, 0 where the system has no such
 * addresses. */
socklen_t port_posix_address(struct sockaddr_storage *address, int family, const void *ip, uint16_t port);

/* The same of text: "192.168.0.7", "::1", "fe80::1%eth0". 0: it is none. */
socklen_t port_posix_parse(struct sockaddr_storage *address, const char *text, uint16_t port);

/* The enum bobbin_error of an errno value. */
int port_posix_error(int number);

/* Milliseconds from now to a deadline: 0 when it has passed. At most what an int holds. */
int port_posix_left_ms(uint64_t deadline);

/* port_send with flags of send(2): MSG_MORE where a file follows. */
int port_posix_send(struct port_socket *socket, const struct port_piece *pieces, size_t count, int flags,
                    uint64_t deadline, size_t *sent);

#endif
