/* What the program tells of its clients: lines on stdout, and the access log. A terminal that is stopped or a pipe
 * that nobody reads holds up no client: lines that cannot be written at once are lost, and counted. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdbool.h>

#include "bobbin/exchange.h"

/* Main thread, before the first client. `lines`: whether clients and requests are shown on stdout. */
void console_open(bool lines);

/* Main thread, before the first client. `path` "-" is stdout. 0, or -1 and errno. */
int console_open_log(const char *path);

/* Main thread: opens the log's path again, which may have been moved; on failure (-1 and errno) goes on with the
 * file that it had. 0 where there is no log, or it is stdout. */
int console_reopen_log(void);

/* For bobbin_config: connected, finished. Clients' threads; the context is not used. */
void console_connected(void *context, const struct bobbin_peer *peer);
void console_finished(void *context, const struct bobbin_exchange *x);

/* Main thread, after the last client: one more line (NULL: none), and the count of lost ones; waits a second at
 * most for a console that does not read. */
void console_close(const char *last);

#endif
