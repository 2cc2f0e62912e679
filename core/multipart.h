/* Several ranges of a content as one body: multipart/byteranges (RFC 9110 §14.6). On the client's thread. */
#ifndef MULTIPART_H
#define MULTIPART_H

#include "bobbin/content.h"
#include "ranges.h"

#define MULTIPART_TYPE_MAX (sizeof "multipart/byteranges; boundary=" + 24)

/* The Content-Type of the whole, with a boundary that is as good as never in the content, and a NUL behind. */
void multipart_type(const struct bobbin_content *content, char *out);

/* Bytes of the body; then the body itself. `type` is what multipart_type made. */
uint64_t multipart_length(const struct bobbin_content *content, const struct ranges *ranges, const char *type);
int multipart_write(struct bobbin_exchange *x, const struct bobbin_content *content, const struct ranges *ranges,
                    const char *type);

#endif
