/* What the firmware writes to its console: the start lines, and who came and what was asked, as the hosted program
 * has them. */
#ifndef FIRMWARE_SAY_H
#define FIRMWARE_SAY_H

#include "bobbin/bobbin.h"
#include "line.h"

/* Before the first line. */
void say_open(void);

/* A line to put together, with its end; whoever has it keeps all others out. Any thread. */
struct line *say_begin(void);
void say_end(struct line *line);

/* "  2.5 KiB", shortest form, to a line. */
void say_kib(struct line *line, size_t bytes);

/* For bobbin_config: connected, finished. Clients' threads; the context is not used. */
void say_connected(void *context, const struct bobbin_peer *peer);
void say_finished(void *context, const struct bobbin_exchange *x);

/* "bobbin 0.1.0 serves on port 1234. In a browser:", and a line an address; `path` NULL: of `bobbin connect`. */
void say_where(const struct bobbin *server, const char *does, const char *path);

/* The memory that a server was given. */
void say_memory(const struct bobbin_config *config);

#endif
