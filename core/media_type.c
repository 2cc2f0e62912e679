/* Finds Content-Types by extension, in the built-in table and others. Pure; any thread. */
#include "media_type.h"

#include <string.h>

/* The built-in table holds offsets: each pointer would be a relocation too, 12 bytes in all. A line of
 * media_types.def names its two texts. */
#define EXTENSION    JOIN(extension_, __LINE__)
#define TYPE         JOIN(type_, __LINE__)
#define JOIN(a, b)   JOINED(a, b)
#define JOINED(a, b) a##b

static const struct texts {
#define MEDIA_TYPE(extension, type) char EXTENSION[sizeof extension], TYPE[sizeof type];
#include "media_types.def"
#undef MEDIA_TYPE
} texts = {
#define MEDIA_TYPE(extension, type) extension, type,
#include "media_types.def"
#undef MEDIA_TYPE
};

static const struct {
    uint16_t extension, type;
} built_in[] = {
#define MEDIA_TYPE(extension, type) {offsetof(struct texts, EXTENSION), offsetof(struct texts, TYPE)},
#include "media_types.def"
#undef MEDIA_TYPE
};

#define BUILT_IN (sizeof built_in / sizeof *built_in)

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

/* The extension of a table's row. */
typedef const char *row_extension(const void *table, size_t row);

static const char *given_extension(const void *table, size_t row)
{
    return ((const struct bobbin_media_type *)table)[row].extension;
}

static const char *built_in_extension(const void *table, size_t row)
{
    return (const char *)table + built_in[row].extension;
}

/* The extension's row; `count`: it has none. */
static size_t find_row(const void *table, size_t count, row_extension *extension_of, struct bobbin_span extension)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(extension, extension_of(table, middle));
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return count;
}

const char *media_type_find(const struct bobbin_media_type *types, size_t count, struct bobbin_span extension)
{
    size_t row = find_row(types, count, given_extension, extension);
    return row < count ? types[row].type : NULL;
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
    size_t row = find_row(&texts, BUILT_IN, built_in_extension, media_type_extension(name));
    return row < BUILT_IN ? (const char *)&texts + built_in[row].type : "application/octet-stream";
}
