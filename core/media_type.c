/* Finds Content-Types by extension, in the built-in table and others. Pure; any thread. */
#include "media_type.h"

#include <string.h>

static const struct bobbin_media_type built_in[] = {
#define MEDIA_TYPE(extension, type) {extension, type},
#include "media_types.def"
#undef MEDIA_TYPE
};

struct bobbin_span media_type_extension(struct bobbin_span name)
{
    for (size_t i = name.length; i > 0 && name.data[i - 1] != '/'; i--) {
        if (name.data[i - 1] != '.')
            continue;
        bool first = i == 1 || name.data[i - 2] == '/';
        return (struct bobbin_span){name.data + i, first ? 0 : name.length - i};
    }
    return (struct bobbin_span){name.data, 0};
}

/* Which comes first in the table: negative, the extension, as if it were in lower case; 0: they are the same. */
static int compare(struct bobbin_span extension, const char *other)
{
    for (size_t i = 0; i < extension.length; i++) {
        unsigned char a = (unsigned char)extension.data[i], b = (unsigned char)other[i];
        if (a >= 'A' && a <= 'Z')
            a = (unsigned char)(a - 'A' + 'a');
        if (b == '\0')
            return 1;
        if (a != b)
            return a < b ? -1 : 1;
    }
    return other[extension.length] == '\0' ? 0 : -1;
}

const char *media_type_find(const struct bobbin_media_type *types, size_t count, struct bobbin_span extension)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(extension, types[middle].extension);
        if (order == 0)
            return types[middle].type;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

bool media_type_in_order(const struct bobbin_media_type *types, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (const char *at = types[i].extension; *at != '\0'; at++)
            if (*at >= 'A' && *at <= 'Z')
                return false;
        if (i > 0 && compare(span_of(types[i - 1].extension), types[i].extension) >= 0)
            return false;
    }
    return true;
}

const char *bobbin_media_type(struct bobbin_span name)
{
    const char *type = media_type_find(built_in, sizeof built_in / sizeof *built_in, media_type_extension(name));
    return type != NULL ? type : "application/octet-stream";
}
