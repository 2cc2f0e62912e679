/* A line of text put together in fixed memory, without printf: client threads stand on small stacks. What does
 * not fit is left out. Pure; any thread. */
#include "line.h"

#include <string.h>

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

/* With leading zeros. */
static void line_digits(struct line *line, uint64_t value, size_t count)
{
    char digits[20];

    for (size_t at = count; at-- > 0; value /= 10)
        digits[at] = (char)('0' + value % 10);
    line_bytes(line, digits, count);
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
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    uint64_t now = seconds > 0 ? (uint64_t)seconds : 0;
    uint64_t of_day = now % 86400;
    /* Years that begin in March end in the leap day; 400 of them, an era, have 146097 days. */
    uint64_t days = now / 86400 + 719468; /* since 0000-03-01 */
    uint64_t of_era = days % 146097;
    uint64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t month = (5 * of_year + 2) / 153; /* from March */
    uint64_t day = of_year - (153 * month + 2) / 5 + 1;
    uint64_t year = days / 146097 * 400 + year_of_era + (month >= 10);

    month = month >= 10 ? month - 10 : month + 2; /* from January */
    line_digits(line, day, 2);
    line_text(line, "/");
    line_bytes(line, months + 3 * month, 3);
    line_text(line, "/");
    line_digits(line, year, 4);
    line_text(line, ":");
    line_digits(line, of_day / 3600, 2);
    line_text(line, ":");
    line_digits(line, of_day / 60 % 60, 2);
    line_text(line, ":");
    line_digits(line, of_day % 60, 2);
    line_text(line, " +0000");
}
