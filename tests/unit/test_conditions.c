/* core/conditions.c: If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, If-Range. */
#include "conditions.h"

#include <string.h>

#include "bobbin/content.h"
#include "guarded.h"
#include "heads.h"
#include "unit.h"

static struct guarded guarded;

#define NOW   784111777LL /* Sun, 06 Nov 1994 08:49:37 GMT */
#define THEN  (NOW - 10)  /* when the content changed last */
#define NEVER BOBBIN_TIME_UNKNOWN

/* IMF-fixdates by the seconds' last two digits: the content changed at 27. */
#define AT(second) "Sun, 06 Nov 1994 08:49:" #second " GMT"

#define MATCH(list)      "If-Match: " list "\r\n"
#define NONE_MATCH(list) "If-None-Match: " list "\r\n"
#define MODIFIED(date)   "If-Modified-Since: " date "\r\n"
#define UNMODIFIED(date) "If-Unmodified-Since: " date "\r\n"
#define RANGE(validator) "If-Range: " validator "\r\n"

struct row {
    const char *name;
    const char *lines;
    const char *etag;
    int64_t modified, now;
    int expected;
};

#define STRONG "\"a\"", THEN, NOW
#define WEAK   "W/\"a\"", THEN, NOW
#define DATED  "", THEN, NOW
#define TAGGED "\"a\"", NEVER, NOW

static const struct row rows[] = {
    {"no_condition_goes_on", "", STRONG, 0},

    {"match_of_same_goes_on", MATCH("\"a\""), STRONG, 0},
    {"match_of_another_is_412", MATCH("\"b\""), STRONG, 412},
    {"match_of_star_goes_on", MATCH("*"), STRONG, 0},
    {"match_of_star_needs_no_tag", MATCH("*"), DATED, 0},
    {"match_where_there_is_no_tag_is_412", MATCH("\"a\""), DATED, 412},
    {"match_in_a_list_goes_on", MATCH("\"b\", \"a\" ,\"c\""), STRONG, 0},
    {"match_outside_a_list_is_412", MATCH("\"b\", \"c\""), STRONG, 412},
    {"match_on_the_second_line_goes_on", MATCH("\"b\"") "A: b\r\n" MATCH("\"a\""), STRONG, 0},
    {"match_is_strong", MATCH("W/\"a\""), STRONG, 412},
    {"match_of_weak_content_is_412", MATCH("\"a\""), WEAK, 412},
    {"match_of_both_weak_is_412", MATCH("W/\"a\""), WEAK, 412},
    {"match_compares_case", MATCH("\"A\""), STRONG, 412},
    {"match_of_a_start_is_412", MATCH("\"\", \"ab\""), STRONG, 412},
    {"match_of_empty_list_is_412", MATCH(""), STRONG, 412},
    {"match_that_is_broken_is_412", MATCH("a"), STRONG, 412},
    {"match_broken_behind_the_same_is_412", MATCH("\"a\", b"), STRONG, 412},
    {"match_broken_on_another_line_is_412", MATCH("\"a\"") MATCH("\"b"), STRONG, 412},
    {"match_of_star_among_others_is_412", MATCH("*, \"a\""), STRONG, 412},
    {"match_of_star_on_another_line_is_412", MATCH("\"a\"") MATCH("*"), STRONG, 412},
    {"match_of_two_stars_is_412", MATCH("*, *"), STRONG, 412},

    {"unmodified_since_later_goes_on", UNMODIFIED(AT(28)), STRONG, 0},
    {"unmodified_since_same_goes_on", UNMODIFIED(AT(27)), STRONG, 0},
    {"unmodified_since_earlier_is_412", UNMODIFIED(AT(26)), STRONG, 412},
    {"unmodified_since_the_future_goes_on", UNMODIFIED(AT(59)), STRONG, 0},
    {"unmodified_needs_a_time_of_content", UNMODIFIED(AT(26)), TAGGED, 0},
    {"unmodified_since_no_date_goes_on", UNMODIFIED("yesterday"), STRONG, 0},
    {"unmodified_twice_goes_on", UNMODIFIED(AT(26)) UNMODIFIED(AT(26)), STRONG, 0},
    {"unmodified_beside_match_is_ignored", UNMODIFIED(AT(26)) MATCH("\"a\""), STRONG, 0},
    {"unmodified_does_not_heal_match", UNMODIFIED(AT(28)) MATCH("\"b\""), STRONG, 412},
    {"unmodified_beside_broken_match_is_ignored", UNMODIFIED(AT(28)) MATCH("b"), STRONG, 412},
    {"unmodified_in_rfc850", UNMODIFIED("Sunday, 06-Nov-94 08:49:26 GMT"), STRONG, 412},
    {"unmodified_in_asctime", UNMODIFIED("Sun Nov  6 08:49:26 1994"), STRONG, 412},

    {"none_match_of_same_is_304", NONE_MATCH("\"a\""), STRONG, 304},
    {"none_match_of_another_goes_on", NONE_MATCH("\"b\""), STRONG, 0},
    {"none_match_of_star_is_304", NONE_MATCH("*"), STRONG, 304},
    {"none_match_of_star_needs_no_tag", NONE_MATCH("*"), DATED, 304},
    {"none_match_where_there_is_no_tag_goes_on", NONE_MATCH("\"a\""), DATED, 0},
    {"none_match_in_a_list_is_304", NONE_MATCH("\"b\",\"a\""), STRONG, 304},
    {"none_match_on_the_third_line_is_304", NONE_MATCH("\"b\"") NONE_MATCH("") NONE_MATCH("\"a\""), STRONG, 304},
    {"none_match_is_weak", NONE_MATCH("W/\"a\""), STRONG, 304},
    {"none_match_of_weak_content_is_304", NONE_MATCH("\"a\""), WEAK, 304},
    {"none_match_of_both_weak_is_304", NONE_MATCH("W/\"a\""), WEAK, 304},
    {"none_match_of_weak_others_goes_on", NONE_MATCH("W/\"b\""), WEAK, 0},
    {"none_match_of_empty_list_goes_on", NONE_MATCH(""), STRONG, 0},
    {"none_match_of_empty_elements_is_304", NONE_MATCH(", ,\"a\",\t,"), STRONG, 304},
    {"none_match_of_tag_before_tab_is_304", NONE_MATCH("\"a\"\t,\"b\""), STRONG, 304},
    {"none_match_of_spaces_only_goes_on", NONE_MATCH(" , "), STRONG, 0},
    {"none_match_of_tag_with_comma_is_304", NONE_MATCH("\"x\", \"a,b\""), "\"a,b\"", THEN, NOW, 304},
    {"none_match_of_part_behind_comma_goes_on", NONE_MATCH("\"x,\"a\""), STRONG, 0},
    {"none_match_of_empty_tag_is_304", NONE_MATCH("\"\""), "\"\"", THEN, NOW, 304},
    {"none_match_of_high_bytes_is_304", NONE_MATCH("\"\x80\xff\""), "\"\x80\xff\"", THEN, NOW, 304},
    {"none_match_of_backslash_is_a_byte", NONE_MATCH("\"a\\\""), "\"a\\\"", THEN, NOW, 304},
    {"none_match_of_star_inside_a_tag_is_a_byte", NONE_MATCH("\"*\""), STRONG, 0},
    {"none_match_of_suffix_goes_on", NONE_MATCH("\"a-gzip\""), STRONG, 0},

    {"none_match_broken_by_no_quotes", NONE_MATCH("a"), STRONG, 0},
    {"none_match_broken_by_missing_quote", NONE_MATCH("\"a"), STRONG, 0},
    {"none_match_broken_by_one_quote", NONE_MATCH("\""), STRONG, 0},
    {"none_match_broken_by_space_inside", NONE_MATCH("\"a\", \"b c\""), STRONG, 0},
    {"none_match_broken_by_missing_comma", NONE_MATCH("\"a\" \"b\""), STRONG, 0},
    {"none_match_broken_by_w_in_lower_case", NONE_MATCH("w/\"a\""), STRONG, 0},
    {"none_match_broken_by_w_alone", NONE_MATCH("W/"), STRONG, 0},
    {"none_match_broken_by_w_without_slash", NONE_MATCH("W\"a\""), STRONG, 0},
    {"none_match_broken_by_space_behind_w", NONE_MATCH("W/ \"a\""), STRONG, 0},
    {"none_match_broken_by_semicolon", NONE_MATCH("\"a\";q=1"), STRONG, 0},
    {"none_match_broken_by_single_quotes", NONE_MATCH("'a'"), STRONG, 0},
    {"none_match_broken_by_tab_inside", NONE_MATCH("\"a\tb\", \"a\""), STRONG, 0},
    {"none_match_broken_by_star_among_others", NONE_MATCH("*, \"a\""), STRONG, 0},
    {"none_match_broken_by_star_with_more", NONE_MATCH("*a"), STRONG, 0},
    {"none_match_broken_on_another_line", NONE_MATCH("\"a\"") NONE_MATCH("b"), STRONG, 0},
    {"none_match_broken_takes_the_date_too", NONE_MATCH("a") MODIFIED(AT(27)), STRONG, 0},

    {"modified_since_same_is_304", MODIFIED(AT(27)), STRONG, 304},
    {"modified_since_later_is_304", MODIFIED(AT(28)), STRONG, 304},
    {"modified_since_earlier_goes_on", MODIFIED(AT(26)), STRONG, 0},
    {"modified_since_now_is_304", MODIFIED(AT(37)), STRONG, 304},
    {"modified_since_the_future_goes_on", MODIFIED(AT(38)), STRONG, 0},
    {"modified_since_the_future_is_304_without_clock", MODIFIED(AT(38)), "\"a\"", THEN, -1, 304},
    {"modified_since_earlier_goes_on_without_clock", MODIFIED(AT(26)), "\"a\"", THEN, -1, 0},
    {"modified_since_earlier_than_the_epoch", MODIFIED("Wed, 31 Dec 1969 23:59:59 GMT"), "\"a\"", -1, NOW, 304},
    {"modified_needs_a_time_of_content", MODIFIED(AT(27)), TAGGED, 0},
    {"modified_since_no_date_goes_on", MODIFIED("0"), STRONG, 0},
    {"modified_since_nothing_goes_on", MODIFIED(""), STRONG, 0},
    {"modified_twice_goes_on", MODIFIED(AT(27)) MODIFIED(AT(27)), STRONG, 0},
    {"modified_with_length_goes_on", MODIFIED(AT(27) "; length=5"), STRONG, 0},
    {"modified_in_rfc850", MODIFIED("Sunday, 06-Nov-94 08:49:27 GMT"), STRONG, 304},
    {"modified_in_asctime", MODIFIED("Sun Nov  6 08:49:27 1994"), STRONG, 304},
    {"modified_beside_none_match_is_ignored", MODIFIED(AT(28)) NONE_MATCH("\"b\""), STRONG, 0},
    {"modified_beside_empty_none_match_is_ignored", MODIFIED(AT(28)) NONE_MATCH(""), STRONG, 0},
    {"modified_does_not_undo_none_match", MODIFIED(AT(26)) NONE_MATCH("\"a\""), STRONG, 304},

    {"match_goes_before_none_match", NONE_MATCH("\"a\"") MATCH("\"b\""), STRONG, 412},
    {"none_match_follows_match", NONE_MATCH("\"a\"") MATCH("\"a\""), STRONG, 304},
    {"unmodified_goes_before_none_match", NONE_MATCH("\"a\"") UNMODIFIED(AT(26)), STRONG, 412},
    {"modified_follows_unmodified", MODIFIED(AT(27)) UNMODIFIED(AT(27)), STRONG, 304},
    {"modified_follows_match", MODIFIED(AT(27)) MATCH("*"), STRONG, 304},
    {"names_in_any_case", "if-NONE-match: \"a\"\r\n", STRONG, 304},
    {"longer_names_are_others", "If-None-Matches: \"a\"\r\nX-If-Match: \"b\"\r\n", STRONG, 0},
    {"if_range_is_none_of_them", RANGE("\"b\""), STRONG, 0},
};

/* `expected`: whether a range is heeded. */
static const struct row range_rows[] = {
    {"range_holds_without_condition", "", STRONG, true},
    {"range_holds_by_tag", RANGE("\"a\""), STRONG, true},
    {"range_does_not_hold_by_another_tag", RANGE("\"b\""), STRONG, false},
    {"range_does_not_hold_by_weak_tag", RANGE("W/\"a\""), STRONG, false},
    {"range_does_not_hold_for_weak_content", RANGE("\"a\""), WEAK, false},
    {"range_does_not_hold_where_both_are_weak", RANGE("W/\"a\""), WEAK, false},
    {"range_does_not_hold_where_there_is_no_tag", RANGE("\"a\""), DATED, false},
    {"range_does_not_hold_by_a_list", RANGE("\"b\", \"a\""), STRONG, false},
    {"range_does_not_hold_by_star", RANGE("*"), STRONG, false},
    {"range_does_not_hold_by_two_lines", RANGE("\"a\"") RANGE("\"a\""), STRONG, false},
    {"range_does_not_hold_by_nothing", RANGE(""), STRONG, false},
    {"range_does_not_hold_by_tag_without_quotes", RANGE("a"), STRONG, false},
    {"range_holds_by_tag_without_clock", RANGE("\"a\""), "\"a\"", THEN, -1, true},
    {"range_holds_by_date", RANGE(AT(27)), STRONG, true},
    {"range_holds_by_rfc850_date", RANGE("Sunday, 06-Nov-94 08:49:27 GMT"), STRONG, true},
    {"range_holds_by_asctime_date", RANGE("Sun Nov  6 08:49:27 1994"), STRONG, true},
    {"range_does_not_hold_by_later_date", RANGE(AT(28)), STRONG, false},
    {"range_does_not_hold_by_earlier_date", RANGE(AT(26)), STRONG, false},
    {"range_does_not_hold_without_time_of_content", RANGE(AT(27)), TAGGED, false},
    {"range_does_not_hold_by_no_date_without_time_of_content", RANGE("yesterday"), TAGGED, false},
    {"range_does_not_hold_by_date_without_clock", RANGE(AT(27)), "\"a\"", THEN, -1, false},
    {"range_holds_a_second_after_the_change", RANGE(AT(27)), "\"a\"", THEN, THEN + 1, true},
    {"range_does_not_hold_in_the_second_of_the_change", RANGE(AT(27)), "\"a\"", THEN, THEN, false},
    {"range_does_not_hold_before_the_change", RANGE(AT(27)), "\"a\"", THEN, THEN - 1, false},
};

static struct validators validators_of(const struct row *row)
{
    size_t length = strlen(row->etag);
    const char *etag = guarded_copy(&guarded, row->etag, length);
    return (struct validators){.etag = {etag, length}, .modified = row->modified};
}

static void check(void **state)
{
    const struct row *row = *state;
    struct http_parser parser;
    struct validators validators = validators_of(row);
    const char *head = head_with(&parser, row->lines);
    assert_int_equal(conditions_check(&parser, head, &validators, row->now), row->expected);
}

static void check_range(void **state)
{
    const struct row *row = *state;
    struct http_parser parser;
    struct validators validators = validators_of(row);
    const char *head = head_with(&parser, row->lines);
    assert_int_equal(conditions_range_holds(&parser, head, &validators, row->now), row->expected);
}

static void etags_have_quotes_and_nothing_outside(void **state)
{
    static const struct bobbin_span good[] = {SPAN("\"\""), SPAN("\"a\""), SPAN("W/\"\""), SPAN("W/\"a\""),
                                              SPAN("\"!#,'*/\\~\x80\xff\"")};
    static const struct bobbin_span bad[] = {
        SPAN(""),         SPAN("\""),        SPAN("a"),
        SPAN("\"a"),      SPAN("a\""),       SPAN("W/"),
        SPAN("W/\""),     SPAN("W\"a\""),    SPAN("w/\"a\""),
        SPAN("W/a"),      SPAN("\"a\"b"),    SPAN("\"a\"\""),
        SPAN("\"a\",\""), SPAN(" \"a\""),    SPAN("\"a\" "),
        SPAN("\"a b\""),  SPAN("\"\t\""),    SPAN("\"\x7f\""),
        SPAN("\"\0\""),   SPAN("W/W/\"a\""), SPAN("\"a\", \"b\""),
        SPAN("*"),        SPAN("'a'"),       SPAN("\"\r\n\""),
    };
    (void)state;
    for (size_t i = 0; i < ROWS(good) + ROWS(bad); i++) {
        struct bobbin_span text = i < ROWS(good) ? good[i] : bad[i - ROWS(good)];
        text.data = guarded_copy(&guarded, text.data, text.length);
        assert_int_equal(conditions_is_etag(text), i < ROWS(good));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(etags_have_quotes_and_nothing_outside)};
    heads_open();
    guarded_open(&guarded);
    int failed = unit_run_rows("conditions", rows, ROWS(rows), sizeof rows[0], check);
    failed += unit_run_rows("If-Range", range_rows, ROWS(range_rows), sizeof range_rows[0], check_range);
    failed += cmocka_run_group_tests_name("entity tags", tests, NULL, NULL);
    guarded_close(&guarded);
    heads_close();
    return failed;
}
