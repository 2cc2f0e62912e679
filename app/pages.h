/* The page at "/": made once at start, then only read. */
#ifndef PAGES_H
#define PAGES_H

#include <stddef.h>

/* Main thread, before the first client. `name` is any text; NULL: the host's name. */
void pages_make(const char *name);

/* The page as HTML in UTF-8. Any thread. */
const char *pages_front(size_t *length);

#endif
