/* Spans inside the core: making, splitting, numbers. Pure; any thread. */
#ifndef SPAN_H
#define SPAN_H

#include <stdint.h>

#include <string.h>

#include "bobbin/span.h"

static inline struct bobbin_span span_of(const char *text)
{
    return (struct bobbin_span){text, strlen(text)};
}

struct bobbin_span span_trim(struct bobbin_span span); /* spaces and tabs off both ends (OWS, RFC 9110 §5.6.3) */
bool span_equal(struct bobbin_span a, struct bobbin_span b);
bool span_equal_nocase(struct bobbin_span a, struct bobbin_span b);

/* An ASCII letter in lower case; any other byte as it is. */
char span_fold(char byte);

/* Takes the next element off a comma-separated list, trimmed; empty ones are passed over (RFC 9110 §5.6.1). */
bool span_next_element(struct bobbin_span *list, struct bobbin_span *element);

/* Decimal digits and nothing else. False: none, another byte, or more than 64 bits hold. */
bool span_to_u64(struct bobbin_span span, uint64_t *value);

/* -1 where the byte is no hexadecimal digit. */
int span_hex_digit(char byte);

/* Writes decimal digits at `out`, which has room for 20; returns how many. */
size_t span_from_u64(char *out, uint64_t value);

#endif
