/* Lines for the port's log sink. Any thread. */
#ifndef LOG_H
#define LOG_H

#include "port.h"

/* Up to four texts as one line; cut where it would be too long, and printable. */
void log_line(enum port_log_level level, const char *a, const char *b, const char *c, const char *d);

#endif
