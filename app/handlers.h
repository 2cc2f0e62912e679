/* What `bobbin serve` answers with. Clients' threads. */
#ifndef HANDLERS_H
#define HANDLERS_H

#include "bobbin/exchange.h"

bobbin_handler handle_name;    /* its context: the device's name */
bobbin_handler handle_hello;   /* "Hello, World!" */
bobbin_handler handle_healthz; /* "ok" */
bobbin_handler handle_echo;    /* the body of the request; its route names Content-Type */

#endif
