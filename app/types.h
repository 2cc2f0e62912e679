/* Media types from a file in the format of mime.types: `type ext ext...` a line, `#` before comments. Main thread, at
 * start and end: the one thing that takes its memory from the heap. */
#ifndef TYPES_H
#define TYPES_H

#include "bobbin/files.h"

struct types {
    struct bobbin_media_type *rows; /* as struct bobbin_files wants them */
    size_t count;
};

/* Reads the file; of an extension that has several types the last holds. What is wrong is told on stderr; 0 or -1. */
int types_read(struct types *types, const char *path);
void types_free(struct types *types);

#endif
