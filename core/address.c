/* Addresses: text, comparison. Pure. */
#include "address.h"

#include <string.h>

#include "bobbin/config.h"
#include "span.h"

static char *put_number(char *out, uint64_t value)
{
    return out + span_from_u64(out, value);
}

static char *put_hex(char *out, unsigned group)
{
    for (int shift = 12; shift >= 0; shift -= 4)
        if (group >> shift != 0 || shift == 0)
            *out++ = "0123456789abcdef"[group >> shift & 15];
    return out;
}

static char *put_v4(char *out, const uint8_t *ip)
{
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            *out++ = '.';
        out = put_number(out, ip[i]);
    }
    return out;
}

/* The longest run of two or more zero groups, the first of equals, becomes "::" (RFC 5952 §4.2). */
static char *put_v6(char *out, const uint8_t *ip)
{
    unsigned groups[8];
    int gap = -1, gap_length = 1;
    for (int i = 0; i < 8; i++)
        groups[i] = (unsigned)ip[2 * i] << 8 | ip[2 * i + 1];
    for (int i = 0, run; i < 8; i += run + 1) {
        for (run = 0; i + run < 8 && groups[i + run] == 0; run++)
            ;
        if (run > gap_length) {
            gap = i;
            gap_length = run;
        }
    }
    for (int i = 0; i < 8; i++) {
        if (i == gap) {
            *out++ = ':';
            *out++ = ':';
            i += gap_length - 1;
            continue;
        }
        if (i > 0 && (gap < 0 || i != gap + gap_length))
            *out++ = ':';
        out = put_hex(out, groups[i]);
    }
    return out;
}

static bool is_v6(const struct port_address *address)
{
    return BOBBIN_IPV6 && address->version == 6;
}

void address_text(const struct port_address *address, struct bobbin_peer *text)
{
    char *out = text->text;
    text->address_start = is_v6(address);
    if (is_v6(address)) {
        *out++ = '[';
        out = put_v6(out, address->ip);
        if (address->scope != 0) {
            *out++ = '%';
            out = put_number(out, address->scope);
        }
    } else {
        out = put_v4(out, address->ip);
    }
    text->address_length = (uint8_t)(out - text->text - text->address_start);
    if (is_v6(address))
        *out++ = ']';
    *out++ = ':';
    out = put_number(out, address->port);
    *out = '\0';
}

bool address_same_host(const struct port_address *a, const struct port_address *b)
{
    return a->version == b->version && a->scope == b->scope && memcmp(a->ip, b->ip, is_v6(a) ? sizeof a->ip : 4) == 0;
}

bool address_is_loopback(const struct port_address *address)
{
    static const uint8_t v6[16] = {[15] = 1};
    return is_v6(address) ? memcmp(address->ip, v6, sizeof v6) == 0 : address->ip[0] == 127;
}
