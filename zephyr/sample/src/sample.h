/* What main.c starts: one of http.c and echo.c. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "bobbin/bobbin.h"

extern struct bobbin *sample_server; /* from bobbin_start on */

void sample_configure(struct bobbin_config *config);

#endif
