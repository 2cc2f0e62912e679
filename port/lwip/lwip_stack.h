/* The IP stack of this program: lwIP, and one network interface. Main thread, unless said otherwise. */
#ifndef LWIP_STACK_H
#define LWIP_STACK_H

#include "lwip/ip4_addr.h"
#include "lwip/netif.h"
#include "port.h"

struct lwip_stack_config {
    netif_init_fn driver; /* as of netif_add: hwaddr, mtu, flags, output, linkoutput; frames go to netif->input, from
                           * a thread of the driver's, once the link is up */
    void *driver_state;   /* netif->state, for the driver */
    const char *name;     /* the host's, told to DHCP; NULL: none. Stays the caller's */
    ip4_addr_t address, mask, gateway; /* address 0: by DHCP, all of them */
};

/* Starts lwIP and the interface, once in the program's life, before the first socket; NULL: lwIP alone, which has
 * 127.0.0.1. FAILED: the driver refused; NO_MEMORY. */
int lwip_stack_start(const struct lwip_stack_config *config);

/* Waits until the interface has an IPv4 address. TIMEOUT. */
int lwip_stack_wait(uint64_t deadline);

/* Waits until peers have confirmed all that was sent to them: what has not arrived ends with the program, which is
 * the stack. At most until the deadline. */
void lwip_stack_settle(uint64_t deadline);

/* The interface's addresses, IPv4 first; port is 0. NOT_FOUND behind the last. Any thread. */
int lwip_stack_address(size_t index, struct port_address *address);

/* Tells the network by mDNS (RFC 6762) of NAME.local and of the service "NAME" _http._tcp on the port, with
 * path=PATH (RFC 6763). INVALID: not a label of 1 to 63 letters, digits and hyphens; NO_MEMORY. */
int lwip_stack_announce(const char *name, uint16_t port, const char *path);

#endif
