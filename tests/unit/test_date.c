/* core/date.c: dates to text and from it. */
#define _GNU_SOURCE
#include "date.h"

#include <string.h>
#include <time.h>

#include "bobbin/content.h"
#include "guarded.h"
#include "unit.h"

static struct guarded guarded;

#define NONE    BOBBIN_TIME_UNKNOWN
#define NOW     1795435200LL   /* 2026-11-23 12:00:00 */
#define UNKNOWN (-1LL)         /* the device does not know the time */
#define IN_2080 3489134400LL   /* 2080-07-25 12:00:00 */
#define EXAMPLE 784111777LL    /* of RFC 9110 §5.6.7 */
#define END     253402300799LL /* 9999-12-31 23:59:59 */

struct row {
    const char *name;
    struct bobbin_span text;
    int64_t now, seconds;
};

static const struct row rows[] = {
    {"date_imf_fixdate", SPAN("Sun, 06 Nov 1994 08:49:37 GMT"), NOW, EXAMPLE},
    {"date_imf_fixdate_of_the_epoch", SPAN("Thu, 01 Jan 1970 00:00:00 GMT"), NOW, 0},
    {"date_imf_fixdate_before_the_epoch", SPAN("Wed, 31 Dec 1969 23:59:59 GMT"), NOW, -1},
    {"date_imf_fixdate_first", SPAN("Sat, 01 Jan 0000 00:00:00 GMT"), NOW, -62167219200},
    {"date_imf_fixdate_last", SPAN("Fri, 31 Dec 9999 23:59:59 GMT"), NOW, END},
    {"date_imf_fixdate_needs_no_clock", SPAN("Sun, 06 Nov 1994 08:49:37 GMT"), UNKNOWN, EXAMPLE},
    {"date_weekday_may_be_wrong", SPAN("Mon, 06 Nov 1994 08:49:37 GMT"), NOW, EXAMPLE},
    {"date_leap_second_is_the_next_minute", SPAN("Sat, 31 Dec 2016 23:59:60 GMT"), NOW, 1483228800},
    {"date_leap_day", SPAN("Tue, 29 Feb 2000 12:34:56 GMT"), NOW, 951827696},
    {"date_rfc850", SPAN("Sunday, 06-Nov-94 08:49:37 GMT"), NOW, EXAMPLE},
    {"date_rfc850_without_clock_ends_1900s_at_70", SPAN("Thursday, 01-Jan-70 00:00:00 GMT"), UNKNOWN, 0},
    {"date_rfc850_without_clock_in_2069", SPAN("Tuesday, 31-Dec-69 23:59:59 GMT"), UNKNOWN, 3155759999},
    {"date_rfc850_of_this_century", SPAN("Monday, 23-Nov-26 12:00:00 GMT"), NOW, NOW},
    {"date_rfc850_50_years_ahead", SPAN("Monday, 23-Nov-76 12:00:00 GMT"), NOW, 3373358400},
    {"date_rfc850_more_than_50_years_ahead_was", SPAN("Monday, 23-Nov-76 12:00:01 GMT"), NOW, 217598401},
    {"date_rfc850_of_the_next_century", SPAN("Monday, 01-Jan-10 00:00:00 GMT"), IN_2080, 4417977600},
    {"date_rfc850_of_the_last_century", SPAN("Monday, 01-Jan-70 00:00:00 GMT"), 0, 0},
    {"date_rfc850_at_the_epoch_is_not_2025", SPAN("Monday, 01-Jan-25 00:00:00 GMT"), 0, -1420070400},
    {"date_rfc850_leap_day_of_2000", SPAN("Tuesday, 29-Feb-00 12:34:56 GMT"), NOW, 951827696},
    {"date_rfc850_with_a_clock_gone_wrong", SPAN("Friday, 31-Dec-99 23:59:59 GMT"), INT64_MAX, END},
    {"date_asctime", SPAN("Sun Nov  6 08:49:37 1994"), NOW, EXAMPLE},
    {"date_asctime_of_a_leading_zero", SPAN("Sun Nov 06 08:49:37 1994"), NOW, EXAMPLE},
    {"date_asctime_of_two_digits", SPAN("Wed Nov 16 08:49:37 1994"), NOW, EXAMPLE + 864000},

    {"date_refuses_empty", SPAN(""), NOW, NONE},
    {"date_refuses_day_0", SPAN("Sun, 00 Nov 1994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_day_32", SPAN("Sun, 32 Jan 1994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_february_30", SPAN("Sun, 30 Feb 2000 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_february_29_of_a_common_year", SPAN("Sun, 29 Feb 2001 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_february_29_of_1900", SPAN("Sun, 29 Feb 1900 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_rfc850_february_29_of_a_common_year", SPAN("Sunday, 29-Feb-01 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_april_31", SPAN("Sun, 31 Apr 2000 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_june_31", SPAN("Sun, 31 Jun 2000 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_september_31", SPAN("Sun, 31 Sep 2000 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_november_31", SPAN("Sun, 31 Nov 2000 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_hour_24", SPAN("Sun, 06 Nov 1994 24:00:00 GMT"), NOW, NONE},
    {"date_refuses_minute_60", SPAN("Sun, 06 Nov 1994 08:60:37 GMT"), NOW, NONE},
    {"date_refuses_second_61", SPAN("Sun, 06 Nov 1994 08:49:61 GMT"), NOW, NONE},
    {"date_refuses_weekday_that_is_none", SPAN("Sum, 06 Nov 1994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_month_that_is_none", SPAN("Sun, 06 Nob 1994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_month_across_two", SPAN("Sun, 06 rAp 1994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_weekday_in_lower_case", SPAN("sun, 06 Nov 1994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_month_in_upper_case", SPAN("Sun, 06 NOV 1994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_other_zone", SPAN("Sun, 06 Nov 1994 08:49:37 CET"), NOW, NONE},
    {"date_refuses_utc", SPAN("Sun, 06 Nov 1994 08:49:37 UTC"), NOW, NONE},
    {"date_refuses_offset", SPAN("Sun, 06 Nov 1994 08:49:37 +0000"), NOW, NONE},
    {"date_refuses_no_zone", SPAN("Sun, 06 Nov 1994 08:49:37"), NOW, NONE},
    {"date_refuses_what_follows", SPAN("Sun, 06 Nov 1994 08:49:37 GMT "), NOW, NONE},
    {"date_refuses_space_before", SPAN(" Sun, 06 Nov 1994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_two_spaces", SPAN("Sun,  6 Nov 1994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_one_digit_of_a_day", SPAN("Sun, 6 Nov 1994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_year_of_5_digits", SPAN("Sun, 06 Nov 11994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_year_of_2_digits", SPAN("Sun, 06 Nov 94 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_no_weekday", SPAN("06 Nov 1994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_full_weekday_of_imf", SPAN("Sunday, 06 Nov 1994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_letters_for_digits", SPAN("Sun, 06 Nov 199a 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_colon_for_a_digit", SPAN("Sun, 06 Nov 1994 0::49:37 GMT"), NOW, NONE},
    {"date_refuses_sign", SPAN("Sun, +6 Nov 1994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_nul", SPAN("Sun, 06 Nov 1994 08:49:37 GM\0"), NOW, NONE},
    {"date_refuses_rfc850_of_4_digits", SPAN("Sunday, 06-Nov-1994 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_rfc850_of_short_weekday", SPAN("Sun, 06-Nov-94 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_rfc850_without_zone", SPAN("Sunday, 06-Nov-94 08:49:37"), NOW, NONE},
    {"date_refuses_rfc850_day_0", SPAN("Sunday, 00-Mar-00 08:49:37 GMT"), NOW, NONE},
    {"date_refuses_asctime_with_zone", SPAN("Sun Nov  6 08:49:37 1994 GMT"), NOW, NONE},
    {"date_refuses_asctime_of_one_space", SPAN("Sun Nov 6 08:49:37 1994"), NOW, NONE},
    {"date_refuses_asctime_day_0", SPAN("Sun Nov  0 08:49:37 1994"), NOW, NONE},
    {"date_refuses_asctime_of_three_spaces", SPAN("Sun Nov   6 08:49:37 1994"), NOW, NONE},
    {"date_refuses_seconds_as_number", SPAN("784111777"), NOW, NONE},
    {"date_refuses_iso_8601", SPAN("1994-11-06T08:49:37Z"), NOW, NONE},
};

static int64_t parse(const char *text, size_t length, int64_t now)
{
    return date_parse((struct bobbin_span){guarded_copy(&guarded, text, length), length}, now);
}

static void check(void **state)
{
    const struct row *row = *state;
    assert_true(parse(row->text.data, row->text.length, row->now) == row->seconds);
    /* No part of its front is a date. */
    for (size_t length = 0; length < row->text.length && row->seconds != NONE; length++)
        assert_true(parse(row->text.data, length, row->now) == NONE);
}

static void assert_date(int64_t seconds, const char *expected)
{
    char *out = guarded_room(&guarded, DATE_LENGTH);
    date_format(seconds, out);
    assert_memory_equal(out, expected, DATE_LENGTH);
    assert_true(parse(expected, DATE_LENGTH, UNKNOWN) == seconds);
}

static void date_of_known_moments(void **state)
{
    (void)state;
    assert_date(0, "Thu, 01 Jan 1970 00:00:00 GMT");
    assert_date(784111777, "Sun, 06 Nov 1994 08:49:37 GMT"); /* RFC 9110 §5.6.7 */
    assert_date(951827696, "Tue, 29 Feb 2000 12:34:56 GMT");
    assert_date(2147483647, "Tue, 19 Jan 2038 03:14:07 GMT");
    assert_date(2147483648, "Tue, 19 Jan 2038 03:14:08 GMT");
    assert_date(4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"); /* 2100 has no leap day */
    assert_date(253402300799, "Fri, 31 Dec 9999 23:59:59 GMT");
}

/* Each day's last second, against the C library, in all forms. */
static void date_of_every_day_for_400_years(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 146097 + 366; day++) {
        time_t moment = (time_t)(day * 86400 + 86399);
        struct tm parts;
        char expected[64];
        assert_non_null(gmtime_r(&moment, &parts));
        assert_int_equal(strftime(expected, sizeof expected, "%a, %d %b %Y %H:%M:%S GMT", &parts), DATE_LENGTH);
        assert_date(moment, expected);
        size_t length = strftime(expected, sizeof expected, "%a %b %e %H:%M:%S %Y", &parts);
        assert_true(parse(expected, length, UNKNOWN) == moment);
        length = strftime(expected, sizeof expected, "%A, %d-%b-%y %H:%M:%S GMT", &parts);
        assert_true(parse(expected, length, moment) == moment);
    }
}

/* The window of 100 years moves with the clock: it ends 50 years ahead, to the second. */
static void date_of_two_digits_is_never_more_than_50_years_ahead(void **state)
{
    (void)state;
    for (int64_t year = 1970; year < 2400; year++) {
        struct tm parts = {.tm_year = (int)(year - 1900), .tm_mon = 5, .tm_mday = 15};
        char text[64];
        int64_t now = timegm(&parts);
        parts.tm_year += 50;
        int64_t latest = timegm(&parts);
        size_t length = strftime(text, sizeof text, "%A, %d-%b-%y %H:%M:%S GMT", &parts);
        assert_true(parse(text, length, now) == latest);
        parts.tm_year -= 100;
        int64_t earlier = timegm(&parts);
        assert_true(parse(text, length, now - 1) == earlier);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(date_of_known_moments),
        cmocka_unit_test(date_of_every_day_for_400_years),
        cmocka_unit_test(date_of_two_digits_is_never_more_than_50_years_ahead),
    };
    guarded_open(&guarded);
    int failed = unit_run_rows("date", rows, ROWS(rows), sizeof rows[0], check);
    failed += cmocka_run_group_tests_name("dates", tests, NULL, NULL);
    guarded_close(&guarded);
    return failed;
}
