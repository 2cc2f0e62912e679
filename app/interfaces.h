/* The addresses by which other machines reach this one. Main thread. */
#ifndef INTERFACES_H
#define INTERFACES_H

#include "bobbin/exchange.h"

typedef void interface_teller(const struct bobbin_peer *address, const void *context);

/* Tells each address of the IP version (4, 6) that others can type, with the port; returns how many. */
size_t interfaces_list(uint8_t version, uint16_t port, interface_teller *tell, const void *context);

#endif
