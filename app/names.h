/* The addresses of a host's name: on boards small/names.c finds them, since the C library's own functions for it, and
 * the heap that they take, would be a sixth of the program; elsewhere the system does. Main thread; blocks for
 * seconds where name servers do not answer. */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>
#include <stdint.h>

struct name_address {
    int family;     /* AF_INET, AF_INET6 */
    uint8_t ip[16]; /* network order; AF_INET uses the first four */
};

/* Up to `size` addresses. 0: `*why` tells. small/names.c looks in /etc/hosts; else, for a name under .local, asks by
 * multicast DNS (RFC 6762 §5.1); else the name servers of /etc/resolv.conf, with its search list (RFC 1035), IPv6
 * first. */
size_t names_find(const char *name, struct name_address *found, size_t size, const char **why);

#endif
