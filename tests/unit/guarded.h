/* Memory that ends where an unreadable page begins: whoever reads or writes one byte too far crashes. */
#ifndef GUARDED_H
#define GUARDED_H

#include <stddef.h>

#define GUARDED_BYTES 65536

struct guarded {
    char *memory;
    size_t mapped; /* with the guard page */
};

void guarded_open(struct guarded *guarded);
void guarded_close(struct guarded *guarded);

/* The last `length` bytes before the guard, at most GUARDED_BYTES; as `data` has them, which may lie there too. */
char *guarded_room(struct guarded *guarded, size_t length);
char *guarded_copy(struct guarded *guarded, const void *data, size_t length);

#endif
