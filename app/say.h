/* Text on stdout and stderr without stdio, whose printf alone is larger than this program's HTTP parser. Main
 * thread. A format takes %s, %.*s, %c, %u, %zu, PRIu64 and %%, without a width. */
#ifndef SAY_H
#define SAY_H

#include <stdbool.h>
#include <stddef.h>

/* All of it is written when these return, unless the system refuses. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));        /* on stdout */
void say_error(const char *format, ...) __attribute__((format(printf, 1, 2)));  /* on stderr, behind "bobbin: " */
void say_advice(const char *format, ...) __attribute__((format(printf, 1, 2))); /* on stderr, behind an error */

/* Whether everything so far reached stdout. */
bool say_arrived(void);

/* The bytes as they are; false: errno says why. */
bool say_bytes(int fd, const char *bytes, size_t length);

#endif
