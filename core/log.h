/* Lines for the port's log sink. Any thread. */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>

#include "bobbin/config.h"
#include "port.h"

/* Up to four texts as one line; cut where it would be too long, and printable. */
void log_put_line(enum port_log_level level, const char *a, const char *b, const char *c, const char *d);

/* Whether anybody is told: where nobody is, the compiler leaves the words out. */
static inline bool log_has(enum port_log_level level)
{
    return (int)level + 1 <= BOBBIN_LOG_LEVEL;
}

static inline void log_line(enum port_log_level level, const char *a, const char *b, const char *c, const char *d)
{
    if (log_has(level))
        log_put_line(level, a, b, c, d);
}

#endif
