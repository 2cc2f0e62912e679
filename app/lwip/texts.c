/* Addresses and names of a network, read from text. Pure. */
#include "texts.h"

#include <stddef.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number of at most 255 at `*at`, which moves behind it. */
static bool read_byte(const char **at, uint8_t *value)
{
    const char *start = *at;
    unsigned number = 0;

    while (is_digit(**at) && number <= 255)
        number = number * 10 + (unsigned)(*(*at)++ - '0');
    *value = (uint8_t)number;
    return *at != start && number <= 255 && (*start != '0' || *at == start + 1);
}

/* Moves behind the address. */
static bool read_ip4(const char **at, uint8_t ip[4])
{
    for (int i = 0; i < 4; i++) {
        if (i > 0 && *(*at)++ != '.')
            return false;
        if (!read_byte(at, &ip[i]))
            return false;
    }
    return true;
}

bool text_to_ip4(const char *text, uint8_t ip[4])
{
    return read_ip4(&text, ip) && *text == '\0';
}

static uint32_t number_of(const uint8_t ip[4])
{
    return (uint32_t)ip[0] << 24 | (uint32_t)ip[1] << 16 | (uint32_t)ip[2] << 8 | ip[3];
}

/* No network, loopback, group, or anything above (RFC 6890 §2.2.2). */
static bool is_of_one_host(uint32_t ip, uint32_t mask)
{
    return ip >> 24 != 0 && ip >> 24 != 127 && ip >> 24 < 224 && (ip & ~mask) != 0 && (ip | mask) != UINT32_MAX;
}

bool text_to_host(const char *text, uint8_t ip[4], uint8_t mask[4])
{
    uint8_t bits;

    if (!read_ip4(&text, ip) || *text++ != '/' || !read_byte(&text, &bits) || *text != '\0' || bits < 1 || bits > 30)
        return false;
    uint32_t ones = UINT32_MAX << (32 - bits);

    for (int i = 0; i < 4; i++)
        mask[i] = (uint8_t)(ones >> (24 - 8 * i));
    return is_of_one_host(number_of(ip), ones);
}

static int hex(char c)
{
    if (is_digit(c))
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_to_mac(const char *text, uint8_t mac[6])
{
    static const uint8_t none[6];

    for (int i = 0; i < 6; i++) {
        int high = hex(*text), low = high < 0 ? -1 : hex(text[1]);

        if (low < 0 || text[2] != (i < 5 ? ':' : '\0'))
            return false;
        mac[i] = (uint8_t)(high << 4 | low);
        text += 3;
    }
    return !(mac[0] & 1) && memcmp(mac, none, sizeof none) != 0;
}

static bool is_of_label(char c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

void text_to_label(const char *name, char label[LABEL_BYTES + 1])
{
    size_t length = 0;
    bool gap = false;

    for (; *name != '\0' && length + gap < LABEL_BYTES; name++) {
        if (!is_of_label(*name)) {
            gap = length > 0;
            continue;
        }
        if (gap)
            label[length++] = '-';
        label[length++] = *name;
        gap = false;
    }
    label[length] = '\0';
    if (length == 0)
        memcpy(label, "bobbin", sizeof "bobbin");
}
