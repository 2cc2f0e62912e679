/* Which bytes of the content a Range asks for (RFC 9110 §14.1, §14.2). Pure; any thread. */
#include "ranges.h"

#include <string.h>

enum found {
    FOUND_BROKEN,  /* not in the grammar */
    FOUND_OUTSIDE, /* valid, not in the content */
    FOUND_INSIDE,
};

/* Takes digits off the front; false where there are none. What 64 bits do not hold is their largest value: it lies
 * behind the end of any content either way, and is no error (§14.1.2). */
static bool take_number(struct bobbin_span *text, uint64_t *value)
{
    uint64_t sum = 0;
    size_t i = 0;
    for (; i < text->length && text->data[i] >= '0' && text->data[i] <= '9'; i++) {
        unsigned digit = (unsigned)(text->data[i] - '0');
        sum = sum > (UINT64_MAX - digit) / 10 ? UINT64_MAX : sum * 10 + digit;
    }
    text->data += i;
    text->length -= i;
    *value = sum;
    return i > 0;
}

static bool take_dash(struct bobbin_span *text)
{
    if (text->length == 0 || text->data[0] != '-')
        return false;
    text->data++;
    text->length--;
    return true;
}

/* "-" suffix-length: the last bytes, or all where there are fewer. */
static enum found find_suffix(uint64_t suffix, uint64_t length, struct range *range)
{
    if (suffix == 0)
        return FOUND_OUTSIDE;
    range->length = suffix < length ? suffix : length;
    range->first = length - range->length;
    return FOUND_INSIDE;
}

/* One element of the set (§14.1.1). `length` is not 0 where it is a suffix. */
static enum found find_range(struct bobbin_span spec, uint64_t length, struct range *range)
{
    uint64_t first, last = UINT64_MAX;
    if (take_dash(&spec))
        return take_number(&spec, &last) && spec.length == 0 ? find_suffix(last, length, range) : FOUND_BROKEN;
    if (!take_number(&spec, &first) || !take_dash(&spec))
        return FOUND_BROKEN;
    if (spec.length > 0 && (!take_number(&spec, &last) || spec.length > 0 || last < first))
        return FOUND_BROKEN;
    if (first >= length)
        return FOUND_OUTSIDE;
    range->first = first;
    range->length = last < length ? last - first + 1 : length - first;
    return FOUND_INSIDE;
}

static bool is_near(struct range a, struct range b)
{
    struct range low = a.first < b.first ? a : b, high = a.first < b.first ? b : a;
    uint64_t end = low.first + low.length;
    return high.first <= end || high.first - end < RANGES_GAP;
}

static struct range join(struct range a, struct range b)
{
    uint64_t first = a.first < b.first ? a.first : b.first;
    uint64_t a_end = a.first + a.length, b_end = b.first + b.length;
    return (struct range){first, (a_end > b_end ? a_end : b_end) - first};
}

/* Joined with those that it overlaps or nearly touches, it stands where the first of them was asked for. */
static void add(struct ranges *ranges, struct range range)
{
    struct range *at = ranges->at;
    size_t place = ranges->count, i = 0;
    while (i < ranges->count) {
        if (!is_near(at[i], range)) {
            i++;
            continue;
        }
        range = join(at[i], range);
        ranges->count--;
        memmove(at + i, at + i + 1, (ranges->count - i) * sizeof *at);
        place = i < place ? i : place;
        i = 0; /* grown, it may reach one that it did not */
    }
    memmove(at + place + 1, at + place, (ranges->count - place) * sizeof *at);
    at[place] = range;
    ranges->count++;
}

/* The set behind "bytes="; units compare without case (§14.1). */
static bool take_unit(struct bobbin_span *value)
{
    static const char unit[] = "bytes=";
    size_t length = sizeof unit - 1;
    if (value->length < length || !bobbin_span_is_nocase((struct bobbin_span){value->data, length}, unit))
        return false;
    value->data += length;
    value->length -= length;
    return true;
}

enum ranges_result ranges_parse(struct bobbin_span value, uint64_t length, struct ranges *ranges)
{
    struct bobbin_span spec;
    size_t asked = 0, inside = 0;
    ranges->count = 0;
    if (!take_unit(&value))
        return RANGES_ALL;
    while (span_next_element(&value, &spec)) {
        struct range range;
        if (length == 0 && spec.data[0] == '-')
            return RANGES_ALL; /* the last bytes of nothing are all of it */
        enum found found = find_range(spec, length, &range);
        if (found == FOUND_BROKEN || ++asked > RANGES_MAX)
            return RANGES_ALL;
        if (found == FOUND_INSIDE) {
            add(ranges, range);
            inside++;
        }
    }
    if (asked == 0)
        return RANGES_ALL;
    if (ranges->count == 0)
        return RANGES_NONE;
    /* One range alone that is all of it is answered as a range: players ask for "bytes=0-" to learn whether they can
     * seek, and take a 200 for a no. */
    return inside > 1 && ranges->at[0].length == length ? RANGES_ALL : RANGES_SOME;
}

struct bobbin_span ranges_text(const struct range *range, uint64_t length, char *out)
{
    static const char unit[] = "bytes ";
    size_t n = sizeof unit - 1;
    memcpy(out, unit, n);
    if (range == NULL) {
        out[n++] = '*';
    } else {
        n += span_from_u64(out + n, range->first);
        out[n++] = '-';
        n += span_from_u64(out + n, range->first + range->length - 1);
    }
    out[n++] = '/';
    n += span_from_u64(out + n, length);
    return (struct bobbin_span){out, n};
}
