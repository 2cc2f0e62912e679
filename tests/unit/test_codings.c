/* core/codings.c: what Accept-Encoding says of gzip, br and identity. */
#include "codings.h"

#include "heads.h"
#include "unit.h"

struct row {
    const char *name;
    const char *lines;
    int gzip, br, identity;
};

#define ACCEPT      "Accept-Encoding: "
#define LINE(value) ACCEPT value "\r\n"

static const struct row rows[] = {
    {"without_the_field_nothing_is_encoded", "", 0, 0, 1000},
    {"empty_field_takes_no_coding", LINE(""), 0, 0, 1},
    {"one_coding", LINE("gzip"), 1000, 0, 1},
    {"as_browsers_send_it", LINE("gzip, deflate, br, zstd"), 1000, 1000, 1},
    {"coding_in_any_case", LINE("GZip, BR"), 1000, 1000, 1},
    {"field_in_any_case", "accept-ENCODING: gzip\r\n", 1000, 0, 1},
    {"lines_count_as_one_list", LINE("deflate") "A: b\r\n" LINE("br;q=0.5") LINE("") LINE("gzip"), 1000, 500, 1},
    {"empty_elements_are_passed_over", LINE(",, gzip ,\t, br,"), 1000, 1000, 1},
    {"x_gzip_is_gzip", LINE("x-gzip;q=0.3"), 300, 0, 1},
    {"x_gzip_in_any_case", LINE("X-GZIP"), 1000, 0, 1},
    {"other_names_are_others", LINE("gzi, gzipp, b, x-br, gzip-br"), 0, 0, 1},
    {"first_of_two_counts", LINE("gzip;q=0.2, gzip;q=0.8, x-gzip"), 200, 0, 1},

    {"star_is_all_that_is_not_named", LINE("*"), 1000, 1000, 1000},
    {"star_with_weight", LINE("gzip, *;q=0.1"), 1000, 100, 100},
    {"star_before_others", LINE("*;q=0.1, gzip"), 1000, 100, 100},
    {"star_on_another_line", LINE("br;q=0.9") LINE("*;q=0"), 0, 900, 0},
    {"star_of_0_forbids_identity", LINE("*;q=0"), 0, 0, 0},
    {"star_of_0_spares_identity_where_named", LINE("*;q=0, identity;q=0.5"), 0, 0, 500},
    {"identity_refused", LINE("gzip, identity;q=0"), 1000, 0, 0},
    {"identity_weighed", LINE("identity; q=0.25, gzip;q=0.75"), 750, 0, 250},
    {"refused_coding", LINE("gzip;q=0, br"), 0, 1000, 1},
    {"refused_coding_is_not_the_stars", LINE("gzip;q=0, *"), 0, 1000, 1000},

    {"weight_of_1", LINE("gzip;q=1, br;q=1."), 1000, 1000, 1},
    {"weight_of_1_with_zeros", LINE("gzip;q=1.0, br;q=1.000"), 1000, 1000, 1},
    {"weight_of_0_with_zeros", LINE("gzip;q=0., br;q=0.000, *"), 0, 0, 1000},
    {"weight_of_one_digit", LINE("gzip;q=0.9, br;q=0.1"), 900, 100, 1},
    {"weight_of_two_digits", LINE("gzip;q=0.95, br;q=0.01"), 950, 10, 1},
    {"weight_of_three_digits", LINE("gzip;q=0.999, br;q=0.001"), 999, 1, 1},
    {"weight_in_upper_case", LINE("gzip;Q=0.5"), 500, 0, 1},
    {"weight_with_space_around", LINE("gzip \t;\t q=0.5 , br"), 500, 1000, 1},

    {"bad_weight_is_0_of_two_digits_before_the_point", LINE("gzip;q=10, br;q=00"), 0, 0, 1},
    {"bad_weight_is_0_above_1", LINE("gzip;q=1.001, br;q=2"), 0, 0, 1},
    {"bad_weight_is_0_of_four_digits", LINE("gzip;q=0.5000, br;q=1.0000"), 0, 0, 1},
    {"bad_weight_is_0_without_leading_digit", LINE("gzip;q=.5, br;q=."), 0, 0, 1},
    {"bad_weight_is_0_where_empty", LINE("gzip;q=, br;q"), 0, 0, 1},
    {"bad_weight_is_0_where_nothing_follows", LINE("gzip;, br;"), 0, 0, 1},
    {"bad_weight_is_0_of_letters", LINE("gzip;q=a, br;q=0.a"), 0, 0, 1},
    {"bad_weight_is_0_of_a_sign", LINE("gzip;q=-1, br;q=+1"), 0, 0, 1},
    {"bad_weight_is_0_of_two_points", LINE("gzip;q=0..5, br;q=1.0.0"), 0, 0, 1},
    {"bad_weight_is_0_of_space_at_equals", LINE("gzip;q =0.5, br;q= 0.5"), 0, 0, 1},
    {"bad_weight_is_0_of_quotes", LINE("gzip;q=\"0.5\", br;q=0,5"), 0, 0, 1},
    {"bad_weight_is_0_of_other_parameters", LINE("gzip;level=9, br;q=0.5;x=y"), 0, 0, 1},
    {"bad_weight_is_0_of_star", LINE("*;q=x"), 0, 0, 0},
};

static void check(void **state)
{
    const struct row *row = *state;
    struct http_parser parser;
    const char *head = head_with(&parser, row->lines);
    assert_int_equal(codings_weight(&parser, head, "gzip"), row->gzip);
    assert_int_equal(codings_weight(&parser, head, "br"), row->br);
    assert_int_equal(codings_weight(&parser, head, "identity"), row->identity);
}

int main(void)
{
    heads_open();
    int failed = unit_run_rows("codings", rows, ROWS(rows), sizeof rows[0], check);
    heads_close();
    return failed;
}
