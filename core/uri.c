/* Checks and decodes the parts of request targets. Pure; any thread. */
#include "uri.h"

#include <string.h>

#include "bobbin/error.h"
#include "chars.h"

static bool is_plain(char byte)
{
    return char_is(byte, CHAR_PLAIN);
}

bool uri_is_target(struct bobbin_span text)
{
    unsigned class = CHAR_TARGET;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '?')
            class = CHAR_QUERY;
        if (!char_is(text.data[i], class))
            return false;
    }
    return true;
}

/* The byte that "%XX" at `text` stands for; -1 where it is no such escape. */
static int escaped(const char *text, size_t length)
{
    if (length < 3)
        return -1;
    int high = span_hex_digit(text[1]), low = span_hex_digit(text[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Four numbers up to 255 without leading zeros (RFC 3986 §3.2.2, IPv4address). */
static bool is_ipv4(struct bobbin_span text)
{
    unsigned value = 0, digits = 0, dots = 0;
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];
        if (byte == '.' && digits > 0) {
            digits = 0;
            value = 0;
            dots++;
        } else if (byte >= '0' && byte <= '9' && (digits == 0 || value > 0)) {
            value = value * 10 + (unsigned)(byte - '0');
            digits++;
            if (value > 255)
                return false;
        } else {
            return false;
        }
    }
    return dots == 3 && digits > 0;
}

/* Eight groups of up to four hexadecimal digits, the last two maybe as IPv4; "::" once, for one or more of them. */
static bool is_ipv6(struct bobbin_span text)
{
    unsigned groups = 0;
    bool gap = false;
    size_t i = 0;
    while (i < text.length) {
        if (text.data[i] == ':') {
            bool doubled = i + 1 < text.length && text.data[i + 1] == ':';
            if (doubled ? gap : groups == 0 || i + 1 == text.length)
                return false;
            gap |= doubled;
            i += doubled ? 2 : 1;
            if (i == text.length)
                break;
        }
        size_t start = i;
        while (i < text.length && span_hex_digit(text.data[i]) >= 0)
            i++;
        if (i < text.length && text.data[i] == '.') {
            groups += 2;
            i = text.length;
            if (!is_ipv4((struct bobbin_span){text.data + start, i - start}))
                return false;
        } else if (i == start || i - start > 4) {
            return false;
        } else {
            groups++;
        }
        if (i < text.length && text.data[i] != ':')
            return false;
    }
    return gap ? groups <= 7 : groups == 8;
}

/* "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ) */
static bool is_ip_future(struct bobbin_span text)
{
    size_t i = 1;
    while (i < text.length && span_hex_digit(text.data[i]) >= 0)
        i++;
    if (i < 2 || i + 1 >= text.length || text.data[i] != '.')
        return false;
    for (i++; i < text.length; i++)
        if (!is_plain(text.data[i]) && text.data[i] != ':')
            return false;
    return true;
}

/* The length of the host at the start of `text`; 0 where there is none. */
static size_t host_length(struct bobbin_span text)
{
    size_t i = 0;
    if (text.length > 0 && text.data[0] == '[') {
        while (i < text.length && text.data[i] != ']')
            i++;
        if (i == text.length || i < 2)
            return 0;
        struct bobbin_span inside = {text.data + 1, i - 1};
        bool future = inside.data[0] == 'v' || inside.data[0] == 'V';
        return (future ? is_ip_future(inside) : is_ipv6(inside)) ? i + 1 : 0;
    }
    while (i < text.length) {
        if (is_plain(text.data[i]))
            i++;
        else if (text.data[i] == '%' && escaped(text.data + i, text.length - i) > 0)
            i += 3;
        else
            break;
    }
    return i;
}

bool uri_is_authority(struct bobbin_span text)
{
    size_t i = host_length(text);
    if (i == 0)
        return false;
    if (i == text.length)
        return true;
    if (text.data[i] != ':')
        return false;
    for (i++; i < text.length; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return true;
}

/* Bytes of a dot segment, slash and all, that stands at `text`; 0: another segment. */
static size_t dot_segment(const char *text, size_t length)
{
    size_t dots = 1;
    while (dots < length && dots < 4 && text[dots] == '.')
        dots++;
    bool whole = dots == length || text[dots] == '/';
    return whole && (dots == 2 || dots == 3) ? dots : 0;
}

bool uri_path_is_normal(struct bobbin_span path)
{
    if (path.length == 0 || path.data[0] != '/')
        return false;
    for (size_t i = 0; i < path.length; i++) {
        const char *at = path.data + i;
        if (*at == '/' && i + 1 < path.length && at[1] == '.' && dot_segment(at, path.length - i) > 0)
            return false;
        if (*at == '%') {
            if (path.length - i < 3 || at[1] != '2' || (at[2] != 'F' && at[2] != '5'))
                return false;
        }
    }
    return true;
}

/* Decodes one segment's bytes to `out`: how many bytes it took, or -1 for a bad escape. */
static int decode_segment(struct bobbin_span text, char *out, size_t *written)
{
    size_t i = 0, n = 0;
    while (i < text.length && text.data[i] != '/') {
        int byte = text.data[i];
        if (byte != '%') {
            out[n++] = (char)byte;
            i++;
            continue;
        }
        byte = escaped(text.data + i, text.length - i);
        if (byte <= 0)
            return -1;
        i += 3;
        if (byte == '/' || byte == '%') {
            out[n++] = '%';
            out[n++] = '2';
            out[n++] = byte == '/' ? 'F' : '5';
        } else {
            out[n++] = (char)byte;
        }
    }
    *written = n;
    return (int)i;
}

int uri_normalize(struct bobbin_span path, char *out)
{
    size_t i = 0, n = 0;
    if (path.length == 0 || path.data[0] != '/')
        return BOBBIN_MALFORMED;
    while (i < path.length) {
        size_t slash = n, written = 0;
        out[n++] = '/';
        i++;
        int taken = decode_segment((struct bobbin_span){path.data + i, path.length - i}, out + n, &written);
        if (taken < 0)
            return BOBBIN_MALFORMED;
        i += (size_t)taken;
        n += written;
        /* Only now: "%2e%2e" climbs as ".." does. */
        size_t dots = dot_segment(out + slash, n - slash);
        if (dots == 0)
            continue;
        n = slash;
        if (dots == 3)
            while (n > 0 && out[--n] != '/')
                continue;
        if (i == path.length)
            out[n++] = '/';
    }
    return (int)n;
}

int uri_decode(struct bobbin_span text, bool form, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < text.length; i++) {
        int byte = (unsigned char)text.data[i];
        if (byte == '%') {
            byte = escaped(text.data + i, text.length - i);
            i += 2;
        } else if (byte == '+' && form) {
            byte = ' ';
        }
        if (byte <= 0)
            return BOBBIN_MALFORMED; /* a NUL as well: it would cut the text that the caller sees */
        if (n + 1 >= size)
            return BOBBIN_TOO_BIG;
        out[n++] = (char)byte;
    }
    if (n >= size)
        return BOBBIN_TOO_BIG;
    out[n] = '\0';
    return (int)n;
}
