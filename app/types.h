/* Media types from a file in the format of mime.types: `type ext ext...` a line, `#` before comments. Main thread, at
 * start and end. */
#ifndef TYPES_H
#define TYPES_H

#include "bobbin/files.h"

struct types {
    struct bobbin_media_type *rows; /* as struct bobbin_files wants them */
    size_t count;
    void *arena; /* of TYPES_BYTES: text from its start, rows at its end; NULL: there are none */
};

/* Addresses, of which only what the file needs becomes RAM: its text, and 8 to 16 bytes an extension. */
#define TYPES_BYTES ((size_t)1 << 20)

/* Reads the file; of an extension that has several types the last holds. What is wrong is told on stderr; 0 or -1. */
int types_read(struct types *types, const char *path);
void types_free(struct types *types);

#endif
