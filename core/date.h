/* Dates in fields (RFC 9110 §5.6.7). Pure; any thread. */
#ifndef DATE_H
#define DATE_H

#include <stdint.h>

#include "bobbin/span.h"

#define DATE_LENGTH 29            /* "Sun, 06 Nov 1994 08:49:37 GMT" */
#define DATE_MAX    253402300799 /* the last second of the year 9999 */

/* Seconds since 1970-01-01 UTC, up to the year 9999, as IMF-fixdate: DATE_LENGTH bytes, no NUL. */
void date_format(int64_t seconds, char *out);

/* Seconds since 1970-01-01 UTC, negative before, of a date in any of the three forms; BOBBIN_TIME_UNKNOWN: it is
 * none. The weekday need not be the right one. A second 60 is the next minute's first. `now` decides the century of
 * the form that has two digits for the year: the last one that puts it no more than 50 years ahead; now < 0: 1970 to
 * 2069. */
int64_t date_parse(struct bobbin_span text, int64_t now);

#endif
