/* Seconds to IMF-fixdate and back, without the C library's time zones. Pure.
 *
 * Years that start in March end in the leap day, so that a month's start is a linear function of its number. */
#include "date.h"

#include <stdbool.h>
#include <string.h>

#include "bobbin/content.h"

#define YEAR_MAX         9999
#define SECONDS_MAX      253402300799 /* the end of that year */
#define DAYS_OF_400      146097       /* days of 400 years */
#define DAYS_BEFORE_1970 719468       /* days since 0000-03-01 */

static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
static const char months[] = "MarAprMayJunJulAugSepOctNovDecJanFeb";

static void two_digits(char *out, uint32_t value)
{
    out[0] = (char)('0' + value / 10 % 10);
    out[1] = (char)('0' + value % 10);
}

void date_format(int64_t seconds, char *out)
{
    uint64_t since_1970 = (uint64_t)seconds;
    uint32_t day = (uint32_t)(since_1970 / 86400), second = (uint32_t)(since_1970 % 86400);
    uint32_t since = day + DAYS_BEFORE_1970;
    uint32_t era = since / DAYS_OF_400, of_era = since % DAYS_OF_400;
    uint32_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint32_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t month = (5 * of_year + 2) / 153; /* 0 is March */
    uint32_t of_month = of_year - (153 * month + 2) / 5 + 1;
    uint32_t year = era * 400 + year_of_era + (month >= 10);

    memcpy(out, "Thu, 01 Jan 1970 00:00:00 GMT", DATE_LENGTH);
    memcpy(out, days + day % 7 * 3, 3);
    two_digits(out + 5, of_month);
    memcpy(out + 8, months + month * 3, 3);
    two_digits(out + 12, year / 100);
    two_digits(out + 14, year % 100);
    two_digits(out + 17, second / 3600);
    two_digits(out + 20, second / 60 % 60);
    two_digits(out + 23, second % 60);
}

struct moment {
    uint32_t year, month, day, hour, minute, second; /* month: 0 is March; day: from 1 */
    bool short_year;                                 /* only the year's last two digits are known */
};

static bool is_in_calendar(const struct moment *moment)
{
    uint32_t year = moment->year;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    uint32_t last = moment->month % 5 == 1 || moment->month % 5 == 3 ? 30 : 31;
    if (moment->month == 11)
        last = leap ? 29 : 28;
    return moment->day >= 1 && moment->day <= last && moment->hour < 24 && moment->minute < 60 &&
           moment->second <= 60;
}

static int64_t seconds_of(const struct moment *moment, uint32_t years_earlier)
{
    /* 400 years more, so that none of these goes below zero. */
    uint32_t year = moment->year + 400 - years_earlier - (moment->month >= 10);
    uint32_t of_year = (153 * moment->month + 2) / 5 + moment->day - 1;
    uint32_t since = 365 * year + year / 4 - year / 100 + year / 400 + of_year;
    int64_t day = (int64_t)since - DAYS_OF_400 - DAYS_BEFORE_1970;
    return day * 86400 + moment->hour * 3600 + moment->minute * 60 + moment->second;
}

/* Finds the year's century. */
static void complete_year(struct moment *moment, int64_t now)
{
    if (now < 0) {
        moment->year += moment->year >= 70 ? 1900 : 2000;
        return;
    }
    now = now < SECONDS_MAX ? now : SECONDS_MAX;
    uint32_t about = 1970 + (uint32_t)((uint64_t)now / 31556952); /* a Gregorian year's mean: at most one off */
    moment->year += (about / 100 + 1) * 100;
    while (moment->year > YEAR_MAX || seconds_of(moment, 50) > now)
        moment->year -= 100;
}

/* Takes `digits` digits off the front. */
static bool take_digits(struct bobbin_span *text, size_t digits, uint32_t *value)
{
    if (text->length < digits)
        return false;
    *value = 0;
    for (size_t i = 0; i < digits; i++) {
        if (text->data[i] < '0' || text->data[i] > '9')
            return false;
        *value = *value * 10 + (uint32_t)(text->data[i] - '0');
    }
    text->data += digits;
    text->length -= digits;
    return true;
}

static bool take_text(struct bobbin_span *text, const char *expected, size_t length)
{
    if (text->length < length || memcmp(text->data, expected, length) != 0)
        return false;
    text->data += length;
    text->length -= length;
    return true;
}

static bool take_weekday(struct bobbin_span *text, bool whole)
{
    static const char rests[7][7] = {"rsday", "day", "urday", "day", "day", "sday", "nesday"};
    for (size_t i = 0; i < 7; i++)
        if (take_text(text, days + i * 3, 3))
            return !whole || take_text(text, rests[i], strlen(rests[i]));
    return false;
}

static bool take_month(struct bobbin_span *text, uint32_t *month)
{
    for (*month = 0; *month < 12; ++*month)
        if (take_text(text, months + *month * 3, 3))
            return true;
    return false;
}

/* Takes off the front what a letter of a form stands for: see date_parse. */
static bool take_part(struct bobbin_span *text, char part, struct moment *moment)
{
    switch (part) {
    case 'w':
    case 'l':
        return take_weekday(text, part == 'l');
    case 'e':
        return take_text(text, " ", 1) ? take_digits(text, 1, &moment->day) : take_digits(text, 2, &moment->day);
    case 'd':
        return take_digits(text, 2, &moment->day);
    case 'b':
        return take_month(text, &moment->month);
    case 'z':
        moment->short_year = true;
        return take_digits(text, 2, &moment->year);
    case 'y':
        return take_digits(text, 4, &moment->year);
    case 'h':
        return take_digits(text, 2, &moment->hour);
    case 'i':
        return take_digits(text, 2, &moment->minute);
    case 's':
        return take_digits(text, 2, &moment->second);
    default:
        return take_text(text, &part, 1);
    }
}

static bool has_form(struct bobbin_span text, const char *form, struct moment *moment)
{
    for (; *form != '\0'; form++)
        if (!take_part(&text, *form, moment))
            return false;
    return text.length == 0;
}

int64_t date_parse(struct bobbin_span text, int64_t now)
{
    /* w, l: a weekday in short, in full; d, e: the day, with a zero or a space before a single digit; b: month;
     * y, z: the year, its last two digits; h, i, s: the time; all else is what it is. */
    static const char forms[3][24] = {"w, d b y h:i:s GMT", "l, d-b-z h:i:s GMT", "w b e h:i:s y"};
    for (size_t i = 0; i < 3; i++) {
        struct moment moment = {.short_year = false};
        if (!has_form(text, forms[i], &moment))
            continue;
        if (moment.short_year)
            complete_year(&moment, now);
        return is_in_calendar(&moment) ? seconds_of(&moment, 0) : BOBBIN_TIME_UNKNOWN;
    }
    return BOBBIN_TIME_UNKNOWN;
}
