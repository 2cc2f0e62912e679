/* What a byte may be part of. Pure; any thread. */
#ifndef CHARS_H
#define CHARS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CHAR_TOKEN = 1,  /* of a field's name or a method (RFC 9110 §5.6.2) */
    CHAR_PLAIN = 2,  /* of every part of a URI as it is: unreserved and sub-delims (RFC 3986 §2.2, §2.3) */
    CHAR_TARGET = 4, /* of a request's target, up to its query: those, and what clients send beside them */
    CHAR_QUERY = 8,  /* of its query */
};

extern const uint8_t char_classes[128];

static inline bool char_is(char byte, unsigned class)
{
    return (uint8_t)byte < sizeof char_classes && (char_classes[(uint8_t)byte] & class) != 0;
}

#endif
