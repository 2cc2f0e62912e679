/* Refuses paths that no file may be asked by, and decodes the rest. Pure; any thread. */
#include "file_path.h"

#include <string.h>

#include "bobbin/error.h"

/* Bytes of the character that starts there, in UTF-8 (RFC 3629 §4); 0: none does, or it may not stand in a name. */
static size_t character_length(const char *text, size_t length)
{
    const unsigned char *byte = (const unsigned char *)text;
    unsigned char lead = byte[0], low = 0x80, high = 0xbf; /* bounds of the second byte */
    if (lead < 0x80)
        return lead < 0x20 || lead == 0x7f || lead == '\\' ? 0 : 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0; /* in the midst of a character, overlong, above U+10FFFF */
    size_t bytes = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead == 0xe0)
        low = 0xa0; /* less were overlong */
    else if (lead == 0xed)
        high = 0x9f; /* more were a surrogate */
    else if (lead == 0xf0)
        low = 0x90; /* less were overlong */
    else if (lead == 0xf4)
        high = 0x8f; /* more were above U+10FFFF */
    if (length < bytes || byte[1] < low || byte[1] > high)
        return 0;
    for (size_t i = 2; i < bytes; i++)
        if (byte[i] < 0x80 || byte[i] > 0xbf)
            return 0;
    return bytes;
}

/* Whether a segment may be called so, whose characters are fine: it is a name, and no hidden one. */
static bool is_name(const char *segment, size_t length, bool dot_files)
{
    if (length == 0)
        return false;
    if (segment[0] != '.')
        return true;
    bool climbs = length == 1 || (length == 2 && segment[1] == '.');
    return dot_files && !climbs;
}

int file_path_make(struct bobbin_span rest, bool dot_files, char *out)
{
    size_t n = 0, segment = 0; /* in `out` */
    for (size_t i = 0; i < rest.length;) {
        const char *at = rest.data + i;
        size_t left = rest.length - i, bytes = character_length(at, left), taken = bytes;
        if (*at == '%') {
            if (left < 3 || at[1] != '2' || at[2] != '5')
                return BOBBIN_NOT_FOUND; /* "%2F": a slash that is none */
            taken = 3;
        } else if (*at == '/') {
            if (!is_name(out + segment, n - segment, dot_files))
                return BOBBIN_NOT_FOUND;
            segment = n + 1;
        }
        if (bytes == 0)
            return BOBBIN_NOT_FOUND;
        memcpy(out + n, at, bytes);
        n += bytes;
        i += taken;
    }
    if (n > segment && !is_name(out + segment, n - segment, dot_files))
        return BOBBIN_NOT_FOUND;
    out[n] = '\0';
    return (int)n;
}

bool file_path_servable(struct bobbin_span name, bool dot_files)
{
    for (size_t i = 0; i < name.length;) {
        size_t bytes = character_length(name.data + i, name.length - i);
        if (bytes == 0 || name.data[i] == '/')
            return false;
        i += bytes;
    }
    return is_name(name.data, name.length, dot_files);
}

/* Bytes of the dot that starts there, as it is or as "%2e"; 0: none does. */
static size_t dot_length(const char *text, size_t length)
{
    if (text[0] == '.')
        return 1;
    return length >= 3 && text[0] == '%' && text[1] == '2' && (text[2] == 'e' || text[2] == 'E') ? 3 : 0;
}

bool file_path_climbs(struct bobbin_span raw)
{
    size_t i = 0;
    while (i < raw.length) {
        unsigned dots = 0, others = 0;
        while (i < raw.length && raw.data[i] != '/') {
            size_t dot = dot_length(raw.data + i, raw.length - i);
            dots += dot > 0;
            others += dot == 0;
            i += dot > 0 ? dot : 1;
        }
        if (dots == 2 && others == 0)
            return true;
        i++;
    }
    return false;
}
