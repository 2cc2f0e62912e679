/* A configuration: its defaults, and whether it can work. On the thread that opens the server. */
#ifndef CONFIGURATION_H
#define CONFIGURATION_H

#include "bobbin/bobbin.h"

void config_set_defaults(struct bobbin_config *config, const struct bobbin_protocol *protocol);

/* INVALID where a value is outside its range or a pattern is broken; the log says which. */
int config_check(const struct bobbin_config *config);

/* Tells the log which routes overlap: one of two is not reached for what both match. */
void config_report_overlaps(const struct bobbin_config *config);

#endif
