/* core/file_path.c: which paths may become names of files, and which names can be asked for. */
#include "file_path.h"

#include <string.h>

#include "bobbin/error.h"
#include "guarded.h"
#include "unit.h"

static struct guarded guarded_in, guarded_out;

struct row {
    const char *name;
    struct bobbin_span rest;
    const char *path;           /* NULL: not found */
    const char *with_dot_files; /* the same where dot files are served */
};

#define BOTH(path) path, path
#define NONE       NULL, NULL

static const struct row rows[] = {
    {"path_of_a_file", SPAN("a.txt"), BOTH("a.txt")},
    {"path_in_folders", SPAN("a/b/c"), BOTH("a/b/c")},
    {"path_empty_is_the_folder", SPAN(""), BOTH("")},
    {"path_keeps_final_slash", SPAN("a/b/"), BOTH("a/b/")},
    {"path_with_spaces_and_marks", SPAN("a b!$&'()*+,;=:@~^`{}|[]?#<>\""), BOTH("a b!$&'()*+,;=:@~^`{}|[]?#<>\"")},
    {"path_with_dots_inside", SPAN("a.b./c.."), BOTH("a.b./c..")},
    {"path_with_a_space_at_the_end", SPAN("a "), BOTH("a ")},
    {"path_decodes_percent", SPAN("100%25/50%25x"), BOTH("100%/50%x")},
    {"path_decodes_percent_once", SPAN("%252e%252e/%252F"), BOTH("%2e%2e/%2F")},
    {"path_decodes_percent_once_before_25", SPAN("%2525"), BOTH("%25")},
    {"path_of_percents", SPAN("%25%25"), BOTH("%%")},
    {"path_of_percent_dots_is_a_name", SPAN("%25./%25.."), BOTH("%./%..")},

    {"utf8_of_two_bytes", SPAN("\xc3\xa9"), BOTH("\xc3\xa9")},
    {"utf8_first_of_two_bytes", SPAN("\xc2\x80"), BOTH("\xc2\x80")},
    {"utf8_last_of_two_bytes", SPAN("\xdf\xbf"), BOTH("\xdf\xbf")},
    {"utf8_first_of_three_bytes", SPAN("\xe0\xa0\x80"), BOTH("\xe0\xa0\x80")},
    {"utf8_before_surrogates", SPAN("\xed\x9f\xbf"), BOTH("\xed\x9f\xbf")},
    {"utf8_behind_surrogates", SPAN("\xee\x80\x80"), BOTH("\xee\x80\x80")},
    {"utf8_last_of_three_bytes", SPAN("\xef\xbf\xbf"), BOTH("\xef\xbf\xbf")},
    {"utf8_first_of_four_bytes", SPAN("\xf0\x90\x80\x80"), BOTH("\xf0\x90\x80\x80")},
    {"utf8_last_of_all", SPAN("\xf4\x8f\xbf\xbf"), BOTH("\xf4\x8f\xbf\xbf")},
    {"utf8_wide_dots_are_names", SPAN("\xef\xbc\x8e\xef\xbc\x8e/a"), BOTH("\xef\xbc\x8e\xef\xbc\x8e/a")},
    {"utf8_in_the_midst", SPAN("gr\xc3\xbc\xc3\x9f/\xe2\x82\xac.txt"), BOTH("gr\xc3\xbc\xc3\x9f/\xe2\x82\xac.txt")},

    {"dot_file", SPAN(".htpasswd"), NULL, ".htpasswd"},
    {"dot_file_in_a_folder", SPAN("a/.htpasswd"), NULL, "a/.htpasswd"},
    {"dot_folder", SPAN(".git/config"), NULL, ".git/config"},
    {"dot_folder_with_final_slash", SPAN("a/.git/"), NULL, "a/.git/"},
    {"dot_file_of_two_dots", SPAN("..a"), NULL, "..a"},
    {"dot_file_of_three_dots", SPAN("a/.../b"), NULL, "a/.../b"},
    {"dot_file_of_dot_and_space", SPAN(". /a"), NULL, ". /a"},
    {"dot_file_of_two_dots_and_space", SPAN(".. /a"), NULL, ".. /a"},
    {"dot_file_of_dots_and_percent", SPAN("..%25/a"), NULL, "..%/a"},
    {"dot_file_of_dots_and_semicolon", SPAN("..;/a"), NULL, "..;/a"},

    {"refuses_dot", SPAN("."), NONE},
    {"refuses_dots", SPAN(".."), NONE},
    {"refuses_dot_with_slash", SPAN("./"), NONE},
    {"refuses_dots_with_slash", SPAN("../"), NONE},
    {"refuses_dot_in_front", SPAN("./a"), NONE},
    {"refuses_dots_in_front", SPAN("../a"), NONE},
    {"refuses_dot_midway", SPAN("a/./b"), NONE},
    {"refuses_dots_midway", SPAN("a/../b"), NONE},
    {"refuses_dot_at_the_end", SPAN("a/."), NONE},
    {"refuses_dots_at_the_end", SPAN("a/.."), NONE},
    {"refuses_slash_in_front", SPAN("/a"), NONE},
    {"refuses_slash_alone", SPAN("/"), NONE},
    {"refuses_two_slashes_alone", SPAN("//"), NONE},
    {"refuses_two_slashes_midway", SPAN("a//b"), NONE},
    {"refuses_two_slashes_at_the_end", SPAN("a//"), NONE},
    {"refuses_encoded_slash", SPAN("a%2Fb"), NONE},
    {"refuses_encoded_slash_in_lower_case", SPAN("a%2fb"), NONE},
    {"refuses_climbing_by_encoded_slash", SPAN("..%2F..%2Fetc"), NONE},
    {"refuses_encoded_slash_alone", SPAN("%2F"), NONE},
    {"refuses_encoded_dot", SPAN("%2e"), NONE},
    {"refuses_other_escapes", SPAN("%41"), NONE},
    {"refuses_lone_percent", SPAN("a%"), NONE},
    {"refuses_cut_escape", SPAN("a%2"), NONE},
    {"refuses_backslash", SPAN("a\\b"), NONE},
    {"refuses_climbing_by_backslash", SPAN("..\\..\\etc"), NONE},
    {"refuses_nul", SPAN("a\0b"), NONE},
    {"refuses_nul_at_the_end", SPAN("a\0"), NONE},
    {"refuses_first_control", SPAN("a\x01"), NONE},
    {"refuses_newline", SPAN("a\nb"), NONE},
    {"refuses_carriage_return", SPAN("a\rb"), NONE},
    {"refuses_tab", SPAN("a\tb"), NONE},
    {"refuses_last_control", SPAN("\x1f"), NONE},
    {"refuses_delete", SPAN("a\x7f"), NONE},

    {"refuses_overlong_nul", SPAN("a\xc0\x80"), NONE},
    {"refuses_overlong_dot", SPAN("\xc0\xae\xc0\xae/a"), NONE},
    {"refuses_overlong_dot_of_three_bytes", SPAN("\xe0\x80\xae"), NONE},
    {"refuses_overlong_dot_of_four_bytes", SPAN("\xf0\x80\x80\xae"), NONE},
    {"refuses_overlong_slash",
     SPAN("a\xc0\xaf"
          "b"),
     NONE},
    {"refuses_overlong_last_of_one_byte", SPAN("\xc1\xbf"), NONE},
    {"refuses_overlong_last_of_two_bytes", SPAN("\xe0\x9f\xbf"), NONE},
    {"refuses_overlong_last_of_three_bytes", SPAN("\xf0\x8f\xbf\xbf"), NONE},
    {"refuses_first_surrogate", SPAN("\xed\xa0\x80"), NONE},
    {"refuses_last_surrogate", SPAN("\xed\xbf\xbf"), NONE},
    {"refuses_surrogate_pair", SPAN("\xed\xa0\xbd\xed\xb8\x80"), NONE},
    {"refuses_above_10ffff", SPAN("\xf4\x90\x80\x80"), NONE},
    {"refuses_lead_f5", SPAN("\xf5\x80\x80\x80"), NONE},
    {"refuses_five_bytes", SPAN("\xf8\x88\x80\x80\x80"), NONE},
    {"refuses_fe_and_ff", SPAN("\xfe\xff"), NONE},
    {"refuses_continuation_alone", SPAN("a\x80"), NONE},
    {"refuses_last_continuation_alone", SPAN("\xbf"), NONE},
    {"refuses_latin_1", SPAN("caf\xe9"), NONE},
    {"refuses_two_bytes_cut", SPAN("\xc3"), NONE},
    {"refuses_three_bytes_cut", SPAN("\xe2\x82"), NONE},
    {"refuses_four_bytes_cut", SPAN("\xf0\x9f\x98"), NONE},
    {"refuses_two_bytes_cut_by_a_slash", SPAN("\xc3/a"), NONE},
    {"refuses_three_bytes_cut_by_a_letter",
     SPAN("\xe2\x82"
          "a"),
     NONE},
    {"refuses_four_bytes_cut_by_a_letter",
     SPAN("\xf0\x9f\x98"
          "a"),
     NONE},
    {"refuses_three_bytes_cut_by_a_lead", SPAN("\xe2\x82\xc3\xa9"), NONE},
    {"refuses_utf_16", SPAN("a\0b\0"), NONE},
};

static void check_as(struct bobbin_span rest, bool dot_files, const char *path)
{
    struct bobbin_span in = {guarded_copy(&guarded_in, rest.data, rest.length), rest.length};
    char *out = guarded_room(&guarded_out, rest.length + 1);
    int length = file_path_make(in, dot_files, out);
    if (path == NULL) {
        assert_int_equal(length, BOBBIN_NOT_FOUND);
        return;
    }
    assert_int_equal(length, strlen(path));
    assert_string_equal(out, path);
    if (length == 0 || memchr(path, '/', (size_t)length) != NULL)
        return;
    in = (struct bobbin_span){guarded_copy(&guarded_in, path, (size_t)length), (size_t)length};
    assert_true(file_path_servable(in, dot_files));
}

static void check(void **state)
{
    const struct row *row = *state;
    check_as(row->rest, false, row->path);
    check_as(row->rest, true, row->with_dot_files);
    /* What is no path is no name, but for escapes, which a name may hold as they are. */
    struct bobbin_span in = {guarded_copy(&guarded_in, row->rest.data, row->rest.length), row->rest.length};
    if (row->with_dot_files == NULL && memchr(in.data, '%', in.length) == NULL)
        assert_false(file_path_servable(in, true));
    if (row->path == NULL && memchr(in.data, '%', in.length) == NULL)
        assert_false(file_path_servable(in, false));
}

static void names_hold_no_slash_and_are_not_empty(void **state)
{
    (void)state;
    assert_false(file_path_servable(SPAN_OF(""), true));
    assert_false(file_path_servable(SPAN_OF("a/b"), true));
    assert_false(file_path_servable(SPAN_OF("a/"), true));
    assert_true(file_path_servable(SPAN_OF("%2F"), true));
    assert_true(file_path_servable(SPAN_OF("100%"), true));
}

struct climb_row {
    const char *name;
    struct bobbin_span raw;
    bool climbs;
};

static const struct climb_row climb_rows[] = {
    {"climbs_plainly", SPAN("/.."), true},
    {"climbs_midway", SPAN("/a/../b"), true},
    {"climbs_at_the_end", SPAN("/a/b/.."), true},
    {"climbs_with_final_slash", SPAN("/a/../"), true},
    {"climbs_without_first_slash", SPAN("../a"), true},
    {"climbs_encoded", SPAN("/%2e%2e/a"), true},
    {"climbs_encoded_in_upper_case", SPAN("/%2E%2E/a"), true},
    {"climbs_encoded_in_either_case", SPAN("/%2e%2E"), true},
    {"climbs_half_encoded_first", SPAN("/%2e./a"), true},
    {"climbs_half_encoded_last", SPAN("/a/.%2e"), true},
    {"climbs_after_empty_segments", SPAN("//..//"), true},
    {"climbs_after_other_dots", SPAN("/.../../a"), true},
    {"climbs_not_where_empty", SPAN(""), false},
    {"climbs_not_by_slash", SPAN("/"), false},
    {"climbs_not_by_name", SPAN("/a/b.c"), false},
    {"climbs_not_by_one_dot", SPAN("/./a/."), false},
    {"climbs_not_by_one_encoded_dot", SPAN("/%2e/a"), false},
    {"climbs_not_by_three_dots", SPAN("/.../a"), false},
    {"climbs_not_by_three_encoded_dots", SPAN("/%2e%2e%2e"), false},
    {"climbs_not_by_dots_with_more", SPAN("/..a/a../a..b"), false},
    {"climbs_not_by_dots_across_a_slash", SPAN("/./."), false},
    {"climbs_not_by_doubly_encoded_dots", SPAN("/%252e%252e/a"), false},
    {"climbs_not_by_cut_escape", SPAN("/.%2"), false},
    {"climbs_not_by_lone_percent", SPAN("/.%"), false},
    {"climbs_not_by_other_escapes", SPAN("/%2f%2f/%5e%5e/%3e%3e"), false},
};

static void check_climb(void **state)
{
    const struct climb_row *row = *state;
    const char *in = guarded_copy(&guarded_in, row->raw.data, row->raw.length);
    assert_int_equal(file_path_climbs((struct bobbin_span){in, row->raw.length}), row->climbs);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_hold_no_slash_and_are_not_empty),
    };
    guarded_open(&guarded_in);
    guarded_open(&guarded_out);
    int failed = unit_run_rows("paths", rows, ROWS(rows), sizeof rows[0], check);
    failed += unit_run_rows("climbs", climb_rows, ROWS(climb_rows), sizeof climb_rows[0], check_climb);
    failed += cmocka_run_group_tests_name("names", tests, NULL, NULL);
    guarded_close(&guarded_in);
    guarded_close(&guarded_out);
    return failed;
}
