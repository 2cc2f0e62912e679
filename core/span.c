/* Comparing, splitting and numbers of spans. Pure; any thread. */
#include "span.h"

#include <string.h>

char span_fold(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

struct bobbin_span span_trim(struct bobbin_span span)
{
    while (span.length > 0 && is_blank(span.data[0])) {
        span.data++;
        span.length--;
    }
    while (span.length > 0 && is_blank(span.data[span.length - 1]))
        span.length--;
    return span;
}

bool span_equal(struct bobbin_span a, struct bobbin_span b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

bool span_equal_nocase(struct bobbin_span a, struct bobbin_span b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        if (a.data[i] != b.data[i] && span_fold(a.data[i]) != span_fold(b.data[i]))
            return false;
    return true;
}

bool bobbin_span_is(struct bobbin_span span, const char *text)
{
    return span_equal(span, span_of(text));
}

bool bobbin_span_is_nocase(struct bobbin_span span, const char *text)
{
    return span_equal_nocase(span, span_of(text));
}

bool span_next_element(struct bobbin_span *list, struct bobbin_span *element)
{
    while (list->length > 0) {
        const char *comma = memchr(list->data, ',', list->length);
        size_t taken = comma != NULL ? (size_t)(comma - list->data) : list->length;
        *element = span_trim((struct bobbin_span){list->data, taken});
        if (comma != NULL)
            taken++;
        list->data += taken;
        list->length -= taken;
        if (element->length > 0)
            return true;
    }
    return false;
}

bool span_to_u64(struct bobbin_span span, uint64_t *value)
{
    uint64_t sum = 0;
    if (span.length == 0)
        return false;
    for (size_t i = 0; i < span.length; i++) {
        if (span.data[i] < '0' || span.data[i] > '9')
            return false;
        unsigned digit = (unsigned)(span.data[i] - '0');
        if (sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

int span_hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    char lower = span_fold(byte);
    if (lower >= 'a' && lower <= 'f')
        return lower - 'a' + 10;
    return -1;
}

size_t span_from_u64(char *out, uint64_t value)
{
    size_t digits = 1;
    for (uint64_t rest = value; rest >= 10; rest /= 10)
        digits++;
    for (size_t i = digits; i > 0; i--) {
        out[i - 1] = (char)('0' + (int)(value % 10));
        value /= 10;
    }
    return digits;
}
