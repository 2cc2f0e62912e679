/* Numbers, sizes and times as people type them, and back. Pure; any thread. */
#include "values.h"

#include <string.h>

#include "line.h"

/* Digits at the start of the text; returns what follows them, NULL where there are none or too many. */
static const char *read_digits(const char *text, uint64_t *value)
{
    const char *at = text;

    *value = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');

        if (*value > (UINT64_MAX - digit) / 10)
            return NULL;
        *value = *value * 10 + digit;
    }
    return at == text ? NULL : at;
}

static bool scale(uint64_t *value, uint64_t factor)
{
    if (*value > UINT64_MAX / factor)
        return false;
    *value *= factor;
    return true;
}

bool value_number(const char *text, uint64_t *value)
{
    const char *rest = read_digits(text, value);

    return rest != NULL && *rest == '\0';
}

bool value_size(const char *text, uint64_t *value)
{
    const char *unit = read_digits(text, value);

    if (unit == NULL || (*unit != '\0' && unit[1] != '\0'))
        return false;
    switch (*unit) {
    case '\0':
        return true;
    case 'k':
    case 'K':
        return scale(value, 1024);
    case 'm':
    case 'M':
        return scale(value, 1024 * 1024);
    case 'g':
    case 'G':
        return scale(value, 1024 * 1024 * 1024);
    default:
        return false;
    }
}

bool value_time(const char *text, uint64_t *ms)
{
    const char *unit = read_digits(text, ms);

    if (unit == NULL)
        return false;
    if (strcmp(unit, "ms") == 0)
        return true;
    if (strcmp(unit, "s") == 0)
        return scale(ms, 1000);
    if (strcmp(unit, "m") == 0)
        return scale(ms, 60000);
    return false;
}

static void print(char *text, uint64_t value, const char *unit)
{
    struct line line = {.data = text, .size = VALUE_TEXT - 1};

    line_number(&line, value);
    line_text(&line, unit);
    text[line.length] = '\0';
}

void value_print_number(uint64_t value, char text[VALUE_TEXT])
{
    print(text, value, "");
}

void value_print_size(uint64_t value, char text[VALUE_TEXT])
{
    static const char units[][2] = {"", "K", "M", "G"};
    size_t unit = 0;

    for (; value != 0 && value % 1024 == 0 && unit + 1 < sizeof units / sizeof *units; unit++)
        value /= 1024;
    print(text, value, units[unit]);
}

void value_print_time(uint64_t ms, char text[VALUE_TEXT])
{
    if (ms != 0 && ms % 60000 == 0)
        print(text, ms / 60000, "m");
    else if (ms != 0 && ms % 1000 == 0)
        print(text, ms / 1000, "s");
    else
        print(text, ms, "ms");
}

void value_print_bytes(uint64_t value, char text[VALUE_TEXT])
{
    static const char units[] = "KMGT";
    char unit[] = ".0 KiB";
    size_t at = 0;

    for (; value >= 1024 * 1024 && at + 2 < sizeof units; at++)
        value /= 1024;
    uint64_t tenths = (value * 10 + 512) / 1024;

    unit[1] = (char)('0' + tenths % 10);
    unit[3] = units[at];
    print(text, tenths / 10, unit);
}
