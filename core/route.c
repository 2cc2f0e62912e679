/* Matches paths against the patterns of routes, segment by segment. Pure; any thread.
 *
 * Patterns are checked when the server opens, so "{" and "*" stand at the start of a segment only. */
#include "route.h"

#include <string.h>

/* A segment of a pattern, the more exact the greater. */
enum segment_kind { SEGMENT_REST, SEGMENT_NAMED, SEGMENT_PLAIN };

static enum segment_kind segment_kind(const char *segment)
{
    if (*segment == '*')
        return SEGMENT_REST;
    return *segment == '{' ? SEGMENT_NAMED : SEGMENT_PLAIN;
}

static size_t segment_length(const char *segment)
{
    size_t length = 0;
    while (segment[length] != '\0' && segment[length] != '/')
        length++;
    return length;
}

/* Walks pattern and path together. With `name`, *found becomes what that part of the pattern matched. */
static bool match(const char *pattern, struct bobbin_span path, const struct bobbin_span *name,
                  struct bobbin_span *found)
{
    size_t i = 0;
    while (*pattern != '\0') {
        if (*pattern == '*') {
            if (name != NULL && bobbin_span_is(*name, "*"))
                *found = (struct bobbin_span){path.data + i, path.length - i};
            return true;
        }
        if (*pattern == '{') {
            size_t start = i, length = segment_length(pattern);
            while (i < path.length && path.data[i] != '/')
                i++;
            if (i == start)
                return false;
            if (name != NULL && span_equal(*name, (struct bobbin_span){pattern + 1, length - 2}))
                *found = (struct bobbin_span){path.data + start, i - start};
            pattern += length;
            continue;
        }
        if (i == path.length || path.data[i] != *pattern)
            return false;
        i++;
        pattern++;
    }
    return i == path.length;
}

/* Above 0: `a` is more exact than `b`. Both match one path, so their plain segments are the same up to there. */
static int compare(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        a++; /* the slash */
        b++;
        int kind_a = (int)segment_kind(a), kind_b = (int)segment_kind(b);
        if (kind_a != kind_b)
            return kind_a - kind_b;
        a += segment_length(a);
        b += segment_length(b);
    }
    return 0;
}

static unsigned offered(unsigned methods)
{
    if (methods & BOBBIN_GET)
        methods |= BOBBIN_HEAD;
    return methods | BOBBIN_OPTIONS;
}

static bool better(const struct bobbin_route *route, const struct bobbin_route *best, unsigned method)
{
    if (best == NULL)
        return true;
    int more_exact = compare(route->pattern, best->pattern);
    /* Of two for the same path, a HEAD of its own goes before the one that comes with GET. */
    return more_exact > 0 || (more_exact == 0 && (route->methods & method) != 0 && (best->methods & method) == 0);
}

struct route_match route_find(const struct bobbin_route *routes, size_t count, struct bobbin_span path,
                              enum bobbin_method method)
{
    struct route_match found = {NULL, 0};
    unsigned wanted = method == BOBBIN_HEAD ? BOBBIN_HEAD | BOBBIN_GET : (unsigned)method;
    for (size_t i = 0; i < count; i++) {
        const struct bobbin_route *route = &routes[i];
        if (!match(route->pattern, path, NULL, NULL))
            continue;
        found.allowed |= offered(route->methods);
        if ((route->methods & wanted) != 0 && better(route, found.route, (unsigned)method))
            found.route = route;
    }
    return found;
}

unsigned route_methods(const struct bobbin_route *routes, size_t count)
{
    unsigned methods = BOBBIN_OPTIONS;
    for (size_t i = 0; i < count; i++)
        methods |= offered(routes[i].methods);
    return methods;
}

struct bobbin_span route_parameter(const struct bobbin_route *route, struct bobbin_span path, struct bobbin_span name)
{
    struct bobbin_span found = {NULL, 0};
    match(route->pattern, path, &name, &found);
    return found;
}

bool route_pattern_valid(const char *pattern)
{
    if (pattern == NULL || *pattern != '/')
        return false;
    while (*pattern != '\0') {
        pattern++; /* the slash */
        size_t length = segment_length(pattern), start = 0, end = length;
        if (*pattern == '*')
            return length == 1 && pattern[1] == '\0';
        if (*pattern == '{') {
            if (length < 3 || pattern[length - 1] != '}')
                return false;
            start++;
            end--;
        }
        for (size_t i = start; i < end; i++)
            if (pattern[i] == '{' || pattern[i] == '}' || pattern[i] == '*')
                return false;
        pattern += length;
    }
    return true;
}

/* Whether one path has segments that suit both. An empty one suits no "{name}". */
static bool segments_meet(const char *a, size_t length_a, const char *b, size_t length_b)
{
    if (segment_kind(a) == SEGMENT_PLAIN && segment_kind(b) == SEGMENT_PLAIN)
        return length_a == length_b && memcmp(a, b, length_a) == 0;
    return length_a > 0 && length_b > 0;
}

bool route_overlap(const struct bobbin_route *a, const struct bobbin_route *b)
{
    const char *pattern_a = a->pattern, *pattern_b = b->pattern;
    bool a_ahead = false, b_ahead = false; /* has a plain segment where the other has a name */
    if ((a->methods & b->methods) == 0)
        return false;
    while (*pattern_a != '\0' && *pattern_b != '\0') {
        enum segment_kind kind_a = segment_kind(++pattern_a), kind_b = segment_kind(++pattern_b);
        if (kind_a == SEGMENT_REST || kind_b == SEGMENT_REST) {
            if (kind_a == kind_b)
                return true;
            /* The rest is a fallback, unless its pattern was the more exact one in an earlier segment. */
            return kind_a == SEGMENT_REST ? a_ahead : b_ahead;
        }
        size_t length_a = segment_length(pattern_a), length_b = segment_length(pattern_b);
        if (!segments_meet(pattern_a, length_a, pattern_b, length_b))
            return false;
        a_ahead |= kind_a > kind_b;
        b_ahead |= kind_b > kind_a;
        pattern_a += length_a;
        pattern_b += length_b;
    }
    return *pattern_a == *pattern_b;
}

size_t route_allow(unsigned methods, char *out)
{
    static const char names[][8] = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"};
    size_t length = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((methods & (1u << i)) == 0)
            continue;
        if (length > 0) {
            out[length++] = ',';
            out[length++] = ' ';
        }
        size_t name_length = strlen(names[i]);
        memcpy(out + length, names[i], name_length);
        length += name_length;
    }
    return length;
}
