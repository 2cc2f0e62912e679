/* core/form.c: values of queries and forms. */
#include <string.h>

#include "bobbin/exchange.h"
#include "guarded.h"
#include "unit.h"

static struct guarded guarded_in, guarded_out;

struct form_row {
    const char *claim;
    struct bobbin_span text;
    const char *name;
    const char *value; /* NULL: `error` */
    int error;
};

static const struct form_row rows[] = {
    {"value_of_only_pair", SPAN("a=1"), "a", "1", 0},
    {"value_of_later_pair", SPAN("a=1&b=22&c=3"), "b", "22", 0},
    {"value_of_last_pair", SPAN("a=1&b=2"), "b", "2", 0},
    {"value_is_decoded", SPAN("a=%41+b%2B%26%3d"), "a", "A b+&=", 0},
    {"value_keeps_second_equals_sign", SPAN("a=b=c"), "a", "b=c", 0},
    {"value_may_be_empty", SPAN("a=&b=1"), "a", "", 0},
    {"value_may_be_empty_at_end", SPAN("b=1&a="), "a", "", 0},
    {"value_without_equals_sign_is_empty", SPAN("a&b"), "b", "", 0},
    {"value_of_several_is_the_first", SPAN("a=1&a=2"), "a", "1", 0},
    {"value_passes_over_empty_pairs", SPAN("&&a=1&"), "a", "1", 0},
    {"name_is_decoded", SPAN("%61+b%2B=1"), "a b+", "1", 0},
    {"name_may_hold_encoded_equals_sign", SPAN("a%3Db=1"), "a=b", "1", 0},
    {"name_compares_with_case", SPAN("A=1&a=2"), "a", "2", 0},
    {"name_with_high_bytes", SPAN("%c3%a9=1"), "\xc3\xa9", "1", 0},
    {"name_may_be_empty", SPAN("=1"), "", "1", 0},
    {"name_is_no_prefix", SPAN("ab=1&a=2"), "a", "2", 0},
    {"name_has_no_prefix", SPAN("a=1&ab=2"), "ab", "2", 0},
    {"name_does_not_match_inside_values", SPAN("x=a=1"), "a", NULL, BOBBIN_NOT_FOUND},
    {"name_of_nothing_is_not_found", SPAN(""), "a", NULL, BOBBIN_NOT_FOUND},
    {"empty_name_is_not_in_empty_pairs", SPAN("&&"), "", NULL, BOBBIN_NOT_FOUND},
    {"semicolon_does_not_separate", SPAN("b=1;a=2"), "a", NULL, BOBBIN_NOT_FOUND},
    {"name_with_bad_escape_is_passed_over", SPAN("a%=1&a%4=2&a%zz=3&a=4"), "a", "4", 0},
    {"name_with_digits_of_0_is_decoded", SPAN("%50%0a=1"), "P\n", "1", 0},
    {"name_ends_in_a_short_escape", SPAN("a%4"), "aD", NULL, BOBBIN_NOT_FOUND},
    {"name_ends_in_a_percent_sign", SPAN("a%"), "a\x0f", NULL, BOBBIN_NOT_FOUND},
    {"name_with_half_an_escape_is_no_other", SPAN("a%4g=1"), "a?", NULL, BOBBIN_NOT_FOUND},
    {"name_with_nul_is_passed_over", SPAN("a%00=1&a\0=2&a=3"), "a", "3", 0},
    {"value_with_bad_escape_is_malformed", SPAN("a=%4"), "a", NULL, BOBBIN_MALFORMED},
    {"value_with_escape_across_pairs_is_malformed", SPAN("a=%4&1=2"), "a", NULL, BOBBIN_MALFORMED},
    {"value_with_encoded_nul_is_malformed", SPAN("a=b%00c"), "a", NULL, BOBBIN_MALFORMED},
    {"bad_escape_elsewhere_does_not_matter", SPAN("b=%&a=1"), "a", "1", 0},
};

static void check_row(void **state)
{
    const struct form_row *row = *state;
    struct bobbin_span text = {guarded_copy(&guarded_in, row->text.data, row->text.length), row->text.length};
    if (row->value == NULL) {
        assert_int_equal(bobbin_value(text, row->name, guarded_room(&guarded_out, 32), 32), row->error);
        return;
    }
    size_t length = strlen(row->value);
    char *out = guarded_room(&guarded_out, length + 1);
    assert_int_equal(bobbin_value(text, row->name, out, length + 1), length);
    assert_string_equal(out, row->value);
    assert_int_equal(bobbin_value(text, row->name, guarded_room(&guarded_out, length), length), BOBBIN_TOO_BIG);
}

int main(void)
{
    guarded_open(&guarded_in);
    guarded_open(&guarded_out);
    int failed = unit_run_rows("form", rows, ROWS(rows), sizeof rows[0], check_row);
    guarded_close(&guarded_in);
    guarded_close(&guarded_out);
    return failed;
}
