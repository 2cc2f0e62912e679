/* core/ranges.c: what a Range asks for, by content of some length. */
#include "ranges.h"

#include <stdio.h>
#include <string.h>

#include "guarded.h"
#include "unit.h"

static struct guarded guarded;

struct row {
    const char *name;
    struct bobbin_span value;
    uint64_t length;
    const char *expected; /* "first+length ..." or "all", "none" */
};

#define FAR  "18446744073709551615" /* the last that 64 bits hold */
#define OVER "18446744073709551616" /* one more */

static const struct row rows[] = {
    {"range_of_first_bytes", SPAN("bytes=0-499"), 10000, "0+500"},
    {"range_in_the_middle", SPAN("bytes=500-999"), 10000, "500+500"},
    {"range_of_last_bytes", SPAN("bytes=-500"), 10000, "9500+500"},
    {"range_without_end", SPAN("bytes=9500-"), 10000, "9500+500"},
    {"range_of_one_byte", SPAN("bytes=0-0"), 10000, "0+1"},
    {"range_of_last_byte_by_number", SPAN("bytes=9999-9999"), 10000, "9999+1"},
    {"range_of_all_is_a_range", SPAN("bytes=0-"), 10000, "0+10000"},
    {"range_of_all_by_suffix_is_a_range", SPAN("bytes=-10000"), 10000, "0+10000"},
    {"range_of_all_beside_one_outside_is_a_range", SPAN("bytes=0-,10000-"), 10000, "0+10000"},
    {"range_ends_with_the_content", SPAN("bytes=9990-20000"), 10000, "9990+10"},
    {"range_ends_with_the_content_by_one", SPAN("bytes=9990-10000"), 10000, "9990+10"},
    {"suffix_longer_than_content_is_all_of_it", SPAN("bytes=-20000"), 10000, "0+10000"},
    {"unit_in_any_case", SPAN("BYteS=1-2"), 10000, "1+2"},
    {"numbers_may_have_leading_zeros", SPAN("bytes=00000000000000000000000001-0002"), 10000, "1+2"},
    {"space_around_elements", SPAN("bytes= 0-0 \t,\t 9999-9999"), 10000, "0+1 9999+1"},
    {"empty_elements_are_passed_over", SPAN("bytes=,,1-2, ,"), 10000, "1+2"},

    {"several_keep_the_order_asked_for", SPAN("bytes=5000-5009,0-9,-10"), 10000, "5000+10 0+10 9990+10"},
    {"rfc9110_example", SPAN("bytes= 0-999, 4500-5499, -1000"), 10000, "0+1000 4500+1000 9000+1000"},
    {"overlapping_become_one", SPAN("bytes=500-700,601-999"), 10000, "500+500"},
    {"touching_become_one", SPAN("bytes=500-600,601-999"), 10000, "500+500"},
    {"same_become_one", SPAN("bytes=5-9,5-9"), 10000, "5+5"},
    {"inner_goes_into_outer", SPAN("bytes=500-999,600-700"), 10000, "500+500"},
    {"outer_takes_inner", SPAN("bytes=600-700,500-999"), 10000, "500+500"},
    {"gap_of_95_becomes_one", SPAN("bytes=0-9,105-109"), 10000, "0+110"},
    {"gap_of_95_backwards_becomes_one", SPAN("bytes=105-109,0-9"), 10000, "0+110"},
    {"gap_of_96_stays", SPAN("bytes=0-9,106-109"), 10000, "0+10 106+4"},
    {"joined_stands_where_the_first_was", SPAN("bytes=1000-1009,5000-5009,1010-1019"), 10000, "1000+20 5000+10"},
    {"joined_reaches_another_in_turn", SPAN("bytes=0-9,500-509,200-209,10-410"), 10000, "0+510"},
    {"joined_by_the_last_between_two", SPAN("bytes=5000-5009,200-209,0-9,100-109"), 10000, "5000+10 0+210"},
    {"ten_are_taken",
     SPAN("bytes=0-0,200-200,400-400,600-600,800-800,1000-1000,1200-1200,1400-1400,1600-1600,1800-1800"), 10000,
     "0+1 200+1 400+1 600+1 800+1 1000+1 1200+1 1400+1 1600+1 1800+1"},
    {"ten_backwards_are_taken",
     SPAN("bytes=900-900,800-800,700-700,600-600,500-500,400-400,300-300,200-200,100-100,-1"), 10000,
     "900+1 800+1 700+1 600+1 500+1 400+1 300+1 200+1 100+1 9999+1"},
    {"ten_same_are_one", SPAN("bytes=1-1,1-1,1-1,1-1,1-1,1-1,1-1,1-1,1-1,1-1"), 10000, "1+1"},
    {"eleven_are_too_many", SPAN("bytes=1-1,1-1,1-1,1-1,1-1,1-1,1-1,1-1,1-1,1-1,1-1"), 10000, "all"},
    {"eleven_outside_are_too_many", SPAN("bytes=9-,9-,9-,9-,9-,9-,9-,9-,9-,9-,9-"), 5, "all"},
    {"those_outside_are_left_out", SPAN("bytes=20000-,5-9,10000-10001,-0"), 10000, "5+5"},
    {"several_that_come_to_all_are_all", SPAN("bytes=0-4999,5000-9999"), 10000, "all"},
    {"several_that_overlap_to_all_are_all", SPAN("bytes=5000-,0-,-1"), 10000, "all"},
    {"several_that_nearly_touch_to_all_are_all", SPAN("bytes=0-0,-1"), 97, "all"},
    {"several_that_leave_a_byte_are_some", SPAN("bytes=0-4999,5000-9998"), 10000, "0+9999"},

    {"outside_is_none", SPAN("bytes=10000-"), 10000, "none"},
    {"outside_with_end_is_none", SPAN("bytes=10000-10000"), 10000, "none"},
    {"all_outside_are_none", SPAN("bytes=10000-,20000-30000"), 10000, "none"},
    {"suffix_of_0_is_none", SPAN("bytes=-0"), 10000, "none"},
    {"empty_content_has_no_first_byte", SPAN("bytes=0-"), 0, "none"},
    {"empty_content_has_no_range", SPAN("bytes=0-0,5-9"), 0, "none"},
    {"empty_content_is_its_own_suffix", SPAN("bytes=-5"), 0, "all"},
    {"empty_content_is_its_own_suffix_after_a_range", SPAN("bytes=0-,-5"), 0, "all"},
    {"content_of_one_byte", SPAN("bytes=0-"), 1, "0+1"},

    {"content_over_4_gib", SPAN("bytes=4294967296-4294967297"), 5368709120, "4294967296+2"},
    {"content_over_4_gib_by_suffix", SPAN("bytes=-1"), 5368709120, "5368709119+1"},
    {"content_of_64_bits", SPAN("bytes=0-" FAR), UINT64_MAX, "0+" FAR},
    {"content_of_64_bits_last_byte", SPAN("bytes=18446744073709551614-"), UINT64_MAX, "18446744073709551614+1"},
    {"content_of_64_bits_two_ends", SPAN("bytes=-1,0-0"), UINT64_MAX, "18446744073709551614+1 0+1"},
    {"first_of_64_bits_is_none", SPAN("bytes=" FAR "-"), UINT64_MAX, "none"},
    {"first_of_more_is_none", SPAN("bytes=" OVER "-"), UINT64_MAX, "none"},
    {"last_of_more_ends_with_the_content", SPAN("bytes=1-" OVER), 10, "1+9"},
    {"last_of_100_digits_ends_with_the_content",
     SPAN("bytes=1-"
          "9999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999"),
     10, "1+9"},
    {"suffix_of_more_is_all", SPAN("bytes=-" OVER), 10, "0+10"},
    {"suffix_of_multiples_of_64_bits_is_all", SPAN("bytes=-36893488147419103232"), 10, "0+10"},

    {"empty_is_ignored", SPAN(""), 10000, "all"},
    {"unit_alone_is_ignored", SPAN("bytes"), 10000, "all"},
    {"no_range_is_ignored", SPAN("bytes="), 10000, "all"},
    {"list_of_nothing_is_ignored", SPAN("bytes=, ,"), 10000, "all"},
    {"other_unit_is_ignored", SPAN("lines=0-9"), 10000, "all"},
    {"longer_unit_is_ignored", SPAN("bytess=0-9"), 10000, "all"},
    {"space_before_equals_is_ignored", SPAN("bytes =0-9"), 10000, "all"},
    {"no_equals_is_ignored", SPAN("bytes 0-9"), 10000, "all"},
    {"content_range_is_ignored", SPAN("bytes 0-9/100"), 10000, "all"},
    {"dash_alone_is_ignored", SPAN("bytes=-"), 10000, "all"},
    {"number_alone_is_ignored", SPAN("bytes=5"), 10000, "all"},
    {"last_before_first_is_ignored", SPAN("bytes=9-5"), 10000, "all"},
    {"last_before_first_outside_is_ignored", SPAN("bytes=20000-10000"), 10, "all"},
    {"one_bad_makes_all_ignored", SPAN("bytes=0-9,9-5"), 10000, "all"},
    {"bad_after_ten_is_ignored", SPAN("bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8,9-9,x"), 10000, "all"},
    {"two_dashes_are_ignored", SPAN("bytes=0--9"), 10000, "all"},
    {"negative_first_is_ignored", SPAN("bytes=-5-9"), 10000, "all"},
    {"three_numbers_are_ignored", SPAN("bytes=0-5-9"), 10000, "all"},
    {"sign_is_ignored", SPAN("bytes=+0-9"), 10000, "all"},
    {"space_inside_is_ignored", SPAN("bytes=0 -9"), 10000, "all"},
    {"space_behind_dash_is_ignored", SPAN("bytes=0- 9"), 10000, "all"},
    {"hexadecimal_is_ignored", SPAN("bytes=0x0-9"), 10000, "all"},
    {"letters_are_ignored", SPAN("bytes=a-b"), 10000, "all"},
    {"semicolons_are_ignored", SPAN("bytes=0-9;20-29"), 10000, "all"},
    {"nul_is_ignored", SPAN("bytes=0-9\0"), 10000, "all"},
    {"bytes_next_to_digits_are_ignored", SPAN("bytes=0-:"), 10000, "all"},
};

static void check(void **state)
{
    const struct row *row = *state;
    struct ranges ranges;
    char text[512] = "";
    struct bobbin_span value = {guarded_copy(&guarded, row->value.data, row->value.length), row->value.length};
    enum ranges_result result = ranges_parse(value, row->length, &ranges);
    size_t n = 0;
    if (result != RANGES_SOME)
        n = (size_t)snprintf(text, sizeof text, "%s ", result == RANGES_ALL ? "all" : "none");
    for (size_t i = 0; result == RANGES_SOME && i < ranges.count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%llu+%llu ", (unsigned long long)ranges.at[i].first,
                              (unsigned long long)ranges.at[i].length);
    assert_true(n > 0);
    text[n - 1] = '\0';
    assert_string_equal(text, row->expected);
}

int main(void)
{
    guarded_open(&guarded);
    int failed = unit_run_rows("ranges", rows, ROWS(rows), sizeof rows[0], check);
    guarded_close(&guarded);
    return failed;
}
