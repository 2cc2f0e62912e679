/* Content-Type by a name's extension. Pure; any thread. */
#ifndef MEDIA_TYPE_H
#define MEDIA_TYPE_H

#include "bobbin/files.h"
#include "span.h"

/* What stands behind the last dot of the last segment, if that is not its first byte; else length 0. */
struct bobbin_span media_type_extension(struct bobbin_span name);

/* Of a table in the order of extensions' bytes, without case; NULL: not there. */
const char *media_type_find(const struct bobbin_media_type *types, size_t count, struct bobbin_span extension);

/* Whether a table is in order: no two alike, none with an upper-case letter. */
bool media_type_in_order(const struct bobbin_media_type *types, size_t count);

#endif
