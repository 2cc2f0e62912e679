/* Addresses as text (RFC 5952). Pure; any thread. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>

#include "bobbin/exchange.h"
#include "port.h"

void address_text(const struct port_address *address, struct bobbin_peer *text);
bool address_same_host(const struct port_address *a, const struct port_address *b);
bool address_is_loopback(const struct port_address *address);

#endif
