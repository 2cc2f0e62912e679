/* A run of bytes in somebody else's memory. Any thread. */
#ifndef BOBBIN_SPAN_H
#define BOBBIN_SPAN_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bobbin_span {
    const char *data; /* not NUL-terminated */
    size_t length;
};

bool bobbin_span_is(struct bobbin_span span, const char *text);

/* ASCII letters compare without case, as field names and tokens do (RFC 9110 §5.1). */
bool bobbin_span_is_nocase(struct bobbin_span span, const char *text);

#ifdef __cplusplus
}
#endif

#endif
