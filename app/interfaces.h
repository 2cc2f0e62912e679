/* The addresses by which other machines reach this one. Main thread. */
#ifndef INTERFACES_H
#define INTERFACES_H

#include "bobbin/exchange.h"

typedef void interface_teller(const struct bobbin_peer *address, const void *context);

/* Tells each address of the family (AF_INET, AF_INET6) that others can type, with the port; returns how many. */
size_t interfaces_list(int family, uint16_t port, interface_teller *tell, const void *context);

#endif
