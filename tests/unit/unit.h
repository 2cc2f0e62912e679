/* What every unit test includes: cmocka with the headers that it wants before it, and spans from literals. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bobbin/span.h"

/* Counts the bytes of a literal, so that it may hold NULs. */
#define SPAN(literal)                                                                                                \
    {                                                                                                                \
        literal, sizeof(literal) - 1                                                                                 \
    }
#define SPAN_OF(literal) ((struct bobbin_span)SPAN(literal))

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define assert_span(span, literal)                                                                                   \
    do {                                                                                                             \
        struct bobbin_span asserted = (span);                                                                        \
        assert_int_equal(asserted.length, sizeof(literal) - 1);                                                      \
        assert_memory_equal(asserted.data, literal, sizeof(literal) - 1);                                            \
    } while (0)

/* A group of one test per row of a table: `rows` begin with their name. Returns how many failed. */
int unit_run_rows(const char *group, const void *rows, size_t count, size_t row_bytes, CMUnitTestFunction check);

#endif
