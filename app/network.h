/* The network that the server stands in: Linux's own in network.c, the program's own IP stack in lwip/network.c.
 * Main thread. */
#ifndef NETWORK_H
#define NETWORK_H

#include "options.h"

/* Before the first listener. EXIT_OK; else it is told on stderr, and the result is the exit status. */
int network_start(const struct options *options);

/* The server listens: tells others on the network where, `path` of it being what a browser would ask for first.
 * NULL: there is nothing for browsers. */
void network_announce(unsigned port, const char *path);

/* The server has closed its last connection: what was sent on them arrives yet. */
void network_stop(void);

#endif
