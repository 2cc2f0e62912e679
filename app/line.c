/* A line of text put together in fixed memory, without printf: client threads stand on small stacks. What does
 * not fit is left out. Pure; any thread. */
#include "line.h"

#include <string.h>

#include "date.h"

void line_bytes(struct line *line, const char *bytes, size_t length)
{
    if (length > line->size - line->length)
        length = line->size - line->length;
    memcpy(line->data + line->length, bytes, length);
    line->length += length;
}

void line_text(struct line *line, const char *text)
{
    line_bytes(line, text, strlen(text));
}

void line_number(struct line *line, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    line_bytes(line, digits + at, sizeof digits - at);
}

void line_escaped(struct line *line, const char *bytes, size_t length, size_t spare)
{
    static const char hex[] = "0123456789abcdef";
    static const char cut[] = "...";
    size_t cut_length = sizeof cut - 1;

    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        char escape[4] = {'\\', 'x', hex[byte >> 4], hex[byte & 15]};

        if (line->size - line->length < sizeof escape + cut_length + spare) {
            line_text(line, cut);
            return;
        }
        if (byte < 0x20 || byte > 0x7e || byte == '"' || byte == '\\')
            line_bytes(line, escape, sizeof escape);
        else
            line_bytes(line, bytes + i, 1);
    }
}

void line_date(struct line *line, int64_t seconds)
{
    char date[DATE_LENGTH]; /* "Mon, 23 Nov 2026 11:42:37 GMT" */

    date_format(seconds < 0 ? 0 : seconds > DATE_MAX ? DATE_MAX : seconds, date);
    date[7] = date[11] = '/';
    date[16] = ':';
    line_bytes(line, date + 5, 20);
    line_text(line, " +0000");
}
