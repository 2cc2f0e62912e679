/* The parts' heads, and the ranges between them. On the client's thread. */
#include "multipart.h"

#include <string.h>

#include "client.h"

static const char type_start[] = "multipart/byteranges; boundary=";

#define BOUNDARY_LENGTH (MULTIPART_TYPE_MAX - sizeof type_start)

/* 64 bits of what the content and the moment are. */
void multipart_type(const struct bobbin_content *content, char *out)
{
    static const char digits[] = "0123456789abcdef", name[] = "bobbin--";
    uint32_t halves[2] = {2166136261u ^ (uint32_t)port_clock_ms(), 2166136261u ^ (uint32_t)content->length};
    for (const char *at = content->etag; at != NULL && *at != '\0'; at++) { /* FNV-1a */
        halves[0] = (halves[0] ^ (unsigned char)*at) * 16777619u;
        halves[1] = (halves[1] ^ halves[0]) * 16777619u;
    }
    memcpy(out, type_start, sizeof type_start - 1);
    out += sizeof type_start - 1;
    for (size_t i = 0; i < BOUNDARY_LENGTH; i++)
        out[i] = i < sizeof name - 1 ? name[i] : digits[(halves[i % 2] >> (i / 2 % 8 * 4)) & 15];
    out[BOUNDARY_LENGTH] = '\0';
}

/* The head of a part; of NULL, what stands behind the last. Its length; written where there is an exchange. */
static int64_t part_head(struct bobbin_exchange *x, const struct bobbin_content *content, const struct range *range,
                         const char *type)
{
    char text[RANGES_TEXT_MAX];
    struct bobbin_span pieces[7] = {{"\r\n--", 4}, {type + sizeof type_start - 1, BOUNDARY_LENGTH}, {"--\r\n", 4}};
    size_t count = 3, length = 0;
    if (range != NULL) {
        pieces[2] = span_of(content->type == NULL ? "" : "\r\nContent-Type: ");
        pieces[3] = span_of(content->type == NULL ? "" : content->type);
        pieces[4] = span_of("\r\nContent-Range: ");
        pieces[5] = ranges_text(range, content->length, text);
        pieces[6] = span_of("\r\n\r\n");
        count = 7;
    }
    for (size_t i = 0; i < count; i++) {
        int error = x == NULL ? 0 : bobbin_write(x, pieces[i].data, pieces[i].length);
        if (error < 0)
            return error;
        length += pieces[i].length;
    }
    return (int64_t)length;
}

uint64_t multipart_length(const struct bobbin_content *content, const struct ranges *ranges, const char *type)
{
    uint64_t length = (uint64_t)part_head(NULL, content, NULL, type);
    for (size_t i = 0; i < ranges->count; i++)
        length += (uint64_t)part_head(NULL, content, &ranges->at[i], type) + ranges->at[i].length;
    return length;
}

int multipart_write(struct bobbin_exchange *x, const struct bobbin_content *content, const struct ranges *ranges,
                    const char *type)
{
    for (size_t i = 0; i < ranges->count; i++) {
        int64_t wrote = part_head(x, content, &ranges->at[i], type);
        int error = wrote < 0 ? (int)wrote : content_write(x, content, ranges->at[i]);
        if (error < 0)
            return error;
    }
    int64_t wrote = part_head(x, content, NULL, type);
    return wrote < 0 ? (int)wrote : 0;
}
