/* A request in a line of the console or the log. Clients' threads. */
#ifndef REQUEST_LINE_H
#define REQUEST_LINE_H

#include "bobbin/exchange.h"
#include "line.h"

/* Adds ` "GET /hello HTTP/1.1" 200 `; a long one is cut, so that this and a number still fit. */
void line_request(struct line *line, const struct bobbin_exchange *x);

#endif
