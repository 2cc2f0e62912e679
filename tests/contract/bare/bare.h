/* Where there is no system to run the suite on: what its program gives, and gets. */
#ifndef BARE_H
#define BARE_H

#include <stddef.h>

/* The program's: memory that the suite's stacks are taken from, and never given back to; a line of text; the end of
 * it all, as a failure. */
extern char *bare_heap;
extern size_t bare_heap_bytes;
void bare_say(const char *a, const char *b);
void bare_halt(const char *why, const char *what);

/* Names of tests that are not to be run, NULL behind the last; or NULL. */
extern const char *const *bare_left_out;

#endif
