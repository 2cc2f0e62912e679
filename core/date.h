/* The Date field (RFC 9110 §5.6.7). Pure; any thread. */
#ifndef DATE_H
#define DATE_H

#include <stdint.h>

#define DATE_LENGTH 29 /* "Sun, 06 Nov 1994 08:49:37 GMT" */

/* Seconds since 1970-01-01 UTC, up to the year 9999, as IMF-fixdate: DATE_LENGTH bytes, no NUL. */
void date_format(int64_t seconds, char *out);

#endif
