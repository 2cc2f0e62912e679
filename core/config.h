/* Whether a configuration can work. On the thread that opens the server. */
#ifndef CONFIG_H
#define CONFIG_H

#include "bobbin/bobbin.h"
#include "port.h"

/* INVALID where a value is outside its range or a pattern is broken; the log says which. */
int config_check(const struct bobbin_config *config);

/* Tells the log which routes overlap: one of two is not reached for what both match. */
void config_report_overlaps(const struct bobbin_config *config);

/* Up to four texts as one line of the log; cut where it would be too long, and printable. */
void config_log(enum port_log_level level, const char *a, const char *b, const char *c, const char *d);

#endif
