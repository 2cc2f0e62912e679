/* Lines for the port's log sink. Any thread. */
#include "log.h"

void log_put_line(enum port_log_level level, const char *a, const char *b, const char *c, const char *d)
{
    char line[200];
    size_t length = 0;
    const char *parts[] = {a, b, c, d};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (const char *from = parts[i]; *from != '\0' && length < sizeof line; from++)
            line[length++] = *from >= ' ' && *from <= '~' ? *from : '?';
    port_log(level, line, length);
}
