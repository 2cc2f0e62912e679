/* Seconds to IMF-fixdate, without the C library's time zones. Pure. */
#include "date.h"

#include <string.h>

static void two_digits(char *out, uint32_t value)
{
    out[0] = (char)('0' + value / 10 % 10);
    out[1] = (char)('0' + value % 10);
}

void date_format(int64_t seconds, char *out)
{
    static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
    static const char months[] = "MarAprMayJunJulAugSepOctNovDecJanFeb";
    uint32_t day = (uint32_t)(seconds / 86400), second = (uint32_t)(seconds % 86400);

    /* Years that start in March end in the leap day, so that a month's start is a linear function of its number. */
    uint32_t since = day + 719468;                          /* days since 0000-03-01 */
    uint32_t era = since / 146097, of_era = since % 146097; /* 400 years are 146,097 days */
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
