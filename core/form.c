/* Values of application/x-www-form-urlencoded text (WHATWG URL §5.1). Pure; any thread. */
#include "bobbin/exchange.h"
#include "span.h"
#include "uri.h"

#include <string.h>

/* Decodes as it compares: names need no memory, however long the peer makes them. */
static bool name_is(struct bobbin_span encoded, const char *name)
{
    for (size_t i = 0; i < encoded.length; i++, name++) {
        int byte = (unsigned char)encoded.data[i];
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            if (encoded.length - i < 3)
                return false;
            int high = span_hex_digit(encoded.data[i + 1]), low = span_hex_digit(encoded.data[i + 2]);
            if (high < 0 || low < 0)
                return false;
            byte = high * 16 + low;
            i += 2;
        }
        if (byte == 0 || byte != (unsigned char)*name)
            return false;
    }
    return *name == '\0';
}

int bobbin_value(struct bobbin_span text, const char *name, char *buffer, size_t size)
{
    while (text.length > 0) {
        const char *end = memchr(text.data, '&', text.length);
        struct bobbin_span pair = {text.data, end != NULL ? (size_t)(end - text.data) : text.length};
        size_t taken = end != NULL ? pair.length + 1 : pair.length;
        text.data += taken;
        text.length -= taken;
        if (pair.length == 0)
            continue;
        const char *equals = memchr(pair.data, '=', pair.length);
        size_t name_length = equals != NULL ? (size_t)(equals - pair.data) : pair.length;
        if (!name_is((struct bobbin_span){pair.data, name_length}, name))
            continue;
        struct bobbin_span value = {pair.data + pair.length, 0};
        if (equals != NULL)
            value = (struct bobbin_span){equals + 1, pair.length - name_length - 1};
        return uri_decode(value, true, buffer, size);
    }
    return BOBBIN_NOT_FOUND;
}
