/* The commands of the program: each is given its options and the arguments behind them, and returns an exit
 * status. Main thread. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "options.h"

int serve_run(const struct options *options);
int echo_run(const struct options *options);

/* Sends the lines of stdin, and prints what comes back. */
int connect_run(const char *host, uint16_t port);

#endif
